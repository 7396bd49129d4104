"""The column Made of: `MUG x 2 + BOX`, `2 x MUG`, `MUG*2`, `MUG` -> a bundle's parts and their units (DESIGN 4 and 5).

A whole piece that is a known SKU is that SKU, whatever it looks like (`CABLE x 2` may be an item). A bundle with any
piece that is not understood has no parts at all: half a recipe would promise more than there is.
"""

from __future__ import annotations

import polars as pl

from agent.core import cells
from agent.core.known import Known
from agent.frames import PARTS, empty

TIMES_BEHIND = r"^(.*?\S)(?:\s+[xX]\s*|\s*[×*]\s*)([0-9]{1,5})$"
NO_COUNT = r"^.*\S(?:\s+[xX]\s*|\s*[×*]\s*)[-−+]?[0-9.,]*$"
"""What stands where a number of units should, and is none."""
TIMES_BEFORE = r"^([0-9]{1,5})(?:\s+[xX]\s*|\s*[xX]\s+|\s*[×*]\s*)(\S.*)$"


def read_parts(rows: pl.DataFrame, known: Known) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """PARTS; the rows of broken bundles with `broken` (a code) and the `part` it is about; and `sku`, `broken` of each.

    `rows` has `row`, `sku` (unique), `Made of|value` (null: no bundle).
    """
    nothing = pl.DataFrame(schema={"sku": pl.String, "broken": pl.String})
    bundles = rows.filter(pl.col("Made of|value").is_not_null())
    if bundles.is_empty():
        return empty(PARTS), nothing, nothing
    pieces = _judged(_understood(_pieces(bundles, known), known), bundles)
    broken = pieces.filter(pl.col("broken").is_not_null()).sort("sku", "piece_no").unique("sku", keep="first")
    whole = pieces.join(broken, on="sku", how="anti")
    parts = whole.group_by("sku", "part", maintain_order=True).agg(pl.col("units").sum()).select(tuple(PARTS))
    named = broken.select("sku", "broken", part=pl.coalesce("part", "wanted"))
    return parts, bundles.join(named, on="sku", how="inner", maintain_order="left"), named.select("sku", "broken")


def _pieces(bundles: pl.DataFrame, known: Known) -> pl.DataFrame:
    """What stands between the plus signs: `sku`, `piece_no`, `piece`. Where SKUs hold a plus, ` + ` divides."""
    plus = known.exact["key"].str.contains("+", literal=True).any()
    text = bundles.select("sku", piece=pl.col("Made of|value").str.split(" + " if plus else "+")).explode("piece")
    return text.with_columns(cells.clean(pl.col("piece"))).with_row_index("piece_no")


def _understood(pieces: pl.DataFrame, known: Known) -> pl.DataFrame:
    """`part` (an item's SKU) and `units` of each piece; `wanted`: the code as written; `unclear`: two meanings."""
    behind, before = (pl.col("piece").str.extract_groups(pattern) for pattern in (TIMES_BEHIND, TIMES_BEFORE))
    read = pieces.with_columns(behind=behind, before=before).with_columns(
        name_1=pl.col("behind").struct[0],
        units_1=pl.col("behind").struct[1].cast(pl.Int64),
        name_2=pl.col("before").struct[1],
        units_2=pl.col("before").struct[0].cast(pl.Int64),
    )
    for column, into in (("piece", "part_0"), ("name_1", "part_1"), ("name_2", "part_2")):
        read = known.resolve(read, column, into)
    both = pl.col("part_1").is_not_null() & pl.col("part_2").is_not_null()
    return read.select(
        "sku",
        "piece_no",
        "piece",
        wanted=pl.coalesce("name_1", "name_2", "piece"),
        part=pl.coalesce("part_0", "part_1", "part_2"),
        units=pl.when(pl.col("part_0").is_not_null())
        .then(pl.lit(1, dtype=pl.Int64))
        .when(pl.col("part_1").is_not_null())
        .then("units_1")
        .otherwise("units_2"),
        unclear=pl.col("part_0").is_null() & both,
        odd=pl.col("piece").str.contains(NO_COUNT) & pl.col("behind").struct[0].is_null(),
    )


def _judged(pieces: pl.DataFrame, bundles: pl.DataFrame) -> pl.DataFrame:
    """`broken`: the code of what is wrong with a piece, or null."""
    return pieces.with_columns(
        broken=pl.when(pl.col("piece").is_null() | pl.col("unclear") | (pl.col("units") == 0))
        .then(pl.lit("made_of_unclear"))
        .when(pl.col("part").is_null() & pl.col("odd"))
        .then(pl.lit("made_of_unclear"))
        .when(pl.col("part").is_null())
        .then(pl.lit("part_unknown"))
        .when(pl.col("part") == pl.col("sku"))
        .then(pl.lit("bundle_loop"))
        .when(pl.col("part").is_in(bundles["sku"].implode()))
        .then(pl.lit("bundle_in_bundle"))
    )
