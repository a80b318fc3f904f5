"""From the ink of a page to lines of glyphs: marks, the lines they stand in, touching digits cut apart."""

from inkwise.handwriting.segment.page import Glyph, Page, Recognise, segment_page

__all__ = ["Glyph", "Page", "Recognise", "segment_page"]
