"""Draw the two pictures of docs/explanation/loss.md from that page's own code: dev/loss_pictures.py."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.pages import ROOT, read_blocks

PAGE = ROOT / "docs" / "explanation" / "loss.md"
PICTURES = {"curve": "loss-of-confidence.png", "bars": "cross-entropy.png"}  # a name of the page's code each


def main() -> int:
    """Run the page's code, and write the figures that it makes."""
    from inkwise.figures.encode import to_png

    names: dict[str, Any] = {}
    for block in read_blocks(PAGE.read_text(encoding="utf-8")):
        if block.language == "python":
            exec(block.text, names)
    for name, file in PICTURES.items():
        path = ROOT / "docs" / "images" / file
        path.write_bytes(to_png(names[name]))
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
