"""Makes docs/workbook.png from the real demo: plays one round, prints the workbook with LibreOffice, cuts out a page.

Needs `soffice` (LibreOffice) and `pdftoppm`, `pdftotext` (poppler): `python -m docs.picture`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOTS, LEFT, TOP, WIDTH, HEIGHT = 150, 50, 50, 1540, 490
"""Dots an inch, and the part of the page, in dots."""
TAB_SHOWS = "Confirmed"
"""A heading that only the wanted tab has."""


def main() -> None:
    """Make the picture."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "demo"
        _do(sys.executable, "-m", "agent", "demo", "--once", "--items", "26", "--folder", str(folder))
        workbook = next(folder.glob("*.xlsx"))
        _do("soffice", "--headless", "--convert-to", "pdf", "--outdir", place, str(workbook))
        _cut(Path(place) / f"{workbook.stem}.pdf", ROOT / "docs" / "workbook")


def _cut(pages: Path, picture: Path) -> None:
    text = _do("pdftotext", str(pages), "-")
    page = next(at for at, content in enumerate(text.split("\f"), 1) if TAB_SHOWS in content)
    cut = ["-x", str(LEFT), "-y", str(TOP), "-W", str(WIDTH), "-H", str(HEIGHT)]
    _do("pdftoppm", "-png", "-singlefile", "-r", str(DOTS), "-f", str(page), *cut, str(pages), str(picture))


def _do(*command: str) -> str:
    return subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


if __name__ == "__main__":
    main()
