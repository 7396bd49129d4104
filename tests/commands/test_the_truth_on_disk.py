"""Stock In and Out, formulas, copies and a lost store: a real file, a real store, a shop on a real socket."""

from __future__ import annotations

import re
import shutil
import time
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.commands.conftest import Place

TAB = "Stock In and Out"


def a_second_later() -> None:
    """Shops mark in whole seconds: what ships in the second of a count is taken to have left after it."""
    time.sleep(1.01 - time.time() % 1)


def today(days: int = 0) -> datetime:
    return datetime.now().astimezone().replace(tzinfo=None) + timedelta(days=days)


def serial(moment: datetime) -> float:
    """What a date cell holds."""
    return (moment - datetime(1899, 12, 30)) / timedelta(days=1)


def enters(place: Place, sku: str, kind: str, value: Any, when: Any) -> None:
    place.person.adds(TAB, [{"SKU": sku, "Change or Count": kind, "Value": value, "When": when}])


def stocked(place: Place, sku: str) -> Any:
    return next(row["Stocked"] for row in place.person.look("Item Master") if row["SKU"] == sku)


def shows(place: Place, sku: str) -> int | None:
    return next(item.quantity for item in place.shop.products.values() if item.sku == sku)


def movements(place: Place, what: str) -> list[tuple[Any, ...]]:
    rows = [row for row in place.person.look("Movements") if row["What"] == what]
    return [tuple(row[name] for name in ("SKU", "Units", "Stocked after", "Because")) for row in rows]


def rewritten(file: Path, change: Callable[[str, bytes], bytes]) -> None:
    """The person's file with some of its parts changed, as another program might save it."""
    beside = file.with_name("other.xlsx")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member, change(member.filename, old.read(member)))
    beside.replace(file)


def test_rows_of_a_real_file_count_once_over_any_number_of_starts(place: Place) -> None:
    place.go_live()
    enters(place, "MUG", "Change", 10, f"{today():%Y-%m-%d}")
    enters(place, "BOX", "Change", -1, serial(today().replace(second=0, microsecond=0)))  # a date cell
    enters(place, "BOX", "Change", -1, "5/11/2026")
    place.run("sync")
    assert (stocked(place, "MUG"), shows(place, "MUG"), stocked(place, "BOX")) == (30, 30, 8)
    assert sorted(movements(place, "receipt")) == [
        ("BOX", -1, 8, "Stock In and Out, row 3: -1"),
        ("MUG", 10, 30, "Stock In and Out, row 2: +10"),
    ]
    unclear = next(row for row in place.person.look("Attention") if row["Where"] == f"{TAB}!D4")
    assert "not a day that can be understood for certain" in unclear["What"]
    place.person.types(TAB, {"When": "5/11/2026"}, "When", f"{today():%d.%m.%Y}")
    for _ in range(3):
        place.run("sync")
    assert (stocked(place, "MUG"), stocked(place, "BOX"), len(movements(place, "receipt"))) == (30, 7, 3)
    enters(place, "MUG", "Count", 12, f"{today():%Y-%m-%d %H:%M:%S}")
    place.run("sync")
    assert (stocked(place, "MUG"), shows(place, "MUG")) == (12, 12)
    assert not [row for row in place.person.look("Attention") if row["Where"] and TAB in row["Where"]]


def test_a_lost_store_is_rebuilt_from_the_file_and_nothing_goes_out_before_one_yes(place: Place) -> None:
    place.go_live()
    enters(place, "MUG", "Change", 10, f"{today():%Y-%m-%d}")
    place.run("sync")
    sold = next(id_ for id_, item in place.shop.products.items() if item.sku == "MUG")
    order = place.shop.sell(sold, 3)
    assert order is not None
    place.run("sync")
    place.shop.set_status(order, "completed")
    a_second_later()
    place.run("sync")
    assert (stocked(place, "MUG"), shows(place, "MUG")) == (27, 27)
    for file in place.folder.glob("stocksheet.db*"):
        file.unlink()
    place.shop.type_quantity(sold, 4)  # whatever the shop says: nothing is pushed
    place.run("sync")
    place.run("sync")
    assert (stocked(place, "MUG"), shows(place, "MUG")) == (27, 4)
    asked = [row for row in place.person.look("Attention") if row["Answers"] == "yes"]
    assert len(asked) == 1
    place.person.types("Attention", {"Id": asked[0]["Id"]}, "Answer", "yes")
    place.run("sync")
    assert (stocked(place, "MUG"), shows(place, "MUG")) == (27, 27)  # the ten and the three are in it: once


def test_movements_name_who_saved_the_workbook_and_a_later_colleague_changes_no_earlier_row(place: Place) -> None:
    def saved_by(name: bytes) -> Callable[[str, bytes], bytes]:
        pattern = rb"<cp:lastModifiedBy>[^<]*</cp:lastModifiedBy>|(?=</cp:coreProperties>)"
        named = b"<cp:lastModifiedBy>" + name + b"</cp:lastModifiedBy>"
        return lambda part, old: re.sub(pattern, named, old, count=1) if part == "docProps/core.xml" else old

    place.go_live()
    for name, units in ((b"Ada &amp; Ben", 10), (b"Carla", -1)):
        enters(place, "MUG", "Change", units, f"{today():%Y-%m-%d}")
        rewritten(place.workbook, saved_by(name))
        place.run("sync")
    sold = next(id_ for id_, item in place.shop.products.items() if item.sku == "MUG")
    assert place.shop.sell(sold, 3) is not None
    place.run("sync")
    rows = [row for row in place.person.look("Movements") if row["SKU"] == "MUG"]
    assert {
        (row["What"], row["Units"]): row["Who"] for row in rows if row["What"] in ("receipt", "sale", "opening")
    } == {
        ("receipt", 10): "Ada & Ben",
        ("receipt", -1): "Carla",
        ("sale", -3): "a buyer",
    }
    assert {row["Who"] for row in rows if row["What"] == "push"} == {"Stocksheet"}


def test_a_formula_in_a_real_file_is_read_and_never_written_over(place: Place) -> None:
    def with_formula(name: str, content: bytes) -> bytes:
        if name != master:
            return content
        made, count = re.subn(rb'(<c r="C2"[^>]*>)<v>20</v>', rb"\1<f>10+10</f><v>20</v>", content)
        assert count == 1
        return made

    with zipfile.ZipFile(place.workbook) as package:
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        master = next(name for name in sheets if b"<v>20</v>" in package.read(name))
    rewritten(place.workbook, with_formula)
    place.go_live()
    enters(place, "MUG", "Change", -4, f"{today():%Y-%m-%d}")
    place.run("sync")
    assert (stocked(place, "MUG"), shows(place, "MUG")) == (20, 16)
    with zipfile.ZipFile(place.workbook) as package:
        assert b"<f>10+10</f><v>20</v>" in package.read(master)
    rewritten(place.workbook, lambda name, content: content.replace(b"<f>10+10</f><v>20</v>", b"<f>20+5</f><v>25</v>"))
    place.run("sync")
    assert shows(place, "MUG") == 21  # five more than the cell said, by the lower of its two readings
    assert stocked(place, "MUG") == 25


def test_an_older_copy_of_a_real_file_lowers_only_until_it_is_chosen(place: Place) -> None:
    place.go_live()
    kept = place.folder / "kept.bin"
    shutil.copy(place.workbook, kept)
    enters(place, "MUG", "Change", -5, f"{today():%Y-%m-%d}")
    place.run("sync")
    assert (stocked(place, "MUG"), shows(place, "MUG")) == (15, 15)
    place.workbook.write_bytes(kept.read_bytes())
    place.run("sync")
    assert shows(place, "MUG") == 15
    asked = next(row for row in place.person.look("Attention") if row["Answers"] == "use this one")
    place.person.types("Attention", {"Id": asked["Id"]}, "Answer", "use this one")
    place.run("sync")
    assert shows(place, "MUG") == 20  # its numbers are counts; the row that is not in it takes nothing back by itself
