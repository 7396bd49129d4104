"""The new version is looked at with other eyes before it is used: what is wrong here is our fault, and stays unused.

Write protocol step 5: checksums, untouched members identical, well-formed XML, a second reader opens every new sheet,
and in the person's tabs only the mirrored cells differ.
"""

from __future__ import annotations

import re
from io import BytesIO
from xml.parsers import expat

from python_calamine import CalamineWorkbook

from agent.workbooks.xlsx.grid import SheetXml
from agent.workbooks.xlsx.package import CONTENT_TYPES, Package, Refused
from agent.workbooks.xlsx.writing import Built

_CELL = re.compile(r'<(?:[\w.-]+:)?c\b[^>]*?\sr="([A-Z]+\d+)"[^>]*?(?:/>|>.*?</(?:[\w.-]+:)?c>)', re.DOTALL)
_VALUE = re.compile(r"<(?:[\w.-]+:)?v>([^<]*)</")
_SHARED = ("workbook", "styles", "calcChain")


def self_check(old: Package, built: Built) -> None:
    """Raises Refused with what is wrong."""
    new = Package.open(built.content)
    touched = _touched(old, new)
    _check_untouched(old, new, built, touched)
    _check_xml(new, touched)
    _check_sheets(old, new, touched)
    if built.item_master is not None:
        _check_mirrored(old, new, built.item_master, built.mirrored)


def _wrong(what: str) -> Refused:
    fix = "Nothing was written. Please send the help bundle (stocksheet report)."
    return Refused(f"The new version of the workbook did not pass Stocksheet's own check: {what}.", fix)


def _touched(old: Package, new: Package) -> list[str]:
    return [n for n in new.members if n not in old.members or old.archive.compressed(n) != new.archive.compressed(n)]


def _may_change(old: Package, built: Built) -> set[str]:
    sheets = built.agent_parts | ({built.item_master} if built.item_master else set())
    tables = {t.part for t in old.tables if t.sheet_part in built.agent_parts}
    relations = {old.relations_part(p) for p in (*sheets, old.workbook_part)}
    shared = {old.workbook_part, old.styles_part or "", CONTENT_TYPES}
    return {name.lower() for name in sheets | tables | relations | shared}


def _check_untouched(old: Package, new: Package, built: Built, touched: list[str]) -> None:
    may_change = _may_change(old, built)
    for name in old.members:
        if name not in new.members and name != old.calculation_chain_part:
            raise _wrong(f"its part {name} was lost")
    for name in touched:
        if name in old.members and name.lower() not in may_change:
            raise _wrong(f"its part {name} was changed")


def _check_xml(new: Package, touched: list[str]) -> None:
    for name in touched:
        try:
            expat.ParserCreate().Parse(new.data(name), True)
        except expat.ExpatError:
            raise _wrong(f"its part {name} cannot be read") from None


def _check_sheets(old: Package, new: Package, touched: list[str]) -> None:
    """The old tabs are there, in their order; a second reader opens every sheet that is new or changed."""
    names = [sheet.name for sheet in new.sheets]
    if names[: len(old.sheets)] != [sheet.name for sheet in old.sheets]:
        raise _wrong("its tabs were moved")
    try:
        with CalamineWorkbook.from_filelike(BytesIO(new.archive.content)) as reader:
            for sheet in new.sheets:
                if sheet.part in touched:
                    reader.get_sheet_by_name(sheet.name)
    except Exception as error:
        raise _wrong(f"a second reader cannot open it ({error})") from error


def _check_mirrored(old: Package, new: Package, part: str, mirrored: dict[str, int]) -> None:
    """In the person's tab exactly these cells differ, and hold these numbers."""
    before, after = (SheetXml.split(package.data(part), "Item Master") for package in (old, new))
    close = f"</{before.prefix}row>".encode()
    rows = list(zip(before.rows.split(close), after.rows.split(close), strict=True))
    if before.around != after.around:
        raise _wrong("the Item Master was changed around its rows")
    found: dict[str, str | None] = {}
    for one, other in ((a, b) for a, b in rows if a != b):
        found |= _different_cells(one.decode(), other.decode())
    wanted = {address: str(new) for address, new in mirrored.items()}
    if found != wanted:
        raise _wrong("other cells of the Item Master were changed")


def _different_cells(one: str, other: str) -> dict[str, str | None]:
    before = {m[1]: m[0] for m in _CELL.finditer(one)}
    after = {m[1]: m[0] for m in _CELL.finditer(other)}
    if _CELL.sub("", one) != _CELL.sub("", other) or before.keys() - after.keys():
        return {"?": None}
    changed = (address for address, xml in after.items() if before.get(address) != xml)
    return {address: value[1] if (value := _VALUE.search(after[address])) else None for address in changed}
