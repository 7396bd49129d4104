"""The new version is looked at with other eyes before it is used: what is wrong here is our fault, and stays unused.

Write protocol step 5: checksums, untouched members identical, well-formed XML, a second reader opens what is new, and
in the person's tabs only the mirrored cells differ. The agent's own big sheets are held against the grammar of the rows
it writes, which is stricter than XML; rows of another form (a person's own cells stand in them) go to an XML parser.
"""

from __future__ import annotations

import re
from io import BytesIO
from xml.parsers import expat

from python_calamine import CalamineWorkbook

from agent.words import in_words
from agent.workbooks.xlsx.archive import MEGABYTE
from agent.workbooks.xlsx.grid import SheetXml, are_same
from agent.workbooks.xlsx.package import CONTENT_TYPES, Package, Refused, Sheet
from agent.workbooks.xlsx.patch import Span
from agent.workbooks.xlsx.plain_copy import plain_copy
from agent.workbooks.xlsx.row_grammar import other_rows
from agent.workbooks.xlsx.writing import Built

_CELL = re.compile(r'<(?:[\w.-]+:)?c\b[^>]*?\sr="([A-Z]+\d+)"[^>]*?(?:/>|>.*?</(?:[\w.-]+:)?c>)', re.DOTALL)
_VALUE = re.compile(r"<(?:[\w.-]+:)?v>([^<]*)</")
_BIG = MEGABYTE
_SAMPLE = 500
"""Rows of a big sheet that the second reader reads: as many from its beginning, its middle and its end."""


def self_check(old: Package, built: Built) -> None:
    """Raises Refused with what is wrong."""
    new = Package.open(built.content, checked=False)
    touched = [name for name in new.members if not new.archive.same(name, old.archive)]
    _check_untouched(old, new, built, touched)
    _check_tabs(old, new)
    short: dict[str, bytes] = {}
    for name in touched:  # big parts are unpacked once: all that is asked of one is asked here
        _check_part(old, new, built, name)
        short |= _shortened(new, built, name)
    new.archive.check(known=old.archive)
    _check_second_reader(old, new, short, touched)
    if built.item_master is not None:
        _check_mirrored(old, new, built.item_master, built.mirrored)


def _wrong(what: str) -> Refused:
    fix = in_words("selfcheck.nothing_written_please_send")
    return Refused(in_words("selfcheck.new_version_workbook_did", what=what), fix)


def _may_change(old: Package, built: Built) -> set[str]:
    sheets = built.agent_parts | ({built.item_master} if built.item_master else set())
    tables = {t.part for t in old.tables if t.sheet_part in built.agent_parts}
    relations = {old.relations_part(p) for p in (*sheets, old.workbook_part)}
    shared = {old.workbook_part, old.styles_part or "", CONTENT_TYPES}
    return {name.lower() for name in sheets | tables | relations | shared | built.charts}


def _check_untouched(old: Package, new: Package, built: Built, touched: list[str]) -> None:
    may_change = _may_change(old, built)
    for name in old.members:
        if name not in new.members and name != old.calculation_chain_part:
            raise _wrong(in_words("selfcheck.part_lost", name=name))
    for name in touched:
        if name in old.members and name.lower() not in may_change:
            raise _wrong(in_words("selfcheck.part_changed", name=name))


def _check_tabs(old: Package, new: Package) -> None:
    """The old tabs are there, in their order."""
    names = [sheet.name for sheet in new.sheets]
    if names[: len(old.sheets)] != [sheet.name for sheet in old.sheets]:
        raise _wrong(in_words("selfcheck.tabs_were_moved"))


# --- what a changed part says


def _check_part(old: Package, new: Package, built: Built, name: str) -> None:
    member = new.members[name]
    if built.checked.get(name) == (member.crc, member.size):
        return  # the very bytes that were checked when they were put together
    if name in built.patched:
        _check_patched(old.data(name), new.data(name), built.patched[name], name)
    elif name in built.agent_parts and new.members[name].size > _BIG:
        _check_rows(new.data(name), name)
    else:
        _check_xml(new.data(name), name)


def _check_xml(data: bytes, name: str) -> None:
    try:
        expat.ParserCreate().Parse(data, True)
    except expat.ExpatError:
        raise _wrong(in_words("selfcheck.part_cannot_read", name=name)) from None


def _check_rows(data: bytes, name: str) -> None:
    """Every row is one that the agent writes, or well-formed; their numbers rise; around them is well-formed XML."""
    xml = SheetXml.split(data, name)
    _check_xml(xml.around, name)
    try:
        if not xml.rows.isascii():
            xml.rows.decode()
        table = xml.table
    except (Refused, UnicodeDecodeError):
        raise _wrong(in_words("selfcheck.part_cannot_read", name=name)) from None
    if not (table["row"].diff().drop_nulls() > 0).all():
        raise _wrong(in_words("selfcheck.rows_part_out_order", name=name))
    if xml.rows[xml.rows.rfind(b"</") :].strip() not in (b"", f"</{xml.prefix}row>".encode()):
        raise _wrong(in_words("selfcheck.part_cut_off", name=name))
    _check_xml(xml.with_rows(f"{row}</{xml.prefix}row>".encode() for row in other_rows(table["xml"])), name)


def _check_patched(old: bytes, new: bytes, spans: list[Span], name: str) -> None:
    """But for the rows that were written anew, all bytes are the same; each of these is the same row, well-formed."""
    here, there = 0, 0
    for span in spans:
        if not are_same(old, (here, span.old[0]), new, (there, span.new[0])):
            raise _wrong(in_words("selfcheck.other_rows_part_were", name=name))
        here, there = span.old[1], span.new[1]
    if not are_same(old, (here, len(old)), new, (there, len(new))):
        raise _wrong(in_words("selfcheck.other_rows_part_were", name=name))
    start, end, prefix = SheetXml.bounds(new, name)
    row = re.compile(rb'<%srow r="(\d+)"[^>]*>.*?</%srow>' % (prefix.encode(), prefix.encode()), re.DOTALL)
    for span in spans:
        pair = [row.fullmatch(data, *where) for data, where in ((old, span.old), (new, span.new))]
        if not all(match and int(match[1]) == span.number for match in pair):
            raise _wrong(in_words("selfcheck.row_part_lost", number=span.number, name=name))
    _check_xml(b"".join([new[:start], *(new[slice(*span.new)] for span in spans), new[end:]]), name)


# --- the second reader


def _check_second_reader(old: Package, new: Package, short: dict[str, bytes], touched: list[str]) -> None:
    """Another program's reader opens every sheet that is new or changed, of big ones the rows of a sample (`short`).

    What it could not open before says nothing; then it reads a plain copy of the agent's own sheets.
    """
    sheets = [sheet for sheet in new.sheets if sheet.part in touched]
    try:
        _read_all(new.rebuild(short) if short else new.archive.content, sheets)
    except Exception as error:
        if _opens(old, [sheet for sheet in old.sheets if sheet.part in touched]):
            raise _wrong(in_words("selfcheck.second_reader_cannot_open", error=error)) from error
        _check_ours(old, new, short, sheets)


def _check_ours(old: Package, new: Package, short: dict[str, bytes], sheets: list[Sheet]) -> None:
    unread = [sheet for sheet in old.sheets if not _opens(old, [sheet], plain=True)]
    parts = {sheet.part for sheet in unread}
    ours = [sheet for sheet in sheets if sheet.part not in parts]
    try:
        _read_all(plain_copy(new, ours, short), ours)
    except Exception as error:
        if not unread:
            raise _wrong(in_words("selfcheck.second_reader_cannot_open", error=error)) from error


def _opens(package: Package, sheets: list[Sheet], plain: bool = False) -> bool:
    try:
        _read_all(plain_copy(package, sheets) if plain else package.archive.content, sheets)
    except Exception:
        return False
    return True


def _read_all(content: bytes, sheets: list[Sheet]) -> None:
    with CalamineWorkbook.from_filelike(BytesIO(content)) as reader:
        for sheet in sheets:
            reader.get_sheet_by_name(sheet.name)


def _shortened(new: Package, built: Built, part: str) -> dict[str, bytes]:
    """A big sheet of the agent's with some of its rows: those written anew, or a sample. Others are read whole."""
    if part not in built.agent_parts or new.members[part].size <= _BIG:
        return {}
    data = new.data(part)
    start, end, prefix = SheetXml.bounds(data, part)
    if part in built.patched:
        return {part: b"".join([data[:start], *(data[slice(*s.new)] for s in built.patched[part]), data[end:]])}
    close = f"</{prefix}row>".encode()
    middle = data.find(close, (start + end) // 2, end) + len(close)
    return {part: b"".join([data[:start], *_sample(data, close, [start, middle], end), data[end:]])}


def _sample(data: bytes, close: bytes, starts: list[int], last: int) -> list[bytes]:
    """Some rows from each of these places, and those before `last`."""
    found, at = [], 0
    for start in starts:
        begin = at = max(at, start)
        for _ in range(_SAMPLE):
            end = data.find(close, at, last)
            at = end + len(close) if end >= 0 else at
        found.append(data[begin:at])
    first_of_last = last
    for _ in range(_SAMPLE + 1):
        first_of_last = data.rfind(close, at, first_of_last)
        if first_of_last < 0:
            return [*found, data[at:last]]
    return [*found, data[first_of_last + len(close) : last]]


# --- the mirrored cells


def _check_mirrored(old: Package, new: Package, part: str, mirrored: dict[str, int]) -> None:
    """In the person's tab exactly these cells differ, and hold these numbers."""
    before, after = (SheetXml.split(package.data(part), "Item Master") for package in (old, new))
    close = f"</{before.prefix}row>".encode()
    rows = list(zip(before.rows.split(close), after.rows.split(close), strict=True))
    if before.around != after.around:
        raise _wrong(in_words("selfcheck.item_master_changed_around"))
    found: dict[str, str | None] = {}
    for one, other in ((a, b) for a, b in rows if a != b):
        found |= _different_cells(one.decode(), other.decode())
    wanted = {address: str(new) for address, new in mirrored.items()}
    if found != wanted:
        raise _wrong(in_words("selfcheck.other_cells_item_master"))


def _different_cells(one: str, other: str) -> dict[str, str | None]:
    before = {m[1]: m[0] for m in _CELL.finditer(one)}
    after = {m[1]: m[0] for m in _CELL.finditer(other)}
    if _CELL.sub("", one) != _CELL.sub("", other) or before.keys() - after.keys():
        return {"?": None}
    changed = (address for address, xml in after.items() if before.get(address) != xml)
    return {address: value[1] if (value := _VALUE.search(after[address])) else None for address in changed}
