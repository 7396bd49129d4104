"""What stands around an agent's rows: the table, dropdowns, colours, links. Only ours are replaced.

The order of a worksheet's elements is the schema's (ECMA-376 part 1, 18.3.1.99).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from agent.workbooks.cells import letters_of
from agent.workbooks.tabs import Column
from agent.workbooks.xlsx.draft import XML, Draft
from agent.workbooks.xlsx.layout import Area, Layout
from agent.workbooks.xlsx.marks import table_name
from agent.workbooks.xlsx.splice import (
    Edit,
    Node,
    append,
    apply,
    attribute,
    insert_in_order,
    outline,
    remove,
    replace,
    set_attribute,
    text,
)

SHEET_ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls",
    "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
MAX_LIST = 255
MAX_LINKS = 20_000
ROW_CHOICES = {"Attention": {"Answer": "Answers"}}
"""A dropdown that differs from row to row: tab -> person's column -> the agent's column that says the choices."""
_MAX_ROW_LISTS = 300
_WEB = r"^https?://[^\s]+$"
_CELL = r"^(.{1,31})!([A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?)$"
_CLICKED = ("link", "cell")


def dimension(layout: Layout, area: Area) -> list[Edit]:
    """The sheet's range of used cells."""
    node = layout.sheet.outline.find("dimension")
    whole = Area(0, 1, max(area.right, layout.last_column), area.bottom + layout.totals)
    return set_attribute(layout.sheet.around, node, "ref", str(whole)) if node else []


# --- colours


def colours(layout: Layout, area: Area) -> list[Edit]:
    """Conditional formats that begin in the first data row now reach to the last one."""
    edits: list[Edit] = []
    for node in layout.sheet.outline.all("conditionalFormatting"):
        ranges = [_stretched(part, layout.header_row + 1, area) for part in node.attributes.get("sqref", "").split()]
        edits += set_attribute(layout.sheet.around, node, "sqref", " ".join(ranges))
    return edits


def _stretched(ref: str, first: int, area: Area) -> str:
    found = Area.of(ref)
    if found is None or found.top != first or found.bottom >= 1_048_576 or found.right > area.right:
        return ref
    return str(Area(found.left, found.top, found.right, area.bottom))


# --- dropdowns


def dropdowns(layout: Layout, area: Area, frame: pl.DataFrame) -> list[Edit]:
    """Our lists for the person's columns; all other validations stay as they are."""
    p, root = layout.sheet.prefix, layout.sheet.outline
    node, ours = root.find("dataValidations"), _lists(layout, area, frame, p)
    kept = [n for n in (node.children if node else []) if not _within_person(n, layout)]
    xml = "".join(layout.sheet.around[n.start : n.end].decode() for n in kept) + "".join(ours)
    count = len(kept) + len(ours)
    whole = f'<{p}dataValidations count="{count}">{xml}</{p}dataValidations>' if count else ""
    return _instead(root, node, "dataValidations", whole)


def _instead(root: Node, node: Node | None, name: str, whole: str) -> list[Edit]:
    if node is not None:
        return [replace(node, whole)]
    return [insert_in_order(root, name, SHEET_ORDER, whole)] if whole else []


def _within_person(node: Node, layout: Layout) -> bool:
    mine = {layout.places[name] for name in layout.tab.person_columns if name in layout.places}
    areas = [Area.of(part) for part in node.attributes.get("sqref", "").split()]
    return all(a and a.left == a.right and a.left in mine and a.top > layout.header_row for a in areas)


def _lists(layout: Layout, area: Area, frame: pl.DataFrame, p: str) -> list[str]:
    found: list[str] = []
    for name in layout.tab.person_columns:
        if name not in layout.places:
            continue
        column, index = layout.tab.column(name), layout.places[name]
        source = ROW_CHOICES.get(layout.tab.name, {}).get(name, "")
        if source in frame.columns:
            found += _row_lists(column, index, layout.header_row + 1, frame[source], p)
        else:
            ref = str(Area(index, layout.header_row + 1, index, area.bottom))
            found.append(_list(column, ref, column.choices, p))
    return found


def _list(column: Column, sqref: str, choices: tuple[str, ...], p: str) -> str:
    """A dropdown with the column's note. Only a `choice` forbids other words."""
    words = ",".join(choices)
    usable = bool(choices) and len(words) <= MAX_LIST and not any("," in choice for choice in choices)
    strict = int(column.kind == "choice")
    formula = f"<{p}formula1>{text(chr(34) + words.replace(chr(34), '') + chr(34))}</{p}formula1>" if usable else ""
    kind = ' type="list"' if usable else ""
    title, prompt = attribute(column.name[:32]), attribute(column.note[:255])
    flags = f'allowBlank="1" showInputMessage="1" showErrorMessage="{strict if usable else 0}"'
    head = f'<{p}dataValidation{kind} {flags} promptTitle={title} prompt={prompt} sqref="{sqref}"'
    return f"{head}>{formula}</{p}dataValidation>" if formula else f"{head}/>"


def _row_lists(column: Column, index: int, first: int, answers: pl.Series, p: str) -> list[str]:
    rows = pl.DataFrame({"answers": answers.cast(pl.String), "row": range(first, first + len(answers))})
    groups = rows.drop_nulls().group_by("answers", maintain_order=True).agg("row").head(_MAX_ROW_LISTS)
    letters = letters_of(index)
    found = []
    for words, numbers in groups.iter_rows():
        choices = tuple(w for w in (part.strip() for part in re.split(r"\s/\s|[,;|]|\bor\b", words)) if 0 < len(w) < 60)
        found.append(_list(column, " ".join(f"{letters}{number}" for number in numbers), choices, p))
    return found


# --- links


def links(draft: Draft, part: str, layout: Layout, frame: pl.DataFrame) -> list[Edit]:
    """Web addresses and cells of this workbook in our link columns can be clicked; other links on the sheet stay."""
    columns = [c.name for c in layout.tab.columns if c.kind in _CLICKED and c.name in layout.places]
    if not columns:
        return []
    node, places = layout.sheet.outline.find("hyperlinks"), {layout.places[c] for c in columns}
    old: list[Node] = []
    kept: list[Node] = []
    for child in node.children if node else []:
        (old if _in_columns(child, places, layout.header_row) else kept).append(child)
    tabs = [sheet.name for sheet in draft.package.sheets]
    wanted = [pair for name in columns for pair in _addresses(layout, frame, name, tabs)]
    if wanted == _linked(draft, part, old):
        return []
    draft.unrelate(part, [_id(n) for n in old])
    xml = "".join(layout.sheet.around[n.start : n.end].decode() for n in kept) + _links(draft, part, layout, wanted)
    p, declared = layout.sheet.prefix, draft.declared_r(layout.sheet.outline)
    whole = f"<{p}hyperlinks{declared}>{xml}</{p}hyperlinks>" if xml else ""
    return _instead(layout.sheet.outline, node, "hyperlinks", whole)


def _in_columns(node: Node, places: set[int], header_row: int) -> bool:
    area = Area.of(node.attributes.get("ref", ""))
    return area is not None and area.left in places and area.top > header_row


def _id(node: Node) -> str:
    return next((v for k, v in node.attributes.items() if k.endswith(":id")), "")


def _linked(draft: Draft, part: str, nodes: list[Node]) -> list[tuple[str, str]]:
    """(cell, address) of the links that are there."""
    targets = {r.id: r.target for r in draft.package.relations(part)} if nodes else {}
    places = [node.attributes.get("location") for node in nodes]
    return [
        (node.attributes.get("ref", ""), targets.get(_id(node), "") if place is None else f"#{place}")
        for node, place in zip(nodes, places, strict=True)
    ]


def _addresses(layout: Layout, frame: pl.DataFrame, name: str, tabs: list[str]) -> list[tuple[str, str]]:
    """(cell, address) of the links that the frame asks for; a cell of this workbook, or one of its tabs as a whole."""
    if name not in frame.columns:
        return []
    rows = pl.DataFrame({"link": frame[name].cast(pl.String)}).with_row_index("row", layout.header_row + 1)
    good = pl.col("link").str.contains(_WEB) & (pl.col("link").str.len_chars() <= 2_000)
    if layout.tab.column(name).kind == "cell":
        link = pl.when(pl.col("link").is_in(tabs)).then(pl.col("link") + "!A1").otherwise("link")
        parts = pl.struct(tab=link.str.extract(_CELL, 1), cell=link.str.extract(_CELL, 2))
        rows = rows.select("row", parts.alias("at")).unnest("at").filter(pl.col("tab").is_in(tabs))
        tab = pl.col("tab").str.replace_all("'", "''", literal=True)
        rows = rows.with_columns(pl.format("#'{}'!{}", tab, "cell").alias("link"))
        good = pl.col("link").is_not_null()
    letters = letters_of(layout.places[name])
    return list(rows.filter(good).head(MAX_LINKS).select(pl.format(letters + "{}", "row"), "link").iter_rows())


def _links(draft: Draft, part: str, layout: Layout, wanted: list[tuple[str, str]]) -> str:
    web = [(cell, link) for cell, link in wanted if not link.startswith("#")]
    ids = draft.relate(part, [("hyperlink", link) for _, link in web], external=True) if web else []
    p, pairs = layout.sheet.prefix, zip(web, ids, strict=True)
    inside = "".join(
        f'<{p}hyperlink ref="{cell}" location={attribute(link[1:])}/>' for cell, link in wanted if link.startswith("#")
    )
    return inside + "".join(f'<{p}hyperlink ref="{cell}" r:id="{id_}"/>' for (cell, _), id_ in pairs)


# --- the table


def table(draft: Draft, part: str, layout: Layout, area: Area, names: list[str]) -> list[Edit]:
    """Let the table reach over the rows, made if it is missing. `names`: its headers, left to right."""
    if layout.table is not None:
        _stretch_table(draft, layout.table.part, layout, area, names)
        return []
    name = _free_name(draft, table_name(layout.tab.name))
    body = _table_xml(draft, name, area, names)
    table_part = draft.add_part("tables", "table", body.encode(), "table")
    id_ = draft.relate(part, [("table", table_part)])[0]
    p, root = layout.sheet.prefix, layout.sheet.outline
    own = f'<{p}tablePart{draft.declared_r(root)} r:id="{id_}"/>'
    edits = [remove(n) for n in root.all("autoFilter")]
    node = root.find("tableParts")
    kept = [layout.sheet.around[n.start : n.end].decode() for n in (node.children if node else [])]
    whole = f'<{p}tableParts count="{len(kept) + 1}">{"".join(kept)}{own}</{p}tableParts>'
    return [*edits, *_instead(root, node, "tableParts", whole)]


def _table_xml(draft: Draft, name: str, area: Area, names: list[str]) -> str:
    columns = "".join(f'<tableColumn id="{i}" name={_header(n)}/>' for i, n in enumerate(names, 1))
    return (
        f'{XML}<table xmlns="{draft.main_namespace}" id="{_free_id(draft)}" name="{name}" displayName="{name}" '
        f'ref="{area}" totalsRowShown="0"><autoFilter ref="{area}"/>'
        f'<tableColumns count="{len(names)}">{columns}</tableColumns>'
        '<tableStyleInfo name="TableStyleLight1" showFirstColumn="0" showLastColumn="0" showRowStripes="1" '
        'showColumnStripes="0"/></table>'
    )


def _header(name: str) -> str:
    return attribute(re.sub(r"_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1", name))


def _stretch_table(draft: Draft, part: str, layout: Layout, area: Area, names: list[str]) -> None:
    data = draft.data(part)
    root = outline(data, part)
    whole = Area(area.left, area.top, area.right, area.bottom + layout.totals)
    edits = set_attribute(data, root, "ref", str(whole))
    edits += [remove(node) for node in root.all("sortState")]
    edits += [replace(node, f'<{node.tag} ref="{area}"/>') for node in root.all("autoFilter")]
    holder = root.find("tableColumns")
    assert holder is not None  # the layout was read from it
    extra = names[len(holder.children) :]
    first = max((int(n.attributes.get("id", "0")) for n in holder.children), default=0) + 1
    new = "".join(f'<{root.prefix}tableColumn id="{first + i}" name={_header(n)}/>' for i, n in enumerate(extra))
    edits += set_attribute(data, holder, "count", str(len(names))) + append(data, holder, new)
    draft.put(part, apply(data, edits))


def _free_name(draft: Draft, name: str) -> str:
    taken = {t.display_name.lower() for t in draft.package.tables}
    taken |= {d.name.lower() for d in draft.package.defined_names}
    return _first_free(lambda n: name if n == 1 else f"{name}_{n}", taken)


def _first_free(make: Callable[[int], str], taken: set[str]) -> str:
    return next(make(n) for n in range(1, 10_000) if make(n).lower() not in taken)


def _free_id(draft: Draft) -> int:
    """Table ids are unique in the workbook; single-cell XML tables draw on the same numbers."""
    parts = [n for n in draft.package.members if "table" in draft.package.content_type(n).rpartition(".")[2]]
    roots = [draft.package.root(name) for name in parts if name.endswith(".xml")]
    ids = [int(e.get("id")) for root in roots for e in root.iter() if (e.get("id") or "").isdigit()]
    return max([0, *ids, *(t.id for t in draft.package.tables)]) + 1 + sum("/tables/table" in n for n in draft.added)
