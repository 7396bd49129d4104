"""The ledger in the store: what moves OnHand, kept with its sum (DESIGN section 5).

Everything here runs inside the caller's transaction, so that a cause and its entries are committed together.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from agent.accepting import edit_habit
from agent.asking import questions
from agent.core import edits, lines, net
from agent.core.lines import EDGE, KEY
from agent.frames import TIME
from agent.store import Store
from agent.words import in_words

ENTRY = ["at", "sku", "change", "kind", "cause", "channel", "order", "line", "row"]
BY_THE_WORKBOOK = ("opening", "count", "receipt", "correction")
"""Kinds of entries that rest on what somebody typed in the workbook: their `who` is who saved it."""


SHIPPED_BEFORE = "late_shipments_named"
TRANSFER = "transfer"
"""How the `row` of units begins that left for a marketplace's own warehouse, as answered."""
SAME_DAY = timedelta(days=1)
"""A row of Stock In and Out and an edit of Stocked that say the same within this count once."""


def post(store: Store, entries: pl.DataFrame, now: datetime) -> None:
    """Append entries (`at, sku, change, kind, cause` and, for shipments, `channel, order, line`); levels follow.

    An opening entry opens the item's ledger at its `at`.
    """
    if entries.is_empty():
        return
    missing = [pl.lit(None, pl.String).alias(c) for c in ENTRY if c not in entries.columns]
    entries = entries.with_columns(missing).sort("at", "sku")
    levels = store.table("level")
    person = store.meta("saved_by") or in_words("ledger.you")
    start = entries.join(levels.select("sku", "on_hand"), on="sku", how="left")["on_hand"].fill_null(0)
    rows = entries.select(*ENTRY).with_columns(
        (start + pl.col("change").cum_sum().over("sku")).alias("after"),
        pl.lit(now).alias("learned_at"),
        pl.when(pl.col("kind").is_in(BY_THE_WORKBOOK)).then(pl.lit(person, pl.String)).alias("who"),
    )
    store.append("ledger", rows)
    opened = rows.filter(pl.col("kind") == "opening").group_by("sku").agg(pl.col("at").min().alias("opening"))
    latest = rows.group_by("sku", maintain_order=True).agg(pl.col("after").last().alias("on_hand"))
    changed = latest.join(levels.select("sku", "opened_at"), on="sku", how="left").join(opened, on="sku", how="left")
    store.put("level", changed.select("sku", "on_hand", pl.coalesce("opened_at", "opening").alias("opened_at")))


def open_items(store: Store, rows: pl.DataFrame, now: datetime) -> None:
    """Open the ledgers of these items: `sku`, `value` (Stocked), `at` (when it was saved)."""
    post(
        store,
        rows.select(
            "at", "sku", pl.col("value").alias("change"), kind=pl.lit("opening"), cause=pl.lit("first Stocked")
        ),
        now,
    )


def shipped_between(store: Store, skus: pl.DataFrame) -> pl.DataFrame:
    """`sku, shipped`: units marked shipped in each row's window. `skus`: sku, window_from, saved_at.

    The marks are in the shops' clocks, the window in ours: hence the edge. What we knew of when the window began was
    marked before it, whatever the clocks say.
    """
    ledger = store.table("ledger").filter(pl.col("kind") == "shipment")
    inside = (pl.col("at") > pl.col("window_from") - EDGE) & (pl.col("at") <= pl.col("saved_at") + EDGE)
    rows = skus.join(ledger.select("sku", "at", "learned_at", "change"), on="sku").filter(
        inside & (pl.col("learned_at") > pl.col("window_from"))
    )
    return rows.group_by("sku").agg((-pl.col("change").sum()).alias("shipped"))


SHEETS_OWN = ("opening", "count", "receipt")
"""Kinds of entries that come from a revision of the sheet."""


def moved_after(store: Store, skus: pl.DataFrame) -> pl.DataFrame:
    """`sku, later`: what entries after each row's `saved_at` changed (they are not part of OnHand as of the save).

    What the sheet itself said stood in an earlier revision, also where this computer's clock was set back since.
    """
    ledger = store.table("ledger").filter(~pl.col("kind").is_in(SHEETS_OWN))
    rows = skus.join(ledger.select("sku", "at", "change"), on="sku").filter(pl.col("at") > pl.col("saved_at") + EDGE)
    return rows.group_by("sku").agg(pl.col("change").sum().alias("later"))


def add_net(store: Store, parts: pl.DataFrame, now: datetime) -> None:
    """The seller's numbers were net: the units sold and not shipped when the ledgers opened are added (core/net)."""
    wanted = net.to_add(store.table("order_line"), parts, store.table("line_part"), store.table("level"))
    had = store.table("ledger").filter(pl.col("kind") == "net").group_by("sku").agg(pl.col("change").sum().alias("had"))
    rows = wanted.join(had, on="sku", how="full", coalesce=True).select(
        pl.lit(now, TIME).alias("at"),
        "sku",
        (pl.col("units").fill_null(0) - pl.col("had").fill_null(0)).alias("change"),
        kind=pl.lit("net"),
        cause=pl.lit(in_words("ledger.net")),
    )
    post(store, rows.filter(pl.col("change") != 0), now)


def post_shipments(store: Store, parts: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """`_post_shipments`, where there can be something new to post: nothing of it hangs on the time."""
    return store.derived("shipments posted", lambda: _post_shipments(store, parts, now), parts)


def _post_shipments(store: Store, parts: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Post what shipped lines take from OnHand; reopen edits that they make doubtful. Available does not change (I9).

    `parts`: LISTING_PARTS with `linked_at`. Gives the lines that had shipped before linking: without effect, and named.
    """
    order_lines = store.table("order_line")
    _track(store, order_lines, parts)
    rows = lines.postings(store.table("order_line"), store.table("line_part"), parts, store.table("level"))
    if rows.is_empty():
        return rows
    effective = rows.filter("effective")
    entries = effective.select(
        "at",
        pl.col("part").alias("sku"),
        "change",
        pl.when(pl.col("change") < 0).then(pl.lit("shipment")).otherwise(pl.lit("unshipped")).alias("kind"),
        pl.concat_str(pl.lit("order "), "order").alias("cause"),
        *KEY,
    )
    post(store, entries, now)
    store.put("line_part", effective.select(*KEY, "part", "units"))
    done = rows.select(KEY).unique().join(store.table("order_line"), on=KEY).with_columns(posted=pl.col("shipped"))
    store.put("order_line", done)
    _reopen_edits(store, entries.filter(pl.col("kind") == "shipment"), now)
    _name_history(store, rows.filter(~pl.col("effective")), now)
    return rows.filter(~pl.col("effective"))


def _name_history(store: Store, rows: pl.DataFrame, now: datetime) -> None:
    """Units that left the counted shelf before their listing was linked: whether Stocked has them, only the seller
    knows. Said once a channel; what was shipped before the first count is in it."""
    opened = rows.join(store.table("level").select(part="sku", opened_at="opened_at"), on="part")
    since = opened.filter((pl.col("at") >= pl.col("opened_at").dt.truncate("1s")) & (pl.col("change") < 0))
    for (name,), some in since.group_by("channel", maintain_order=True):
        skus = some["part"].unique().sort().to_list()
        facts = {"channel": name, "sku": skus, "units": -int(some["change"].sum()), "count": len(skus)}
        questions.ask(store, SHIPPED_BEFORE, f"{name} {now.isoformat()}", "", facts, now)


def _track(store: Store, order_lines: pl.DataFrame, parts: pl.DataFrame) -> None:
    """Remember the lines that are open after their listing was linked and their items opened: when they ship, the units
    leave the shelf that was counted, whatever the clocks say."""
    waiting = order_lines.filter(pl.col("open") > 0)
    if waiting.is_empty():
        return
    opened = parts.join(store.table("level").select(pl.col("sku").alias("part"), "opened_at"), on="part")
    begin = opened.group_by("channel", "listing").agg(pl.max_horizontal("opened_at", "linked_at").max().alias("begin"))
    rows = waiting.join(begin, on=["channel", "listing"])
    rows = rows.filter(pl.col("open_at").is_null() | (pl.col("open_at") <= pl.col("begin")))
    if rows.is_empty():
        return
    read = store.table("channel").select("channel", "orders_ok_at")
    new = rows.join(read, on="channel", maintain_order="left").filter(pl.col("orders_ok_at") > pl.col("begin"))
    store.put("order_line", new.select(*KEY, pl.col("orders_ok_at").alias("open_at")))


def _counted_until(store: Store) -> pl.DataFrame:
    """`sku, counted_from, counted_until`: the time of the newest count in Stock In and Out."""
    counts = store.table("stock_count").group_by("sku")
    return counts.agg(pl.col("begin").max().alias("counted_from"), pl.col("end").max().alias("counted_until"))


def _reopen_edits(store: Store, shipments: pl.DataFrame, now: datetime) -> None:
    """Shipments learned after an edit but marked before its save widen that edit's window: it is read again."""
    newest = store.table("edit").sort("id").unique("sku", keep="last", maintain_order=True)
    late = (
        shipments.join(newest.select("sku", "saved_at"), on="sku")
        .filter(pl.col("at") <= pl.col("saved_at") + EDGE)
        .join(_counted_until(store), on="sku", how="left")
        # what went before a count of Stock In and Out is in that count
        .filter(pl.col("counted_until").is_null() | (pl.col("at") > pl.col("counted_until")))
        .group_by("sku")
        .agg((-pl.col("change").sum()).alias("units"))
    )
    if late.height:
        again = newest.join(late, on="sku").with_columns(
            (pl.col("on_hand_before") - pl.col("units")).alias("on_hand_before"),
            (pl.col("shipped") + pl.col("units")).alias("shipped"),
            (pl.col("late") + pl.col("units")).alias("late"),
            (pl.col("reading") - pl.col("units")).alias("reading"),
            # a standing answer is not asked for again
            pl.when(pl.col("answer") == edits.TWICE)
            .then("answer")
            .otherwise(pl.lit(edit_habit.habit(store), pl.String))
            .alias("answer"),
        )
        read_again(store, again.drop("units"), in_words("ledger.shipped_before_saved_learned"), now)


def read_again(store: Store, rows: pl.DataFrame, cause: str, now: datetime) -> None:
    """Read edits anew (an answer came, or a late shipment) and post the difference as a correction.

    `rows`: edit rows whose `reading` is what the ledger holds for them now.
    """
    fresh = edits.read(
        rows.with_columns(on_hand=pl.col("on_hand_before")).drop("asks", "count", "change", strict=False)
    )
    # `reading` of the frame given stands for the ledger; edits.read replaced it
    shift = fresh["reading"] - rows["reading"]
    post(
        store,
        fresh.select(
            pl.col("saved_at").alias("at"), "sku", shift.alias("change"), kind=pl.lit("correction"), cause=pl.lit(cause)
        ).filter(pl.col("change") != 0),
        now,
    )
    store.put("edit", fresh.with_columns(question=pl.when("asks").then(pl.lit("open"))))


def take_edits(
    store: Store,
    changed: pl.DataFrame,
    now: datetime,
    *,
    external: bool = False,
    habit: str | None = None,
    count_only: bool = False,
) -> pl.DataFrame:
    """Take edits of Stocked into the ledger; value, entry and new accepted value are one commit.

    Gives those that a row of Stock In and Out has said before (`sku, row, value`): the two count once.

    `changed`: sku, value (new), old (known content, null: blank), window_from, saved_at. `external`: another system
    wrote the number, which has taken off itself what left the shelf before: a count, exactly. `habit`: the standing
    answer, if there is one. `count_only`: a number is nothing but a count, as where no number is mirrored (Google).
    """
    if changed.is_empty():
        return pl.DataFrame(schema={"sku": pl.String, "row": pl.String, "value": pl.Int64})
    rows = (
        changed.join(store.table("level").select("sku", "on_hand"), on="sku")
        .join(shipped_between(store, changed), on="sku", how="left")
        .join(moved_after(store, changed), on="sku", how="left")
        .with_columns(
            (pl.col("on_hand") - pl.col("later").fill_null(0)).alias("on_hand"),
            pl.lit(0, pl.Int64).alias("shipped") if external else pl.col("shipped").fill_null(0),
            answer=pl.lit(edits.COUNTED if external else habit, pl.String),
        )
    )
    twins = _twins(store, rows.clear() if external else rows)
    rows = rows.join(twins.select("sku", pl.col("row").alias("twin")), on="sku", how="left")
    twice = pl.when(pl.col("twin").is_not_null()).then(pl.lit(edits.TWICE))
    rows = rows.with_columns(was=pl.col("old"))
    if count_only:
        rows = rows.with_columns(old=pl.lit(None, pl.Int64))
    read = edits.read(rows.with_columns(answer=pl.coalesce(twice, "answer")))
    entries = read.select(
        pl.col("saved_at").alias("at"),
        "sku",
        (pl.col("reading") - pl.col("on_hand")).alias("change"),
        kind=pl.lit("count"),
        cause=pl.format(
            in_words("ledger.typed", old="{}", value="{}"), pl.col("was").cast(pl.String).fill_null("blank"), "value"
        ),
    )
    post(store, entries, now)
    store.append(
        "edit",
        read.select(
            "sku",
            "old",
            "value",
            pl.col("on_hand").alias("on_hand_before"),
            "window_from",
            "saved_at",
            "shipped",
            "reading",
            pl.lit(0, pl.Int64).alias("late"),
            "answer",
            pl.when("asks").then(pl.lit("open")).alias("question"),
            "twin",
        ),
    )
    return twins


def _twins(store: Store, rows: pl.DataFrame) -> pl.DataFrame:
    """The edits that say the same as a change row of Stock In and Out within a day, each with that row's content as
    `row` and what came in as `value`: the units have been counted."""
    receipts = store.table("ledger").filter((pl.col("kind") == "receipt") | pl.col("row").str.starts_with(TRANSFER))
    if receipts.is_empty():
        return rows.clear().select("sku", "value", row=pl.lit(None, pl.String))
    said = receipts.group_by("sku", "row", "change").agg(pl.len().alias("times"), pl.col("at").max())
    taken = store.table("edit").group_by("sku", pl.col("twin").alias("row")).agg(pl.len().alias("taken"))
    said = said.join(taken, on=["sku", "row"], how="left").filter(pl.col("times") > pl.col("taken").fill_null(0))
    both = rows.with_columns(change=pl.col("value") - pl.col("old")).join(said, on=["sku", "change"])
    both = both.filter((pl.col("at") - pl.col("saved_at")).abs() <= SAME_DAY).sort("at")
    return both.unique("sku", keep="last").select("sku", "row", pl.col("change").alias("value"))


def doubtful(store: Store) -> pl.DataFrame:
    """The newest edit of each SKU, where its reading is asked about: edit rows with `count` and `change`."""
    return store.derived("doubtful edits", lambda: _doubtful(store))


def _doubtful(store: Store) -> pl.DataFrame:
    newest = store.table("edit").sort("id").unique("sku", keep="last", maintain_order=True)
    waiting = newest.filter(pl.col("question") == "open").join(_counted_until(store), on="sku", how="left")
    waiting = waiting.filter((pl.col("saved_at") <= pl.col("counted_from")).fill_null(value=False).not_())
    waiting = waiting.drop("counted_from", "counted_until")
    return edits.read(waiting.with_columns(on_hand=pl.col("on_hand_before")))


def drifted(store: Store, rows: pl.DataFrame, now: datetime, by: str) -> None:
    """What a shop showed less or more without an order is true, and OnHand follows: `sku, change, channel`. `by`: who
    said so. Items that nobody counts have no OnHand."""
    fewer = pl.format(in_words("ledger.gone", channel="{}", by=by), "channel")
    more = pl.format(in_words("ledger.on_top", channel="{}", by=by), "channel")
    post(
        store,
        rows.join(store.table("level").select("sku"), on="sku", how="semi").select(
            pl.lit(now, TIME).alias("at"),
            "sku",
            "change",
            pl.when(pl.col("change") < 0).then(fewer).otherwise(more).alias("cause"),
            kind=pl.lit("correction"),
        ),
        now,
    )


RECENT = timedelta(days=30)
