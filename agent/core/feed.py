"""What a supplier's list says: which columns hold code and figure, and one figure a code (DESIGN section 5, *Feeds*).

Absence is never zero: a code that is not in the list, or whose figure cannot be read, has no figure.
"""

from __future__ import annotations

import polars as pl

from agent.core.cells import clean
from agent.frames import Schema

FIGURES: Schema = {
    "code": pl.String,  # as the supplier writes it: a SKU, another SKU of ours, or a barcode
    "figure": pl.Int64,  # null: it could not be read
    "found": pl.String,  # what stands there
}
MOST_UNITS = 10_000_000
SWING_UNITS = 50
ZEROS, SHARE = 10, 0.1


def figures(codes: list[str], found: list[str]) -> pl.DataFrame:
    """FIGURES of a list's rows. `12`, `12.0`, `12,00`, `1 200` and `>12`, `12+` (at least so many) are figures; below
    zero is none left. Of a code that stands there twice the lower figure holds; one unreadable of the two: none.
    """
    rows = pl.DataFrame({"code": codes, "found": found}, schema=dict.fromkeys(("code", "found"), pl.String))
    rows = rows.with_columns(clean(pl.col("code")), clean(pl.col("found"))).filter(
        pl.col("code").is_not_null() & pl.col("found").is_not_null()
    )
    plain = pl.col("found").str.replace(r"^(>=?|≥)\s*", "").str.replace(r"\s*\+$", "")
    plain = plain.str.replace_all(r"(\d)[ ’'](\d{3})\b", "${1}${2}").str.replace(r"[.,]0{1,2}$", "")
    number = pl.when(plain.str.contains(r"^-?\d{1,9}$")).then(plain.cast(pl.Int64, strict=False)).clip(0)
    rows = rows.with_columns(pl.when(number <= MOST_UNITS).then(number).alias("figure"))
    one = pl.when(pl.col("figure").is_not_null().all()).then(pl.col("figure").min()).alias("figure")
    return rows.group_by("code", maintain_order=True).agg(one, pl.col("found").last()).select(list(FIGURES))


def of_items(rows: pl.DataFrame, items: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """`sku, feed, figure, found` of the items that have a Feed, where their feed names them.

    `rows`: FIGURES with `feed`; `items`: ITEMS; `aliases`: ALIASES. By SKU first, then Other SKUs, then barcode,
    without case. An item that two codes of its list name with different figures has no figure.
    """
    fed = items.filter(pl.col("feed").is_not_null())
    names = pl.concat(
        [
            fed.select("sku", pl.lit(1).alias("rank"), pl.col("sku").alias("code")),
            aliases.join(fed.select("sku"), on="sku", how="semi").select(
                "sku", pl.lit(2).alias("rank"), pl.col("alias").alias("code")
            ),
            fed.filter(pl.col("barcode").is_not_null()).select(
                "sku", pl.lit(3).alias("rank"), pl.col("barcode").alias("code")
            ),
        ]
    ).join(fed.select("sku", "feed"), on="sku")
    key = pl.col("code").str.to_lowercase().alias("key")
    said = names.with_columns(key).join(
        rows.with_columns(key, pl.col("feed").str.to_lowercase().alias("feed")).drop("code"),
        left_on=["key", pl.col("feed").str.to_lowercase()],
        right_on=["key", "feed"],
    )
    best = said.filter(pl.col("rank") == pl.col("rank").min().over("sku"))
    clear = pl.col("figure").is_not_null().all() & (pl.col("figure").n_unique() == 1)
    return best.group_by("sku", maintain_order=True).agg(
        pl.col("feed").first(),
        pl.when(clear).then(pl.col("figure").first()).alias("figure"),
        pl.col("found").str.join(" / "),
    )


def swing(before: pl.DataFrame, now: pl.DataFrame) -> dict[str, int] | None:
    """Whether a list changed as no supplier's stock does (the brake's patterns, DESIGN section 8): facts, or None.

    `before`, `now`: sku, figure. Many figures became zero at once, or all of them together halved or doubled; or many
    are no longer there.
    """
    both = before.filter(pl.col("figure").is_not_null()).join(now, on="sku", how="left", suffix="_now")
    if both.is_empty():
        return None
    had = both.filter(pl.col("figure") > 0)
    zeros = had.filter(pl.col("figure_now") == 0).height
    gone = both.filter(pl.col("figure_now").is_null()).height
    was, units = int(both["figure"].sum()), int(both["figure_now"].sum())
    facts = {"zeros": zeros, "gone": gone, "count": both.height, "units": was, "units_now": units}
    emptied = zeros > max(ZEROS, SHARE * both.height)
    shifted = abs(units - was) > SWING_UNITS and (units * 2 <= was or units >= was * 2) and both.height > 1
    vanished = gone > max(ZEROS, SHARE * both.height)
    return facts if emptied or shifted or vanished else None
