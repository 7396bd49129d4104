"""Leaving a channel for good: what it means in figures, and forgetting it (DESIGN section 8, *forget this shop*).

Nothing becomes free by leaving except what was kept back while the channel could not be read, and that by the person's
own word alone: what it sold and has not shipped, and what vanished there without an order, comes off OnHand as it stops
being Allocated or missing, so that Available stays as it was. The ledger and the pushes stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from agent.core.lines import KEY, ours
from agent.deciding import ledger
from agent.deciding.structure import cell_parts, link_parts
from agent.frames import TIME
from agent.store import Store
from agent.words import in_words

FORGOTTEN = (
    "order_line", "line_part", "cell", "listing", "link", "decision", "channel", "lag", "late_find", "rise", "undone",
    "inbound", "transfer",
    "share",
)  # fmt: skip
"""Tables whose rows of the channel go."""


@dataclass(frozen=True)
class Meaning:
    """What leaving a channel means."""

    listings: int
    """Live linked listings: they keep what they show."""
    shown: int
    """Units that these last showed together."""
    orders: int
    """Orders that are not shipped yet."""
    open_units: int
    """Item units of these."""
    missing: int
    """Item units that vanished there without an order."""
    read_at: datetime | None
    """When its orders were last read."""


def meaning(store: Store, name: str) -> Meaning:
    """What leaving this channel means, as it was last seen."""
    live = (
        store.table("link").filter((pl.col("channel") == name) & pl.col("live")).select("channel", "listing").unique()
    )
    listed = store.table("listing").filter(pl.col("absent") < 2).join(live, on=["channel", "listing"], how="semi")
    cells = store.table("cell").join(listed.select("channel", "cell").unique(), on=["channel", "cell"], how="semi")
    waiting = _open(store, name)
    read_at = store.table("channel").filter(pl.col("channel") == name)["orders_ok_at"].max()
    return Meaning(
        listings=listed.height,
        shown=int(cells["read"].clip(0).sum()),
        orders=waiting["order"].n_unique(),
        open_units=int(waiting["units"].sum()),
        missing=int(_missing(store, name)["units"].sum()),
        read_at=read_at if isinstance(read_at, datetime) else None,
    )


def forget(store: Store, name: str, now: datetime, *, keep_account: bool = False) -> None:
    """Forget what is known of the channel, in one commit; history stays. Done twice, it changes nothing.

    `keep_account`: it stays connected, and only the same account may answer there again (S2-9).
    """
    known = store.table("channel").filter((pl.col("channel") == name) & keep_account)
    with store.transaction():
        waiting, vanished = _open(store, name), _missing(store, name)
        sold = pl.format(in_words("leaving.open_when_left", order="{}", channel="{}"), "order", pl.lit(name))
        lost = pl.lit(in_words("leaving.missing_when_left", channel=name))
        _off(store, waiting.with_columns(sold.alias("cause")), now)
        _off(store, vanished.with_columns(lost.alias("cause")), now)
        _remember(store, name, waiting)
        _close_questions(store, name)
        mine = store.table("missing").filter(pl.col("channel") == name)
        store.delete("missing", mine.select("id"))
        for table in FORGOTTEN:
            store.delete(table, pl.DataFrame({"channel": [name]}))
        store.set_meta(**{f"short/{name}": [0, 0]})
        account = known.select("channel", "account_id", "account_name")
        store.put("channel", account.with_columns(live=pl.lit(value=False), failures=pl.lit(0, pl.Int64)))


def rejoin(store: Store, name: str, read: pl.DataFrame, now: datetime) -> None:
    """The channel was connected again: orders that came off OnHand when it was left, and are still open, count as
    Allocated from now on, so their units go back. `read`: ORDER_LINES of the first read. Within a transaction."""
    mine = store.table("channel").filter(pl.col("channel") == name)["account_id"]
    key = f"left/{mine.item()}" if mine.len() else ""
    rows = store.meta(key, [])
    if not isinstance(rows, list) or not rows:
        return
    left = pl.DataFrame(
        rows, schema={"order": pl.String, "line": pl.String, "sku": pl.String, "units": pl.Int64}, orient="row"
    )
    again = left.join(read.filter(pl.col("open") > 0).select("order", "line"), on=["order", "line"], how="semi")
    cause = pl.format(in_words("leaving.connected_again", order="{}", channel="{}"), "order", pl.lit(name))
    ledger.post(store, _entries(again.with_columns(-pl.col("units"), cause.alias("cause")), now), now)
    store.set_meta(**{key: []})


def _open(store: Store, name: str) -> pl.DataFrame:
    """`order, line, sku, units`: what is Allocated by the channel's open lines, of items that are counted."""
    lines = ours(store.table("order_line")).filter((pl.col("channel") == name) & (pl.col("open") > 0))
    parts = link_parts(store).select("channel", "listing", pl.col("part").alias("sku"), "units")
    rows = lines.select(*KEY, "listing", "open").join(parts, on=["channel", "listing"])
    counted = rows.join(store.table("level").select("sku"), on="sku", how="semi")
    return (
        counted.select("order", "line", "sku", pl.col("open") * pl.col("units"))
        .rename({"open": "units"})
        .sort(pl.all())
    )


def _missing(store: Store, name: str) -> pl.DataFrame:
    """`sku, units`: what vanished from the channel's stock cells without an order."""
    gaps = store.table("missing").filter((pl.col("channel") == name) & (pl.col("units") > 0))
    each = gaps.select("channel", "cell", pl.col("units").alias("gap"))
    rows = each.join(cell_parts(store, link_parts(store)), on=["channel", "cell"])
    return (
        rows.group_by(pl.col("part").alias("sku"))
        .agg((pl.col("gap") * pl.col("units")).sum().alias("units"))
        .sort("sku")
    )


def _off(store: Store, rows: pl.DataFrame, now: datetime) -> None:
    counted = rows.join(store.table("level").select("sku"), on="sku", how="semi", maintain_order="left")
    ledger.post(store, _entries(counted, now), now)


def _entries(rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    change = (-pl.col("units")).alias("change")
    return rows.select(pl.lit(now, TIME).alias("at"), "sku", change, "cause", kind=pl.lit("correction"))


def _remember(store: Store, name: str, waiting: pl.DataFrame) -> None:
    """Which orders came off, by the account's own id: it may be connected again, under whatever name."""
    account = store.table("channel").filter(pl.col("channel") == name)["account_id"]
    if waiting.height and account.len() and account.item():
        store.set_meta(**{f"left/{account.item()}": [list(row) for row in waiting.iter_rows()]})


def _close_questions(store: Store, name: str) -> None:
    """Its questions go, and its approvals with them: connected again, it starts with a first plan."""
    asked, ids = store.table("question"), store.table("missing").filter(pl.col("channel") == name)["id"]
    plans = pl.col("kind").is_in(["first_plan", "new_links"]) & (pl.col("key") == name)
    gaps = pl.col("kind").is_in(["missing_units", "units_set_out"]) & pl.col("key").is_in(ids.cast(pl.String).to_list())
    store.delete("question", asked.filter(plans | gaps).select("id"))
