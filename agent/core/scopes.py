"""Which rule holds for which listing (DESIGN section 4, *Rules*): the more specific row wins, cell by cell.

SKU over Tag over Channel over blank; a scope that also names the channel over one that does not. Row order means
nothing. `none` takes a wider rule away. Equal scopes that disagree: the one with the lower effect holds (the tab's own
equal rows are settled by `check`; two tags of one item, or two items of one listing, can only be settled here).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from agent.core.check_rules import CHOICES, SETTINGS
from agent.frames import ISSUES, SETTING, frame

COLUMNS = {setting: column for column, setting in SETTINGS.items()}
"""Setting -> the column of the tab Rules."""
EFFECTIVE: dict[str, pl.DataType | type[pl.DataType]] = {
    "channel": pl.String,
    "listing": pl.String,
    **{name: pl.Enum(CHOICES[name]) if name in CHOICES else pl.Int64 for name in SETTING.categories},
}
"""One row a listing; null: no rule. Percent in hundredths of a percent, until in days since 1970-01-01."""
CODES: dict[str, tuple[str, ...]] = {"rule_conflict": ("column", "rows", "items", "tags")}
"""Issue code -> the keys of its facts."""

LISTING = ["channel", "listing"]
_NONE = -1
"""`none` in a cell; values are 0 or more."""
_MORE_IS_LOWER = ("reserve", "out_at")
_NONE_IS_LOWEST = ("minimum", "rounding")


def effective(listings: pl.DataFrame, rules: pl.DataFrame, tags: pl.DataFrame) -> pl.DataFrame:
    """The rules in force, one row a listing (S4-18).

    `listings`: channel, listing, sku (the item of the link; several rows for a listing that sells several items).
    `rules`: RULES. `tags`: TAGS. Gives EFFECTIVE.
    """
    rows = listings.select("channel", "listing", pl.col("sku").alias("item"))
    levels = _levels(_coded(rules), tags) if rules.height else []
    twice = repeated(rows)
    if twice is None:
        return _resolve(rows, levels, many=False)
    once = _resolve(rows.filter(~twice), levels, many=False)
    return pl.concat([once, _resolve(rows.filter(twice), levels, many=True)])


def repeated(rows: pl.DataFrame) -> pl.Series | None:
    """Which rows share their listing with another row; None where no row does (the common case, found cheaply)."""
    alike = rows.select(pl.struct(LISTING).hash().is_duplicated()).to_series()
    if not alike.any():
        return None
    exact = rows.filter(alike).select(LISTING).is_duplicated()
    return alike.scatter(alike.arg_true(), exact) if exact.any() else None


def conflicts(rules: pl.DataFrame, tags: pl.DataFrame, letters: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Two tags of one item that disagree: an issue on each cell (ISSUES, code `rule_conflict`).

    `letters`: column name of the tab Rules -> its letter, for addresses.
    """
    cells = _coded(rules).filter(pl.col("tag").is_not_null())
    if cells.is_empty():
        return frame([], ISSUES)
    keys = ["item", "channel", "sku", "setting"]
    fights = (
        _tagged(cells, tags)
        .group_by(keys)
        .agg(pl.col("code").n_unique().alias("different"), pl.col("row").unique().sort(), pl.col("tag").unique().sort())
        .filter(pl.col("different") > 1)
        .group_by("setting", "row", "tag")
        .agg(pl.col("item").min(), pl.col("item").n_unique().alias("items"))
        .sort("setting", "row")
    )
    return frame([issue for fight in fights.iter_rows(named=True) for issue in _sides(fight, letters or {})], ISSUES)


def _sides(fight: Mapping[str, object], letters: Mapping[str, str]) -> list[dict[str, object]]:
    """One issue a cell that takes part."""
    rows, column = list(fight["row"]), COLUMNS[str(fight["setting"])]  # type: ignore[call-overload]
    named = ", ".join(str(row) for row in rows)
    facts = json.dumps({"column": column, "rows": named, "items": fight["items"], "tags": fight["tag"]})
    same = {"code": "rule_conflict", "tab": "Rules", "sku": fight["item"], "facts": facts}
    return [{**same, "cell": address(letters, column, row)} for row in rows]


def address(letters: Mapping[str, str], column: str, row: int) -> str | None:
    """The cell's address, `C7`; None where the column's letter is not known."""
    return f"{letters[column]}{row}" if column in letters else None


Level = tuple[list[str], pl.DataFrame]
"""The columns of a scope, and one row a scope with the lowest effect of each setting."""


def _resolve(rows: pl.DataFrame, levels: list[Level], *, many: bool) -> pl.DataFrame:
    """The most specific cell of each setting: level by level, the most specific first.

    `rows`: channel, listing, item; `many`: with several rows for each listing.
    """
    found = rows.select(LISTING).unique(maintain_order=True) if many else rows.select(LISTING)
    for keys, wide in levels:
        names = [name for name in wide.columns if name not in keys]
        if not keys:
            best = wide
        elif many:
            best = (
                _matched(rows, wide, keys)
                .group_by(LISTING, maintain_order=True)
                .agg(_lowest(pl.col(name), name).alias(name) for name in names)
            )
        else:
            best = _matched(rows, wide, keys)
        wider = {name: pl.lit(best[name] if keys else best[name].item(), pl.Int64) for name in names}
        found = found.with_columns(
            (pl.coalesce(name, column) if name in found.columns else column).alias(name)
            for name, column in wider.items()
        )
    return found.select(*LISTING, *(_decoded(name, found) for name in SETTING.categories))


def _matched(rows: pl.DataFrame, wide: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return rows.join(wide, on=keys, how="left", maintain_order="left")


def _decoded(name: str, found: pl.DataFrame) -> pl.Expr:
    """The cell as EFFECTIVE has it: `none` and no rule are both null."""
    if name not in found.columns:
        return pl.lit(None, EFFECTIVE[name]).alias(name)
    if name in CHOICES:
        words = dict(enumerate(CHOICES[name]))
        return pl.col(name).replace_strict(words, default=None, return_dtype=EFFECTIVE[name])
    return pl.when(pl.col(name) != _NONE).then(name).alias(name)


def _levels(cells: pl.DataFrame, tags: pl.DataFrame) -> list[Level]:
    """The scope levels that have cells, the most specific first: SKU counts 4, Tag 2, Channel 1."""
    ranks = sorted(cells["rank"].unique().to_list(), reverse=True)
    return [_level(cells.filter(pl.col("rank") == rank), tags, rank) for rank in ranks]


def _level(cells: pl.DataFrame, tags: pl.DataFrame, rank: int) -> Level:
    keys = (["item"] if rank >= 2 else []) + (["channel"] if rank % 2 else [])
    scoped = _tagged(cells, tags) if rank & 2 else cells.with_columns(pl.col("sku").alias("item"))
    lowest = [
        _lowest(pl.col("code").filter(pl.col("setting") == name), name).alias(name)
        for name in cells["setting"].unique().to_list()
    ]
    return keys, scoped.group_by(keys).agg(lowest) if keys else scoped.select(lowest)


def _lowest(codes: pl.Expr, name: str) -> pl.Expr:
    """Of equal cells, the one with the lower effect. `none` mostly gives the most; not so for a minimum, for rounding
    (down is the default), and for the end of a freeze.
    """
    if name in _MORE_IS_LOWER:
        return codes.max()
    if name in _NONE_IS_LOWEST:
        return codes.min()
    if name == "until":
        return pl.when(codes.min() == _NONE).then(_NONE).otherwise(codes.max())
    return pl.coalesce(codes.filter(codes >= 0).min(), codes.min())


def _tagged(cells: pl.DataFrame, tags: pl.DataFrame) -> pl.DataFrame:
    """Cells with a tag, once for each item that has it; a cell that names a SKU as well holds for that item only."""
    items = cells.join(tags.select("tag", pl.col("sku").alias("item")), on="tag")
    return items.filter(pl.col("sku").is_null() | (pl.col("sku") == pl.col("item")))


def _coded(rules: pl.DataFrame) -> pl.DataFrame:
    """RULES with `code`, every setting as a whole number, and `rank`, how specific the scope is."""
    words = {word: number for choices in CHOICES.values() for number, word in enumerate(choices)}
    word = pl.col("text").replace_strict(words, default=None, return_dtype=pl.Int64)
    code = pl.when("none").then(_NONE).when(pl.col("setting").is_in(list(CHOICES))).then(word).otherwise("value")
    named = {"sku": 4, "tag": 2, "channel": 1}
    rank = pl.sum_horizontal(pl.col(column).is_not_null().cast(pl.Int64) * weight for column, weight in named.items())
    coded = rules.with_columns(code.cast(pl.Int64).alias("code"), rank.alias("rank"))
    return coded.filter(pl.col("code").is_not_null())
