"""Rules that cannot mean what they say (DESIGN section 7, *Lint*; S4-21, S4-23)."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from agent.core.check_settings import LAST_IN_LINE
from agent.core.once import Once, each_time
from agent.core.scopes import CODES as CONFLICTS
from agent.core.scopes import COLUMNS, address, conflicts
from agent.core.steps import share
from agent.frames import ISSUES, frame

CODES: dict[str, tuple[str, ...]] = {
    **CONFLICTS,
    "fixed_on_tracked": ("row", "value", "items"),
    "minimum_above_stock": ("row", "value", "listings", "beyond"),
    "cutoff_above_all": ("row", "value", "listings"),
    "percent_hides_last": ("row", "percent", "listings"),
    "last_unranked": ("row", "value", "first"),
}
"""Issue code -> the keys of its facts. `sku` of the issue is an example."""

_C = pl.col


def lint(
    rules: pl.DataFrame,
    tags: pl.DataFrame,
    items: pl.DataFrame,
    worked: pl.DataFrame,
    letters: Mapping[str, str] | None = None,
    *,
    channels: pl.DataFrame | None = None,
    once: Once = each_time,
) -> pl.DataFrame:
    """The issues of the rules: ISSUES, one row a cell of the tab Rules.

    `rules`: RULES. `tags`: TAGS. `items`: ITEMS. `worked`: what `rules.work_out` gave. `letters`: column name of the
    tab Rules -> its letter. `channels`: CHANNELS. `once`: spares what rests on rules, tags and items alone while these
    stand.
    """
    if rules.is_empty():
        return frame([], ISSUES)
    found = [
        once("fixed on tracked", lambda: _fixed_on_tracked(rules, tags, items), rules, tags, items),
        *(_of_value(rules, worked, code) for code in _OF_LISTINGS),
        _unranked(rules, channels),
    ]
    columns = {
        "fixed_on_tracked": COLUMNS["fixed"],
        **{code: COLUMNS[of[0]] for code, of in _OF_LISTINGS.items()},
        "last_unranked": COLUMNS["last_units"],
    }
    rows = [
        {
            "code": code,
            "tab": "Rules",
            "cell": address(letters or {}, columns[code], issue["row"]),
            "sku": issue.pop("example"),
            "facts": json.dumps(issue),
        }
        for code, issues in zip(columns, found, strict=True)
        for issue in issues.iter_rows(named=True)  # one a cell of the tab Rules
    ]
    fights: pl.DataFrame = once("rules that fight", lambda: conflicts(rules, tags, letters), rules, tags, letters)
    return pl.concat([fights, frame(rows, ISSUES)])


_OF_LISTINGS: dict[str, tuple[str, str, pl.Expr, bool]] = {
    "minimum_above_stock": ("minimum", "minimum", (_C("after_units") >= 1) & (_C("minimum") > _C("room")), False),
    "cutoff_above_all": ("out_at", "cutoff", (_C("room") >= 1) & (_C("room") <= _C("cutoff")), True),
    "percent_hides_last": ("percent", "percent", (_C("after_units") >= 1) & (share(_C("after_units")) == 0), False),
}
"""Code -> setting, the column of `worked` that holds it, what is wrong, and whether it must be so on all listings."""


def _of_value(rules: pl.DataFrame, worked: pl.DataFrame, code: str) -> pl.DataFrame:
    """row, value (or percent), listings, beyond, example of the cells whose value goes wrong on listings they cover."""
    setting, column, wrong, for_all = _OF_LISTINGS[code]
    cells = rules.filter((_C("setting") == setting) & ~_C("none")).select("row", "value", "channel", "sku")
    if cells.is_empty():
        return cells
    hit = worked.filter(_C(column).is_not_null() & _C("room").is_not_null()).select(
        "channel", "sku", _C(column).alias("value"), wrong.fill_null(value=False).alias("wrong"),
        beyond=_C(column) - _C("room"), fine=(_C("room") > _C(column)),
    )  # fmt: skip
    counts = [
        _C("wrong").sum().alias("listings"),
        _C("beyond").filter("wrong").max(),
        _C("fine").any(),
        _C("sku").filter("wrong").min().alias("example"),
    ]
    both = pl.concat(_covered(cells, hit, counts)).filter(
        _C("channel").is_null() | (_C("channel") == _C("channel_there"))
    )
    found = both.group_by("row", "value").agg(
        _C("listings").sum(), _C("beyond").max(), _C("fine").any(), _C("example").min()
    )
    found = found.filter((_C("listings") > 0) & ~(_C("fine") & for_all)).drop("fine").sort("row")
    if code != "minimum_above_stock":
        found = found.drop("beyond")
    if code == "percent_hides_last":
        found = found.with_columns((_C("value") / 100).alias("percent")).drop("value")
    return found


def _covered(cells: pl.DataFrame, hit: pl.DataFrame, counts: list[pl.Expr]) -> list[pl.DataFrame]:
    """The cells with the counts of the listings that have their value; those of one SKU with its own."""
    of_all, of_one = cells.filter(_C("sku").is_null()), cells.filter(_C("sku").is_not_null())
    found = []
    if of_all.height or of_one.is_empty():
        wide = hit.group_by("channel", "value").agg(counts)
        found.append(of_all.join(wide, on="value", suffix="_there"))
    if of_one.height:
        exact = hit.group_by("channel", "value", pl.col("sku").alias("item")).agg(counts)
        found.append(of_one.join(exact, left_on=["value", "sku"], right_on=["value", "item"], suffix="_there"))
    return found


def _fixed_on_tracked(rules: pl.DataFrame, tags: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """row, value, items, example of the fixed quantities that speak of tracked items only: they have no effect."""
    cells = rules.filter((_C("setting") == "fixed") & ~_C("none")).select("row", "value", "sku", "tag")
    if cells.is_empty():
        return cells
    tracked = items.select(_C("sku").alias("item"), "tracked")
    whole = tracked.group_by("tracked").agg(_C("item").len().alias("items"), _C("item").min().alias("example"))
    by_tag = cells.filter(_C("tag").is_not_null()).join(tags.rename({"sku": "item"}), on="tag")
    named = pl.concat([
        cells.filter(_C("tag").is_null() & _C("sku").is_not_null()).with_columns(_C("sku").alias("item")),
        by_tag.filter(_C("sku").is_null() | (_C("sku") == _C("item"))),
    ])  # fmt: skip
    named = (
        named.join(tracked, on="item")
        .group_by("row", "value", "tracked")
        .agg(_C("item").len().alias("items"), _C("item").min().alias("example"))
    )
    everywhere = cells.filter(_C("tag").is_null() & _C("sku").is_null()).select("row", "value").join(whole, how="cross")
    covered = pl.concat([named, everywhere.select(named.columns)])
    useful = covered.filter(~_C("tracked")).select("row")
    return covered.filter("tracked").join(useful, on="row", how="anti").drop("tracked").sort("row")


def _unranked(rules: pl.DataFrame, channels: pl.DataFrame | None) -> pl.DataFrame:
    """row, value, first, example of the cells that give the last units to one shop where Priority names none."""
    asks = (_C("setting") == "last_units") & _C("text").is_in(["one channel", "auto"])
    cells = rules.filter(asks).select("row", _C("text").alias("value"), _C("sku").alias("example")).sort("row")
    first = _first_unasked(channels) if channels is not None and cells.height else None
    return cells.clear() if first is None else cells.with_columns(first=pl.lit(first))


def _first_unasked(channels: pl.DataFrame) -> str | None:
    """The shop that gets the last units, where no Priority says so; None where one does, or one shop has all."""
    live = channels.filter((_C("mode") != "Off") & _C("go_live")).sort("priority", "channel", nulls_last=True)
    ranked = live.filter(_C("priority") == _C("priority").min())
    said = ranked.height == 1 and ranked["priority"].item() < LAST_IN_LINE
    return None if live.height < 2 or said else str(live["channel"][0])
