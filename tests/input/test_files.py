"""A whole file that cannot be used: a sentence with what to do, nothing pushed but what sells, the file not touched."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.workbooks.xlsx.package import Refused
from agent.workbooks.xlsx.reading import read_snapshot
from tests.input.files import NOT_READ, NOT_USED, patched, rows_xml, small_book
from tests.input.seller import Seller, seller
from tests.workbooks.test_xlsx_reading import NOON

ROOT = Path(__file__).parents[2]


def lowered(live: Seller, sku: str = "A") -> int:
    """One is sold; what the shop then shows of it."""
    live.shop.sell(live.ids[sku], 1)
    return live.shows(sku) or 0


@pytest.mark.parametrize("name", NOT_READ)
def test_a_file_that_cannot_be_read_is_named_and_left_alone(live: Seller, name: str) -> None:
    change, sentence = NOT_READ[name]
    good = live.workbook.read_bytes()
    try:
        bad = change(good)
        live.workbook.write_bytes(bad)
        left, shown = lowered(live), [live.shows(sku) for sku in "BC"]
        checked = live.run("check")
        assert checked.code == 1
        assert checked.lines("fix  Stock.xlsx:")[0].find(sentence) > 0, checked.text
        synced = live.run("sync")
        assert synced.code == 1
        assert sentence in synced.text
        assert "Sold on my-shop: 1 x A" in synced.text  # the rest of its work is done
        assert live.run("plan").code == 2
        assert live.workbook.read_bytes() == bad
        assert (live.shows("A"), [live.shows(sku) for sku in "BC"]) == (left, shown)
    finally:
        live.workbook.write_bytes(good)
    assert live.run("sync").code == 0
    assert live.shows("A") == left


@pytest.mark.parametrize("name", NOT_USED)
def test_a_workbook_that_is_not_understood_as_a_whole_only_lowers_I11(fresh: Seller, name: str) -> None:
    change, sentence, status = NOT_USED[name]
    fresh.workbook.write_bytes(change(fresh.workbook.read_bytes()))
    left = lowered(fresh)
    checked = fresh.run("check")
    assert checked.code == 1
    assert len(checked.lines(sentence)) == 1, checked.text
    assert "cannot be used as it is; meanwhile shop numbers only go down, never up" in checked.text
    synced = fresh.run("sync")
    assert synced.code == 1
    assert sentence.removeprefix("Item Master: ") in synced.text
    assert {row["Status"] for row in fresh.person.look("Listings")} == {status}
    assert [fresh.shows(sku) for sku in "ABC"] == [left, 20, 20]


def test_a_missing_workbook_or_a_folder_in_its_place_stops_raising_not_lowering(live: Seller) -> None:
    good = live.workbook.read_bytes()
    live.workbook.unlink()
    left = lowered(live, "B")
    told = live.run("sync")
    assert (told.code, live.shows("B")) == (1, left)
    assert f"The workbook Stock.xlsx is not there. Put it back into {live.folder}." in told.text
    assert f"There is no workbook at {live.workbook}." in live.run("check").text
    live.workbook.mkdir()
    told = live.run("sync")
    assert told.code == 1
    assert "A folder stands where the workbook Stock.xlsx should be." in told.text
    checked = live.run("check")
    assert checked.code == 1
    assert f"{live.workbook} is a folder, not a workbook. Name the .xlsx file itself" in checked.text
    live.workbook.rmdir()
    live.workbook.write_bytes(good)
    assert live.run("sync").code == 0


def test_a_workbook_that_is_somebodys_accounts_is_never_written(tmp_path: Path) -> None:
    """Named by mistake, on the first day: no Item Master and no mark in it, so nothing of ours goes into it."""
    with seller(tmp_path / "new") as new:
        accounts = patched(small_book(), lambda xml: xml.replace(b"Item Master", b"Accounts 26"), "xl/workbook.xml")
        new.workbook.write_bytes(accounts)
        told = new.run("sync")
        assert told.code == 1
        assert "The workbook has no tab Item Master." in told.text
        assert new.workbook.read_bytes() == accounts


# --- large files (R13): memory and time stay sane

BLANK = b"".join(
    b'<row r="%d"><c r="A%d" s="0"/><c r="B%d" s="0"/><c r="C%d" s="0"/></row>' % ((n,) * 4) for n in range(5, 200_005)
)
LARGE = {
    "200,000 blank formatted rows": lambda: rows_xml(small_book(), BLANK),
    "a dimension of 1,048,576 rows": lambda: patched(
        small_book(), lambda xml: xml.replace(b'<dimension ref="A1:C4"/>', b'<dimension ref="A1:XFD1048576"/>')
    ),
    "every row of the sheet written": lambda: rows_xml(
        small_book(), b"".join(b'<row r="%d"/>' % n for n in range(5, 1_048_577))
    ),
}
MEASURE = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from agent.workbooks.xlsx.reading import read_snapshot
content = Path(sys.argv[1]).read_bytes()
before = resource.getrusage(resource.RUSAGE_SELF)
read = read_snapshot(content, datetime.now(UTC))
after = resource.getrusage(resource.RUSAGE_SELF)
print(read.tabs["Item Master"].height, read.issues.height, (after.ru_maxrss - before.ru_maxrss) // 1024,
      round(after.ru_utime - before.ru_utime))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux counts it")
@pytest.mark.parametrize("name", LARGE)
def test_blank_rows_cost_neither_rows_nor_much_memory_R13(tmp_path: Path, name: str) -> None:
    file = tmp_path / "large.xlsx"
    file.write_bytes(LARGE[name]())
    told = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)], cwd=ROOT, capture_output=True, text=True, timeout=100, check=True
    )
    rows, issues, megabytes, seconds = map(int, told.stdout.split())
    assert (rows, issues) == (3, 0)
    assert megabytes < 512
    assert seconds < 30


def test_a_single_cell_in_the_last_row_is_one_row_and_one_issue(live: Seller) -> None:
    last = b'<row r="1048576"><c r="C1048576"><v>1</v></c></row>'
    read = read_snapshot(rows_xml(small_book(), last), NOON)
    assert read.tabs["Item Master"]["row"].to_list() == [2, 3, 4, 1_048_576]


def test_a_bomb_is_refused_before_it_is_unpacked_R13() -> None:
    bomb = patched(small_book(), lambda xml: xml + b" " * 200_000_000)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(Refused, match="too large to be read safely"):
        read_snapshot(bomb, NOON)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
    assert time.process_time() - began < 5
