"""A copy of a workbook's cells for the second reader where it does not understand the workbook itself.

python-calamine knows fewer ways of writing the parts around the cells than Excel does: parts with other names and
folders, escaped targets, tabs of old kinds, unknown states. Sheets, texts and styles are the very same bytes; what says
where they are is written anew, in the plainest way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.workbooks.xlsx.archive import Archive
from agent.workbooks.xlsx.package import CONTENT_TYPES, Package, Sheet
from agent.workbooks.xlsx.splice import attribute

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."


def plain_copy(package: Package, sheets: Sequence[Sheet], changes: Mapping[str, bytes] | None = None) -> bytes:
    """A workbook of these sheets (worksheets) only. `changes`: other content of some parts."""
    changes = changes or {}
    shared = [("sharedStrings", package.shared_strings_part), ("styles", package.styles_part)]
    found = [(kind, f"{kind}.xml", part) for kind, part in shared if part]
    found += [("worksheet", f"worksheets/sheet{i}.xml", sheet.part) for i, sheet in enumerate(sheets, 1)]
    data = {f"xl/{name}": changes.get(part) or package.data(part) for _, name, part in found}
    around = {
        CONTENT_TYPES: _types(found),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook(sheets, package.date1904, len(found) - len(sheets)),
        "xl/_rels/workbook.xml.rels": _relations([(kind, name) for kind, name, _ in found]),
    }
    return Archive(b"", {}).rebuild(added={name: xml.encode() for name, xml in around.items()} | data)


def _types(found: Sequence[tuple[str, str, str]]) -> str:
    parts = [("workbook.xml", "sheet.main"), *((name, kind) for kind, name, _ in found)]
    overrides = "".join(f'<Override PartName="/xl/{name}" ContentType="{_TYPE}{kind}+xml"/>' for name, kind in parts)
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{rels}{overrides}</Types>'


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    written = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{name}"/>'
        for number, (kind, name) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{written}</Relationships>'


def _workbook(sheets: Sequence[Sheet], date1904: bool, before: int) -> str:
    tabs = "".join(
        f'<sheet name={attribute(sheet.name)} sheetId="{number}" r:id="rId{before + number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    dates = f'<workbookPr date1904="{int(date1904)}"/>'
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{dates}<sheets>{tabs}</sheets></workbook>'
