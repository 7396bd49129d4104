"""The tab Item Master, row by row: items, bundle parts, other SKUs, tags, and an issue for whatever cannot be read.

A row with a problem that touches its SKU, its stock or its make-up is *frozen*: it stays in ITEMS with the issue's code
in `frozen` and without a `stocked`, so that what was last accepted holds for lowering only (DESIGN 4 and 8,
reliability 3.6). It is never summed, never dropped, never zero (I11, I18).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from agent.core import cells, readers
from agent.core.cells import Sheet, clean
from agent.core.known import Known
from agent.core.made_of import read_parts
from agent.frames import ALIASES, ITEMS, PARTS, TAGS, empty

READERS = {
    "SKU": readers.SKU,
    "Title": readers.TEXT,
    "Stocked": readers.WHOLE,
    "Barcode": readers.BARCODE,
    "Track stock": readers.YES_OR_NO,
    "Active": readers.YES_OR_NO,
    "Made of": readers.CODE,
    "Other SKUs": readers.CODE,
    "Feed": readers.TEXT,
    "Tags": readers.TEXT,
}
FREEZING = ("SKU", "Stocked", "Track stock", "Active", "Made of", "Feed", "Tags")
"""A cell of these columns that cannot be read freezes its item, most telling first; one of the others is only named."""
TELLING = ("Title", "Stocked", "Barcode", "Made of", "Other SKUs")
"""A row with one of these and no SKU is an item without a name (yes and no are often filled down to the end)."""
ELSEWHERE = r"\p{Cyrillic}\p{Greek}"
LOOKS_ALIKE = f"[{ELSEWHERE}]"
HONEST = rf"[{ELSEWHERE}]*[[{ELSEWHERE}]--[{''.join(cells.LOOK_ALIKES)}]][{ELSEWHERE}]*"
"""Letters of another alphabet that nobody takes for Latin ones, as one of them has no Latin twin."""
NAMED_ROWS = 8

CODES: dict[str, tuple[str, ...]] = {
    "sku_blank": ("found", "rows", "count"),
    "sku_duplicate": ("found", "rows"),
    "sku_number": ("count", "example"),
    "sku_trimmed": ("count", "example"),
    "sku_look_alike": ("found", "other"),
    "bundle_stocked": ("found",),
    "alias_is_sku": ("found", "other"),
    "alias_twice": ("found", "other"),
    "made_of_unclear": ("found", "part"),
    "part_unknown": ("found", "part"),
    "bundle_loop": ("found", "part"),
    "bundle_in_bundle": ("found", "part"),
}
"""code -> keys of its facts."""


@dataclass(frozen=True)
class CheckedItems:
    """What Item Master says (frames of `agent.frames`), its issues in pieces, and what its codes mean."""

    items: pl.DataFrame
    parts: pl.DataFrame
    aliases: pl.DataFrame
    tags: pl.DataFrame
    issues: list[pl.DataFrame]
    known: Known


def no_items() -> CheckedItems:
    """Of a workbook whose Item Master may not be used."""
    items, aliases = empty(ITEMS), empty(ALIASES)
    return CheckedItems(items, empty(PARTS), aliases, empty(TAGS), [], Known(items, aliases))


def check_items(sheet: Sheet, disputed: pl.DataFrame, former: pl.DataFrame | None = None) -> CheckedItems:
    """Read Item Master. `former`: ALIASES, the names that items had before. `disputed`: `row`, `disputed` (a code)
    where the workbook's readers disagree about a cell."""
    rows = _read(sheet.frame)
    issues = _cell_issues(sheet, rows)
    issues += _without_sku(sheet, rows)
    rows = rows.filter(pl.col("sku").is_not_null())
    if disputed.height:
        rows = rows.join(disputed, on="row", how="left", maintain_order="left")
    rows, more = _duplicates(sheet, rows)
    issues += more + _sku_notices(sheet, rows) + _bundle_stock(sheet, rows)
    first = rows.sort("row").unique("sku", keep="first", maintain_order=True)
    aliases, more = _aliases(sheet, rows)
    if former is not None and former.height:
        aliases = _with_former(aliases, former, first)
    known = Known(first, aliases)
    parts, broken, pieces = read_parts(first, known)
    if broken.height:
        facts = {"found": pl.col("Made of"), "part": pl.col("part")}
        issues.append(sheet.issues(broken, "Made of", pl.col("broken"), pl.col("sku"), facts))
        first = first.join(pieces, on="sku", how="left", maintain_order="left")
    return CheckedItems(_items(first), parts, aliases, _tags(rows), issues + more, known)


def _read(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column read; `sku`, `stocked` and the like beside what stands in the cells."""
    return readers.read(frame, READERS).with_columns(_columns())


@cache
def _columns() -> list[pl.Expr]:
    value = {name: pl.col(f"{name}|value") for name in READERS}
    counted = value["Track stock"].fill_null(True) & ~readers.is_filled("Made of")
    numbered = (pl.col("SKU|kind") == "number") & pl.col("SKU|problem").is_null()
    return [
        value["SKU"].alias("sku"),
        value["SKU"].str.to_lowercase().alias("key"),
        value["Title"].alias("title"),
        pl.when(counted).then(value["Stocked"]).alias("stocked"),
        # what stands in the Stocked of a row that is not counted says nothing
        pl.when(counted).then("Stocked|problem").alias("Stocked|problem"),
        pl.col("Stocked|formula").fill_null(False).alias("stocked_formula"),
        value["Barcode"].alias("barcode"),
        value["Track stock"].fill_null(True).alias("tracked"),
        value["Active"].fill_null(True).alias("active"),
        readers.is_filled("Made of").alias("bundle"),
        value["Feed"].alias("feed"),
        value["Tags"].str.to_lowercase().alias("tags"),
        numbered.alias("numbered"),
        ((pl.col("SKU|kind") == "text") & (pl.col("SKU") != value["SKU"])).alias("trimmed"),
    ]


def _cell_issues(sheet: Sheet, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Cells that cannot be read. A row that names no item (a heading, units, a subtotal) has none: `_without_sku`."""
    issues: list[pl.DataFrame] = []
    named = rows.filter(pl.col("sku").is_not_null() | pl.col("SKU|problem").is_not_null())
    for name in READERS:
        if name != "Title":
            issues += sheet.problems(named, name, pl.col("sku"), choices="yes, no")
    return issues


def _without_sku(sheet: Sheet, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """One issue for all rows that say something about an item but not about which (S2-25: said once)."""
    if rows["sku"].null_count() == 0:
        return []
    told = {name: pl.col(f"{name}|clean") for name in TELLING}
    told["Stocked"] = pl.when(told["Stocked"].str.contains(r"\d")).then(told["Stocked"])  # `pcs` is no quantity
    content = pl.coalesce(*told.values())
    lost = rows.filter(pl.col("sku").is_null() & pl.col("SKU|problem").is_null() & content.is_not_null()).sort("row")
    numbers = ", ".join(str(row) for row in lost["row"].head(NAMED_ROWS))
    facts = {"found": content, "rows": pl.lit(numbers), "count": pl.lit(lost.height)}
    return [sheet.issues(lost.head(1), "SKU", "sku_blank", None, facts)] if lost.height else []


def _duplicates(sheet: Sheet, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """`duplicate` marks every row whose SKU stands in another row too, in whatever case; all are named (I18)."""
    if rows["key"].n_unique() == rows.height:
        return rows.with_columns(pl.lit(False).alias("duplicate")), []
    rows = rows.with_columns(pl.col("key").is_duplicated().alias("duplicate"))
    doubled = rows.filter("duplicate").sort("row")
    named = doubled.group_by("key").agg(pl.col("row").head(NAMED_ROWS).cast(pl.String).str.join(", ").alias("rows"))
    doubled = doubled.join(named, on="key", how="left", maintain_order="left")
    facts = {"found": pl.col("SKU"), "rows": pl.col("rows")}
    return rows, [sheet.issues(doubled, "SKU", "sku_duplicate", pl.col("sku"), facts)]


def _sku_notices(sheet: Sheet, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """One notice a column for numbers read as digits and for spaces left out; one a row for look-alike letters."""
    issues = []
    for code, mark in (("sku_number", "numbered"), ("sku_trimmed", "trimmed")):
        if rows[mark].any():
            some = rows.filter(mark).sort("row")
            facts = {"count": pl.lit(some.height), "example": pl.col("SKU")}
            issues.append(sheet.issues(some.head(1), "SKU", code, None, facts))
    odd = rows.filter(pl.col("sku").str.contains(LOOKS_ALIKE))
    if odd.height:
        issues += _look_alikes(sheet, odd, rows)
    return issues


def _look_alikes(sheet: Sheet, odd: pl.DataFrame, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """SKUs that mix alphabets, or that an eye cannot tell from another row's SKU."""
    seen = cells.as_seen(pl.col("sku")).str.to_lowercase().alias("seen")
    plain = rows.filter(~pl.col("sku").str.contains(LOOKS_ALIKE)).select(seen, other="sku").unique("seen", keep="first")
    told = odd.with_columns(seen).join(plain, on="seen", how="left", maintain_order="left")
    mixed = pl.col("sku").str.contains("[A-Za-z]") & pl.col("sku").str.replace_all(HONEST, "").str.contains(LOOKS_ALIKE)
    wrong = told.filter(mixed | pl.col("other").is_not_null())
    facts = {"found": pl.col("sku"), "other": pl.col("other")}
    return [sheet.issues(wrong, "SKU", "sku_look_alike", pl.col("sku"), facts)] if wrong.height else []


def _bundle_stock(sheet: Sheet, rows: pl.DataFrame) -> list[pl.DataFrame]:
    bad = rows.filter(_stocked_bundle())
    facts = {"found": pl.col("Stocked")}
    return [sheet.issues(bad, "Stocked", "bundle_stocked", pl.col("sku"), facts)] if bad.height else []


def _stocked_bundle() -> pl.Expr:
    return pl.col("bundle") & readers.is_filled("Stocked")


def _listed(rows: pl.DataFrame, column: str, into: str) -> pl.DataFrame:
    """`row`, `sku` and one row for each word between the commas of `column`."""
    words = rows.filter(pl.col(column).is_not_null()).select(
        "row", "sku", pl.col(column).str.replace_all("[;\n]", ",").str.split(",").alias(into)
    )
    words = words.explode(into).with_columns(clean(pl.col(into)))
    return words.filter(pl.col(into).is_not_null()).unique(["sku", into], maintain_order=True)


def _aliases(sheet: Sheet, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """ALIASES, and issues. One that two items claim is none's; one that is another item's SKU stays, to be seen as
    ambiguous by the matching (I18)."""
    if rows["Other SKUs|value"].null_count() == rows.height:
        return empty(ALIASES), []
    listed = _listed(rows, "Other SKUs|value", "alias").filter(pl.col("alias") != pl.col("sku"))
    own = rows.select(alias=pl.col("sku"), other=pl.col("sku")).unique()
    taken = listed.join(own, on="alias", how="inner", maintain_order="left")
    pairs = listed.select("alias", other="sku")
    twice = listed.filter(pl.col("alias").is_duplicated()).join(pairs, on="alias")
    twice = twice.filter(pl.col("sku") != pl.col("other"))
    twice = twice.sort("row", "alias", "other").unique(["row", "alias"], keep="first", maintain_order=True)
    facts = {"found": pl.col("alias"), "other": pl.col("other")}
    bad = (("alias_is_sku", taken), ("alias_twice", twice))
    issues = [sheet.issues(some, "Other SKUs", code, pl.col("sku"), facts) for code, some in bad if some.height]
    return listed.filter(pl.col("alias").is_unique()).select(tuple(ALIASES)), issues


def _with_former(aliases: pl.DataFrame, former: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The old names of present items, where they are no other item's name by now."""
    old = former.join(items, on="sku", how="semi").join(items, left_on="alias", right_on="sku", how="anti")
    return pl.concat([aliases, old.join(aliases, on="alias", how="anti").select(aliases.columns)])


def _tags(rows: pl.DataFrame) -> pl.DataFrame:
    """TAGS, in lower case: a rule's tag is compared without case."""
    if rows["tags"].null_count() == rows.height:
        return empty(TAGS)
    return _listed(rows, "tags", "tag").select(tuple(TAGS))


def _items(rows: pl.DataFrame) -> pl.DataFrame:
    codes = [pl.col(f"{name}|problem") for name in FREEZING]
    duplicate = pl.when("duplicate").then(pl.lit("sku_duplicate"))
    stocked = pl.when(_stocked_bundle()).then(pl.lit("bundle_stocked"))
    more = [pl.col(name) for name in ("disputed", "broken") if name in rows.columns]
    frozen = pl.coalesce(codes[0], duplicate, *codes[1:], stocked, *more)
    items = rows.with_columns(frozen.alias("frozen"), pl.col("Stocked").alias("stocked_text"))
    unfrozen = pl.when(pl.col("frozen").is_null()).then(pl.col("stocked")).alias("stocked")
    return items.with_columns(unfrozen).select(tuple(ITEMS))
