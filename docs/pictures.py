"""Makes docs/pictures from a real workbook: two weeks of the demo's seller, each tab printed by LibreOffice, cut out.

Needs LibreOffice (`soffice`), poppler (`pdftoppm`) and Pillow (`pip install -e ".[pictures]"`).
`python -m docs.pictures`; `tests/test_docs.py` says when: what they were made from is kept beside them.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from agent.workbooks.charts import CHARTS
from agent.workbooks.starter import make_starter
from agent.workbooks.tabs import DASHBOARD, TABS, Tab
from agent.workbooks.xlsx import chart_parts
from agent.workbooks.xlsx.package import Package
from docs import story

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "pictures"
MADE_FROM = FOLDER / "made_from.txt"
DOTS, WIDE, TALL = 120, 1800, 620
"""Dots an inch on paper; the largest picture, in dots: a wider one is made smaller, a longer one ends there."""
COLOURS, MARGIN = 96, 10
PAPER = b"66"
"""A2: nearly every tab fits onto it without being made smaller, so that the pictures have one size of type."""
SHOWN = tuple(tab for tab in TABS if not tab.hidden)


def main() -> None:
    """Make every picture."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        content = story.play(folder).read_bytes()
        for tab, page in zip(SHOWN, _pages(content, folder), strict=True):
            _cut(page, FOLDER / file_name(tab), WIDE if tab.name == DASHBOARD.name else TALL)
    MADE_FROM.write_text(made_from() + "\n", encoding="utf-8")


def file_name(tab: Tab) -> str:
    """`stock-levels.png`."""
    return f"{tab.name.lower().replace(' ', '-')}.png"


def made_from() -> str:
    """What the looks of the pictures come from, as a hash: tabs and columns, the starter's styles, the charts."""
    columns = [(t.name, t.owner, t.shown, [(c.name, c.kind, c.owner, c.width) for c in t.columns]) for t in SHOWN]
    with zipfile.ZipFile(BytesIO(make_starter())) as parts:
        styles = parts.read("xl/styles.xml")
    drawn = Path(chart_parts.__file__).read_text(encoding="utf-8")
    return hashlib.sha256(repr((columns, styles, CHARTS, drawn)).encode()).hexdigest()


# --- printing


def _pages(content: bytes, folder: Path) -> list[Path]:
    """The first page of each tab, as pictures: the workbook with that tab alone visible, printed."""
    FOLDER.mkdir(exist_ok=True)
    books = [folder / f"{number}.xlsx" for number in range(len(SHOWN))]
    for tab, book in zip(SHOWN, books, strict=True):
        book.write_bytes(_with_only(content, tab.name))
    profile = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    _do("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, books))
    return [_drawn(book.with_suffix(".pdf")) for book in books]


def _with_only(content: bytes, name: str) -> bytes:
    """The same workbook, of which one tab is visible. It is printed on a page that it fills."""
    package = Package.open(content)
    position = next(sheet.position for sheet in package.sheets if sheet.name == name)
    data = package.data(package.workbook_part)
    data = re.sub(rb' (state|activeTab|firstSheet)="\w+"', b"", data)
    hide = rb'<sheet (?![^>]*name="%s")' % re.escape(name.encode())
    data = re.sub(hide, b'<sheet state="hidden" ', data)
    data = re.sub(rb"<workbookView", b'<workbookView activeTab="%d"' % position, data)
    part = package.sheets[position].part
    return package.rebuild({package.workbook_part: data, part: _on_paper(package.data(part))})


def _on_paper(sheet: bytes) -> bytes:
    """The tab on large paper, at the time of the story: `last looked` would be red by today's clock."""
    sheet = re.sub(rb' paperSize="\w+"', b"", sheet).replace(b"<pageSetup ", b'<pageSetup paperSize="%s" ' % PAPER)
    year, month, day = (story.BEGINS + timedelta(days=story.DAYS - 1)).timetuple()[:3]
    hour, minute = story.LAST_LOOK
    return sheet.replace(b"NOW()", b"(DATE(%d,%d,%d)+TIME(%d,%d,30))" % (year, month, day, hour, minute))


def _drawn(printed: Path) -> Path:
    _do("pdftoppm", "-png", "-singlefile", "-r", str(DOTS), "-f", "1", str(printed), str(printed.with_suffix("")))
    return printed.with_suffix(".png")


def _cut(page: Path, picture: Path, tall: int) -> None:
    """What is on the page, without the paper around it, in few colours."""
    from PIL import Image, ImageChops  # noqa: PLC0415

    whole = Image.open(page).convert("RGB")
    left, top, right, bottom = ImageChops.difference(whole, Image.new("RGB", whole.size, "white")).getbbox()
    room = (max(0, left - MARGIN), max(0, top - MARGIN), right + MARGIN, min(bottom + MARGIN, top + tall))
    cut = whole.crop(room)
    if cut.width > WIDE:
        cut = cut.resize((WIDE, round(cut.height * WIDE / cut.width)), Image.Resampling.LANCZOS)
    few = cut.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)


def _do(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"{command[0]} could not do it: {done.stdout}")


if __name__ == "__main__":
    main()
