"""What a code that a person wrote means: an item by its SKU, one of its Other SKUs, or its SKU in another case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl


@dataclass(frozen=True)
class Known:
    """The codes of all items. `items` has `sku` (unique), `aliases` is ALIASES. An alias of two items means none."""

    items: pl.DataFrame
    aliases: pl.DataFrame

    @cached_property
    def exact(self) -> pl.DataFrame:
        """`key` (unique) -> `known`, the item's SKU."""
        own = self.items.select(key=pl.col("sku"), known=pl.col("sku"))
        if self.aliases.is_empty():
            return own
        other = (
            self.aliases.select(key=pl.col("alias"), known=pl.col("sku"))
            .unique()
            .filter(pl.col("key").is_unique())
            .join(own, on="key", how="anti")
        )
        return pl.concat([own, other])

    @cached_property
    def loose(self) -> pl.DataFrame:
        """The same in lower case, only where one item is meant."""
        lower = self.exact.select(pl.col("key").str.to_lowercase(), "known").unique()
        return lower.filter(pl.col("key").is_unique())

    def resolve(self, frame: pl.DataFrame, column: str, into: str) -> pl.DataFrame:
        """`frame` with `into`: the SKU of the item that `column` means, null if none or several. Keeps the order."""
        exact = self.exact.rename({"known": into})
        found = frame.join(exact, left_on=column, right_on="key", how="left", maintain_order="left")
        if found.filter(pl.col(into).is_null() & pl.col(column).is_not_null()).is_empty():
            return found
        lower = pl.col(column).str.to_lowercase()
        again = found.with_columns(lower.alias("_lower")).join(
            self.loose, left_on="_lower", right_on="key", how="left", maintain_order="left"
        )
        return again.with_columns(pl.coalesce(into, "known").alias(into)).drop("_lower", "known")
