"""An export of products in our words (LISTINGS): one row a variant. A cell that says nothing is never a zero (I11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from agent.channels.files import cells
from agent.channels.files.export import Export
from agent.channels.values import LONGEST
from agent.frames import LISTINGS, TIME
from agent.words import in_words

ROW = "row/"
"""A stock cell is the row of one listing."""
NAMED = 8
"""Rows that cannot be read and are named; further ones are counted."""


@dataclass(frozen=True)
class Catalogue:
    """What an export of products says."""

    frame: pl.DataFrame
    """LISTINGS."""
    rows: pl.DataFrame
    """`listing, row` (its place in the export's body), of those that stand there once."""
    issues: tuple[str, ...]
    mark: str | None
    """The decimal mark."""


def key_of(export: Export) -> str:
    """What tells the listings of this shop apart: its own id where that is one a row, else the SKU."""
    if not export.says("id"):
        return "sku"
    ids = export.texts("id").str.strip_chars().replace("", None).drop_nulls()
    skus = export.texts("sku").str.strip_chars().replace("", None).drop_nulls()
    return "id" if ids.n_unique() == len(ids) and len(ids) >= len(skus) else "sku"


def catalogue(channel: str, export: Export, key: str) -> Catalogue:
    """The listings of an export. Rows without a key are headings, parents of variants, or cannot be told."""
    texts = ("id", "sku", "title", "barcode", "product", "quantity", "counted", "price", "currency", "status", "link")
    raw = pl.DataFrame([export.texts(name) for name in texts]).with_columns(export.together("options"))
    mark = cells.decimal_mark([raw["price"], raw["quantity"]])
    rows = raw.with_row_index("row").with_columns(
        cells.code(pl.col("id", "sku", "barcode", "product")),
        pl.col("title", "options", "currency", "link", "price")
        .str.strip_chars()
        .str.slice(0, LONGEST)
        .replace("", None),
        pl.col("quantity").str.strip_chars().replace("", None).alias("said"),
        cells.quantity(pl.col("quantity"), mark).alias("quantity"),
    )
    rows = rows.with_columns(pl.col(key).alias("listing")).filter(pl.col("listing").is_not_null())
    uncounted = cells.says(pl.col("said"), "words", "uncounted") | cells.says(pl.col("counted"), "words", "no")
    rows = rows.with_columns(
        managed=pl.col("said").is_not_null() & ~uncounted.fill_null(value=False),
        twice=pl.col("listing").is_duplicated(),
    )
    rows = rows.with_columns(pl.when(pl.col("managed") & ~pl.col("twice")).then("quantity").alias("quantity"))
    issues = [*_twice(rows), *_unread(rows)]
    rows = rows.unique("listing", keep="first", maintain_order=True)
    product = pl.coalesce("product", "id" if key == "sku" else "product", pl.col("title"), "listing")
    frame = rows.select(
        pl.lit(channel).alias("channel"),
        "listing",
        pl.format(ROW + "{}", "listing").alias("cell"),
        product.alias("product"),
        "title",
        "options",
        "sku",
        "barcode",
        pl.when(pl.col("link").str.contains(r"^https?://")).then("link").alias("link"),
        "price",
        "currency",
        "quantity",
        "managed",
        pl.when(cells.says(pl.col("status"), "words", "no")).then(pl.lit("inactive")).otherwise(pl.lit("active"))
        .alias("status"),
        pl.lit("seller").alias("fulfilled_by"),
        pl.lit(None, TIME).alias("modified_at"),
    ).select(pl.col(name).cast(kind) for name, kind in LISTINGS.items())  # fmt: skip
    once = rows.filter(~pl.col("twice")).select("listing", pl.col("row").cast(pl.Int64))
    return Catalogue(frame, once, tuple(issues), mark)


def _twice(rows: pl.DataFrame) -> Sequence[str]:
    names = rows.filter("twice")["listing"].unique(maintain_order=True).to_list()
    if not names:
        return []
    return [in_words("files.twice", count=len(names), listings=names)]


def _unread(rows: pl.DataFrame) -> Sequence[str]:
    bad = rows.filter(pl.col("managed") & pl.col("quantity").is_null() & ~pl.col("twice"))
    told = [
        in_words("files.no_number", title=title or sku or listing, listing=listing, said=said)
        for listing, title, sku, said in bad.select("listing", "title", "sku", "said").head(NAMED).iter_rows()
    ]
    return [*told, in_words("files.more_unread", count=bad.height - NAMED)] if bad.height > NAMED else told
