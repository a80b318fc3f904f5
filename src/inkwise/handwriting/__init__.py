"""From a photo, scan or drawing of digits to the digits: ink, glyphs, their MNIST form, an answer."""
