"""Edits of workbook.xml: new tabs at the end, hidden names, and the wish that Excel calculates anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.words import in_words
from agent.workbooks.xlsx.draft import Draft
from agent.workbooks.xlsx.package import Refused
from agent.workbooks.xlsx.splice import (
    Edit,
    Node,
    append,
    apply,
    attribute,
    drop_attribute,
    insert_in_order,
    replace,
    set_attribute,
    text,
)

_ORDER = (
    "fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups",
    "externalReferences", "definedNames", "calcPr", "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr",
    "smartTagTypes", "webPublishing", "fileRecoveryPr", "webPublishObjects", "extLst",
)  # fmt: skip


@dataclass(frozen=True)
class NewSheet:
    """A tab to be added."""

    name: str
    part: str
    hidden: bool
    header_row: int = 1


def edit_workbook(
    draft: Draft, new: Sequence[NewSheet] = (), show: Sequence[str] = (), names: Mapping[str, str] | None = None
) -> None:
    """Add tabs, unhide the tabs of the parts in `show`, and give hidden names these texts."""
    part = draft.package.workbook_part
    data, root = draft.package.data(part), draft.workbook
    edits = _sheets(draft, data, root, new) + _shown(draft, data, root, show)
    edits += _names(data, root, names or {}, _print_titles(draft, root, new))
    if draft.recalculate:
        edits += _calculate(data, root)
    draft.put(part, apply(data, edits))
    chain = draft.package.calculation_chain_part
    if draft.formulas_moved and chain:
        draft.drop_part(chain)
        relations = draft.package.relations(part)
        draft.unrelate(part, [r.id for r in relations if r.target == chain])


def _sheets(draft: Draft, data: bytes, root: Node, new: Sequence[NewSheet]) -> list[Edit]:
    holder = root.find("sheets")
    if holder is None:
        raise Refused(in_words("workbook_xml.workbook_no_list_tabs"), in_words("workbook_xml.open_excel_save_once"))
    if not new:
        return []
    part = draft.package.workbook_part
    ids = draft.relate(part, [("worksheet", sheet.part) for sheet in new])
    first = max(sheet.sheet_id for sheet in draft.package.sheets) + 1
    xml = ""
    for number, (sheet, id_) in enumerate(zip(new, ids, strict=True), first):
        state = ' state="hidden"' if sheet.hidden else ""
        declared = draft.declared_r(root)
        xml += f'<{root.prefix}sheet{declared} name={attribute(sheet.name)} sheetId="{number}"{state} r:id="{id_}"/>'
    return append(data, holder, xml)


def _shown(draft: Draft, data: bytes, root: Node, show: Sequence[str]) -> list[Edit]:
    holder = root.find("sheets")
    nodes = holder.children if holder else []
    pairs = zip(draft.package.sheets, [n for n in nodes if n.name == "sheet"], strict=True)
    hidden = [node for sheet, node in pairs if sheet.part in show and sheet.state == "hidden"]
    return [edit for node in hidden for edit in drop_attribute(data, node, "state")]


def _print_titles(draft: Draft, root: Node, new: Sequence[NewSheet]) -> str:
    """The header row of a new tab is printed on every page."""
    p, first = root.prefix, len(draft.package.sheets)
    return "".join(
        f'<{p}definedName name="_xlnm.Print_Titles" localSheetId="{position}">'
        f"{text(_quoted(sheet.name))}!${sheet.header_row}:${sheet.header_row}</{p}definedName>"
        for position, sheet in enumerate(new, first)
    )


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _names(data: bytes, root: Node, names: Mapping[str, str], new: str = "") -> list[Edit]:
    """Hidden names with their texts; `new`: further names, ready."""
    holder = root.find("definedNames")
    known = {n.attributes.get("name", "").lower(): n for n in (holder.children if holder else []) if _global(n)}
    edits = []
    for name, value in names.items():
        xml = f'<{root.prefix}definedName name="{name}" hidden="1">{text(value)}</{root.prefix}definedName>'
        node = known.get(name.lower())
        if node is None:
            new += xml
        elif data[node.inner : node.inner_end].decode() != text(value) or node.attributes.get("hidden") != "1":
            edits.append(replace(node, xml))
    if holder is None:
        whole = f"<{root.prefix}definedNames>{new}</{root.prefix}definedNames>"
        return [insert_in_order(root, "definedNames", _ORDER, whole)] if new else []
    return [*edits, *append(data, holder, new)]


def _global(node: Node) -> bool:
    return "localSheetId" not in node.attributes


def _calculate(data: bytes, root: Node) -> list[Edit]:
    node = root.find("calcPr")
    if node is not None:
        return set_attribute(data, node, "fullCalcOnLoad", "1")
    return [insert_in_order(root, "calcPr", _ORDER, f'<{root.prefix}calcPr fullCalcOnLoad="1"/>')]
