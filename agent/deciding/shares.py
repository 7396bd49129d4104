"""A share of each item for a shop whose orders can never be read (DESIGN section 8, *Kept back*: the fixed share).

What such a shop may sell leaves the pool of all others: nobody learns in time what it sold. The share is what its rules
first gave it; it does not shrink when the shop shows less, for that is sold: OnHand and share go down together, and the
others keep what they had. Nothing fills it up but the seller's own numbers: a new Stocked, a receipt, another rule.

Where no rule of the seller's says how much such a shop may have (*Percent*, *Maximum*), the shops that sell the item
share it evenly: all for one would leave nothing for the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

import polars as pl

from agent.core import rules
from agent.deciding import ledger
from agent.deciding.structure import cell_parts, link_parts
from agent.frames import TIME, empty
from agent.state import Agent
from agent.store import Store
from agent.words import in_words

LISTING = ["channel", "listing"]
PART = ["channel", "sku"]
SOLD = "sold"
"""The kind of a ledger entry: sold by a shop that tells no orders, as its listing shows."""
TYPED = ["opening", "net", "count", "receipt", "feed", "correction"]
Work = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]
"""(parts, SHARES in force) -> `rules.work_out` without the shares' own caps."""


def blind(agent: Agent) -> list[str]:
    """The channels whose orders can never be read."""
    return [name for name, channel in agent.channels.items() if channel.can.orders == "no"]


def settle(agent: Agent, parts: pl.DataFrame, stock: pl.DataFrame, work: Work) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rules.SHARES in force, rules.CAPS of the listings that have one); keeps what is new. In a transaction.

    `parts`: LISTING_PARTS; `stock`: STOCK.
    """
    names, store = blind(agent), agent.store
    known = store.table("share")
    if not names:
        return in_force(store, names), pl.DataFrame(schema=rules.CAPS)
    mine = parts.filter(pl.col("channel").is_in(names))
    now = _wanted(store, mine, work(mine, in_force(store, names)), stock, parts)
    both = now.join(known.rename({"units": "had", "basis": "was"}), on=PART, how="left")
    same = pl.col("was").is_not_null() & ((pl.col("was") == pl.col("basis")) | pl.col("units").is_null())
    both = both.with_columns(
        pl.when(same).then("had").otherwise("units").alias("units"),
        pl.when(same).then("was").otherwise("basis").alias("basis"),
    ).filter(pl.col("units").is_not_null())
    _keep(store, both.filter("live").select(list(known.columns)))
    return in_force(store, names), _caps(mine, both)


def in_force(store: Store, names: list[str]) -> pl.DataFrame:
    """rules.SHARES: what is given away, an item and channel. Of a channel that reads orders again: nothing."""
    if not names:
        return empty(rules.SHARES)
    rows = store.table("share").filter(pl.col("channel").is_in(names) & (pl.col("units") > 0))
    return rows.select(*PART, pl.col("units").alias("share"))


def _keep(store: Store, rows: pl.DataFrame) -> None:
    new = rows.join(store.table("share"), on=rows.columns, how="anti", nulls_equal=True)
    if new.height:
        store.put("share", new)


def _wanted(
    store: Store, mine: pl.DataFrame, worked: pl.DataFrame, stock: pl.DataFrame, parts: pl.DataFrame
) -> pl.DataFrame:
    """`channel, sku (the part), units, basis, live`: what the rules give now, and what that rests on."""
    limited = pl.col("percent").is_not_null() | pl.col("maximum").is_not_null()
    columns = worked.select(*LISTING, "target", limited.alias("limited"))
    live = (
        store.table("link")
        .filter("live")
        .join(store.table("channel").filter("live").select("channel"), on="channel", how="semi")
    )
    live = live.select(LISTING).unique().with_columns(live=pl.lit(value=True))
    rows = mine.join(columns, on=LISTING).join(live, on=LISTING, how="left")
    rows = rows.with_columns((pl.col("target") * pl.col("units")).alias("share"), pl.col("live").fill_null(value=False))
    each = rows.group_by("channel", pl.col("part").alias("sku"), maintain_order=True).agg(
        pl.col("share").max().alias("units"), pl.col("live").any(), pl.col("limited").any()
    )
    shops = parts.group_by(pl.col("part").alias("sku")).agg(pl.col("channel").n_unique().alias("shops"))
    each = each.join(shops, on="sku").join(_free(store, stock), on="sku", how="left")
    even = pl.min_horizontal("units", pl.col("free").clip(0) // pl.col("shops"))
    return each.join(_newest(store), on="sku", how="left").select(
        *PART,
        pl.when("limited").then("units").otherwise(even).alias("units"),
        pl.format("{}/{}", pl.col("newest").fill_null(0), pl.lit(_rules(store))).alias("basis"),
        "live",
    )


def _free(store: Store, stock: pl.DataFrame) -> pl.DataFrame:
    return stock.select("sku", (pl.col("available") - pl.col("missing")).alias("free"))


def _newest(store: Store) -> pl.DataFrame:
    """`sku, newest`: the last number of the seller's own, an item."""
    typed = store.table("ledger").filter(pl.col("kind").is_in(TYPED))
    return typed.group_by("sku").agg(pl.col("id").max().alias("newest"))


def _rules(store: Store) -> str:
    text = store.table("rule").drop("row", "id").sort(pl.all()).write_csv()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _caps(mine: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """rules.CAPS: a listing shows no more than the share of its tightest part."""
    rows = mine.join(
        shares.select(pl.col("sku").alias("part"), "channel", pl.col("units").alias("share")), on=["channel", "part"]
    )
    each = rows.group_by(LISTING, maintain_order=True).agg((pl.col("share") // pl.col("units")).min().alias("stop_at"))
    words = pl.format(in_words("shares.own", channel="{}"), "channel")
    return each.with_columns(words.alias("stop_words")).select(list(rules.CAPS))


def sell(agent: Agent, name: str, gaps: pl.DataFrame, now: datetime) -> None:
    """What the listings of such a shop show less is sold: OnHand and its share go down together. In a transaction.

    `gaps`: channel, cell, units (listing units).
    """
    store = agent.store
    sold = gaps.join(cell_parts(store, link_parts(store)), on=["channel", "cell"], suffix="_each").group_by(
        "channel", pl.col("part").alias("sku")
    ).agg((pl.col("units") * pl.col("units_each")).sum().alias("sold"))  # fmt: skip
    known = store.table("share").join(sold, on=PART)
    store.put("share", known.with_columns((pl.col("units") - pl.col("sold")).clip(0).alias("units")).drop("sold"))
    counted = sold.join(store.table("level").select("sku"), on="sku", how="semi")
    entries = counted.select(
        pl.lit(now, TIME).alias("at"),
        "sku",
        (-pl.col("sold")).alias("change"),
        pl.lit(SOLD).alias("kind"),
        pl.lit(in_words("shares.sold", channel=name)).alias("cause"),
    )
    ledger.post(store, entries, now)
