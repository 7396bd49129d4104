"""The person's cells beside the agent's, carried to where their row stands now."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import polars as pl

from agent.workbooks.cells import letters_of
from agent.workbooks.xlsx.grid import Texts
from agent.workbooks.xlsx.layout import KEY, Layout, any_of, sheet_keys
from agent.workbooks.xlsx.rows import typed_cells
from agent.workbooks.xlsx.splice import text

_FORMULA = re.compile(r"<(?P<p>[\w.-]+:)?f(?P<attributes>\s[^>]*?)?(?:/>|>(?P<text>[^<]*)</(?:[\w.-]+:)?f>)")
_SHARED = re.compile(r'\bsi="(\d+)"')


def kept_cells(
    layout: Layout, columns: list[int], keys: pl.Series, *, numbers: pl.Series, texts: Texts, styles: Mapping[int, int]
) -> dict[int, pl.Series]:
    """Column -> its cells without their address (`rows.Slot` with `raw`), one for each key of the new rows.

    `numbers`: the rows that the keys will stand in; `styles`: what a blank cell of each column looks like, which needs
    no keeping. Formulas are translated to their new row as Excel does when it sorts. Rows without a key keep nothing.
    Columns in which nothing is kept may be left out.
    """
    if not columns or keys.is_empty() or layout.data.is_empty():
        return {}
    layout = layout.only(layout.data.filter(any_of(_own(layout, index, styles.get(index, 0)) for index in columns)))
    if layout.data.is_empty():
        return {}
    found = [_bodies(layout, index).alias(str(index)) for index in columns]
    old = pl.DataFrame([sheet_keys(layout, texts), layout.data["row"], *found])
    old = old.filter(pl.col(KEY).is_not_null()).unique(KEY, keep="first", maintain_order=True)
    new = keys.alias(KEY).to_frame().join(old, on=KEY, how="left", maintain_order="left")
    return {index: _moved(layout, index, new[str(index)], new["row"], numbers) for index in columns}


def _own(layout: Layout, index: int, style: int) -> pl.Series:
    """The person's hand shows in this column's cell: it is there, and not merely blank in the column's style."""
    sheet, letters = layout.sheet, letters_of(index)
    if not sheet.plain:
        return layout.cells(index).is_not_null()
    xml, start = layout.data["xml"], rf'<{sheet.prefix}c r="{letters}\d+"'
    usual = start + (rf' s="{style}"' if style else "") + rf"\s*(?:/>|></{sheet.prefix}c>)"
    return xml.str.contains(start) & ~xml.str.contains(usual)


def _bodies(layout: Layout, index: int) -> pl.Series:
    p = layout.sheet.prefix
    address = rf'\sr="{letters_of(index)}\d+"'
    return layout.cells(index).str.strip_prefix(f"<{p}c").str.replace(address, "")


def _moved(layout: Layout, index: int, cells: pl.Series, old: pl.Series, new: pl.Series) -> pl.Series:
    formula = cells.str.contains(rf"<{layout.sheet.prefix}f[\s>/]").fill_null(False)
    if not (formula & (old != new)).any():
        return cells
    masters = _masters(layout, index)
    where = formula.arg_true()
    triples = zip(cells.gather(where), old.gather(where), new.gather(where), strict=True)
    moved = [_translated(cell, letters_of(index), was, now, masters) for cell, was, now in triples]
    return cells.scatter(where, moved)


def _masters(layout: Layout, index: int) -> dict[str, tuple[str, int]]:
    """si -> (formula, row) of the shared formulas that begin in this column."""
    found: dict[str, tuple[str, int]] = {}
    for cell, row in zip(layout.cells(index), layout.data["row"], strict=True):
        match = _FORMULA.search(cell) if cell and "shared" in cell else None
        shared = _SHARED.search(match["attributes"] or "") if match else None
        if match and shared and match["text"]:
            found[shared[1]] = (match["text"], row)
    return found


def _translated(cell: str, letters: str, was: int, now: int, masters: dict[str, tuple[str, int]]) -> str:
    from openpyxl.formula.translate import Translator  # noqa: PLC0415 - only where a person has own formulas here

    match = _FORMULA.search(cell)
    if match is None:
        return cell
    shared = _SHARED.search(match["attributes"] or "")
    formula, origin = masters.get(shared[1], ("", was)) if shared else (match["text"] or "", was)
    if not formula or 't="array"' in (match["attributes"] or ""):
        return cell[: match.start()] + cell[match.end() :]  # its last result stays
    moved = Translator("=" + html.unescape(formula), f"{letters}{origin}").translate_formula(f"{letters}{now}")
    p = match["p"] or ""
    return f"{cell[: match.start()]}<{p}f>{text(str(moved)[1:])}</{p}f>{cell[match.end() :]}"


def with_typed(cells: pl.Series, typed: pl.Series, shown: pl.Series, style: int, prefix: str) -> pl.Series:
    """The cells, with what was typed in the sidecar put over those that say something else."""
    start, cells_of = f' s="{style}"' if style else "", typed_cells(typed, prefix)
    pattern = start + "{}</" + prefix + "c>"
    written = cells_of.to_frame("t").select(pl.format(pattern, pl.col("t"))).to_series()
    differs = typed.is_not_null() & (typed != shown.fill_null(""))
    return written.zip_with(differs, cells)
