"""Looking at a channel: its orders, its changed listings, now and then all its listings (DESIGN sections 8 and 9).

Everything seen goes to the store in the commit that moves the cursor (I16). Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from agent.asking import shop_columns
from agent.channels.base import Channel, ChannelOut, Lane, ListingsRead, OrdersRead
from agent.core import gaps, lines
from agent.core.lines import KEY
from agent.deciding import drift, shares
from agent.deciding.structure import set_once_done
from agent.frames import LISTINGS, ORDER_LINES, TIME
from agent.looking import lags, leaving, sweep
from agent.state import Agent
from agent.store import Store
from agent.words import say

OVERLAP = timedelta(minutes=5)
"""Orders are read again from this long before the cursor: late ones are found, doubles change nothing."""
CHANGED_OVERLAP = timedelta(seconds=10)
UNSEEN = timedelta(hours=24)
"""Open lines not seen for this long are asked again by id."""
VERIFIED_FOR = timedelta(hours=24)
SEEN_EACH = timedelta(hours=1)
"""How often it is written down that an unchanged line was read again."""
MORE = "\x1fmore"
"""After the line's id: the units that the platform took off the listing later than at the sale."""
SHORT = 0.8
"""A complete read with less than this share of the last one's listings is taken as incomplete."""
CELL = ["channel", "cell"]


@contextmanager
def _one_at_a_time(agent: Agent, name: str) -> Iterator[None]:
    first = name not in agent.looking  # a refused compare-and-set reads at once, whoever else is looking
    agent.looking.add(name)
    try:
        yield
    finally:
        if first:
            agent.looking.discard(name)


async def look(agent: Agent, name: str) -> None:
    """One look at a channel: orders, then changed (or all) listings. Records trouble; never raises ChannelOut."""
    channel = agent.channels[name]
    try:
        with _one_at_a_time(agent, name):
            await _verify(agent, channel)
            await shop_columns.settle(agent, channel)
            await read_orders(agent, name)
            if sweep.due(agent, name):
                await sweep.run(agent, name)
            if _audit_due(agent, name):
                await _read_all(agent, channel)
            elif channel.can.changed:
                await _read_changed(agent, channel)
    except ChannelOut as out:
        record_trouble(agent, name, out)
    else:
        _record_well(agent, name)


async def look_afresh(agent: Agent, name: str, listings: Sequence[str], lane: Lane = "raise") -> None:
    """Read just these listings, then the orders: what a raise must rest on (I3)."""
    channel = agent.channels[name]
    try:
        with _one_at_a_time(agent, name):
            asked = agent.clock.now()
            read = await channel.listings(only=list(listings), lane=lane)
            _take_listings(agent, name, read, asked)
            await read_orders(agent, name)
    except ChannelOut as out:
        agent.read_failed.add(name)
        record_trouble(agent, name, out)
        return
    if read.fresh:
        agent.fresh.update({(name, cell): agent.clock.monotonic() for cell in read.frame["cell"].to_list()})
    else:
        agent.too_old.add(name)


async def _verify(agent: Agent, channel: Channel) -> None:
    """At the start, after a renewal, and once a day: is it still the same account? Another one stops the channel until
    the first one answers again (S2-9)."""
    now, at = agent.clock.now(), agent.verified.get(channel.name)
    if at is not None and now - at < VERIFIED_FOR:
        return
    account = await channel.account()
    known = channel_row(agent.store, channel.name)
    if known.get("account_id") not in (None, account.id):
        agent.verified.pop(channel.name, None)
        now_there, before = account.name, known.get("account_name") or known["account_id"]
        if now_there == before:  # two shops of one name
            now_there, before = account.id, known["account_id"]
        words = say("wrong_account", {"channel": channel.name, "account": now_there, "expected": before})
        raise ChannelOut("access", words.what, words.fix)
    with agent.store.transaction():
        _set(
            agent.store,
            channel.name,
            account_id=account.id,
            account_name=account.name,
            access_ends=account.access_ends,
        )
    agent.verified[channel.name] = now


async def read_orders(agent: Agent, name: str) -> None:
    """Read changed orders (the first time: every open line) and keep them with the cursor, in one commit."""
    channel, store = agent.channels[name], agent.store
    cursor = channel_row(store, name).get("orders_cursor")
    assert cursor is None or isinstance(cursor, datetime)
    asked = agent.clock.now()
    since = cursor - max(OVERLAP, timedelta(seconds=3 * lags.lag_of(agent, name))) if cursor else None
    read = await channel.orders(since, also=_unseen(agent, name))
    if read.as_of is None:
        agent.skew[name] = read.began - asked
    known_at = min(asked, read.as_of or asked)  # a list that was made earlier is as old as it is
    _remark(agent, name, read.issues)
    with store.transaction():
        if cursor is None:
            leaving.rejoin(store, name, read.frame, agent.clock.now())
            _set(store, name, orders_from=read.began, swept_at=agent.clock.now())
        else:
            lags.note_orders(store, name, read, cursor)
        take_lines(store, read, agent.clock.now(), name)
        note_gone(store, name, read.gone, agent.clock.now())
        newest = max(cursor, read.began) if cursor else read.began
        _set(store, name, orders_cursor=newest, orders_ok_at=known_at)


def _remark(agent: Agent, name: str, sentences: Sequence[str]) -> None:
    """Keep what could not be understood for as long as reads go on saying it; an old remark fades within a day."""
    now = agent.clock.now()
    known = {told: at for told, at in agent.remarks.get(name, {}).items() if now - at < UNSEEN}
    agent.remarks[name] = known | dict.fromkeys(sentences, now)


def with_frame(read: OrdersRead, frame: pl.DataFrame) -> OrdersRead:
    """The same read with fewer lines; nothing is said of the orders that it lacks."""
    return replace(read, frame=frame)


def take_lines(store: Store, read: OrdersRead, now: datetime, name: str | None = None) -> None:
    """Join what was read with what was known, and let late sales clear the missing units that they explain."""
    if read.frame.is_empty() and not read.emptied:
        return
    known = store.table("order_line")
    taken_out = lines.left_out(known, read.frame, read.partial)
    emptied = [_emptied(known, read, name)] if read.emptied else []
    seen = pl.concat([read.frame, taken_out, *emptied])
    if seen.is_empty():
        return
    before = known.select(*KEY, "first_seen", known_seen="seen_at", was_gone=pl.col("gone_at").is_not_null())
    joined = lines.join(known, seen).join(before, on=KEY, how="left", nulls_equal=True)
    recent = (pl.col("known_seen") > now - SEEN_EACH) & ~pl.col("was_gone")
    same = joined.filter(recent).join(known, on=list(lines.STORED), how="semi", nulls_equal=True).select(KEY)
    fresh = joined.join(same, on=KEY, how="anti", nulls_equal=True).drop("known_seen", "was_gone")
    store.put(
        "order_line",
        fresh.with_columns(pl.col("first_seen").fill_null(now), seen_at=pl.lit(now, TIME), gone_at=pl.lit(None, TIME)),
    )
    clear_missing(store, joined)


def _emptied(known: pl.DataFrame, read: OrdersRead, name: str | None) -> pl.DataFrame:
    """The open lines of orders that have no line at all any more."""
    emptied = (pl.col("channel") == (name or "")) & pl.col("order").is_in(list(read.emptied)) & (pl.col("open") > 0)
    updated = pl.max_horizontal("updated_at", pl.lit(read.began, TIME))
    none = known.filter(emptied).with_columns(open=pl.lit(0, pl.Int64), holds=pl.lit(value=False), updated_at=updated)
    return none.select(list(ORDER_LINES))


def note_gone(store: Store, name: str, orders: Sequence[str], now: datetime) -> None:
    """Orders that the channel no longer has: their open lines stay Allocated, and a person is asked."""
    if orders:
        lost = (pl.col("channel") == name) & pl.col("order").is_in(list(orders)) & (pl.col("open") > 0)
        rows = store.table("order_line").filter(lost)
        since = pl.col("gone_at").fill_null(now)
        store.put("order_line", rows.select(*KEY, since.alias("gone_at"), asked_at=pl.lit(now, TIME)))


def _unseen(agent: Agent, name: str) -> list[str]:
    """Orders with open lines that no read has shown for a day."""
    limit = agent.clock.now() - UNSEEN
    rows = agent.store.derived(f"open orders of {name}", lambda: _open_orders(agent.store, name))
    return sorted(rows.filter(pl.col("last") < limit)["order"].unique().to_list()) if rows.height else []


def _open_orders(store: Store, name: str) -> pl.DataFrame:
    """`order, last`: the open lines of a channel, with when each was last seen or asked for."""
    rows = store.table("order_line").filter((pl.col("channel") == name) & (pl.col("open") > 0))
    return rows.select("order", pl.max_horizontal("seen_at", "asked_at").alias("last"))


# --- listings -------------------------------------------------------------------------------------


def _audit_due(agent: Agent, name: str) -> bool:
    full_at = channel_row(agent.store, name).get("full_at")
    return not isinstance(full_at, datetime) or agent.clock.now() - full_at >= timedelta(seconds=agent.audit)


async def _read_all(agent: Agent, channel: Channel) -> None:
    asked = agent.clock.now()
    read = await channel.listings(lane="audit")
    _take_listings(agent, channel.name, read, asked, moves_cursor=True)


async def _read_changed(agent: Agent, channel: Channel) -> None:
    since = channel_row(agent.store, channel.name).get("changed_cursor")
    assert isinstance(since, datetime), "all listings are read before changed ones"
    asked = agent.clock.now()
    read = await channel.listings(since=since - CHANGED_OVERLAP, lane="orders")
    _take_listings(agent, channel.name, read, asked, moves_cursor=True)


def _take_listings(agent: Agent, name: str, read: ListingsRead, asked: datetime, *, moves_cursor: bool = False) -> None:
    """Keep a read of listings: the listings, what it says of their stock cells, and who is gone."""
    store, now = agent.store, agent.clock.now()
    asked = min(asked, read.as_of or asked)
    _remark(agent, name, read.issues)
    with store.transaction():
        if read.frame.height:
            _keep_listings(store, name, read, now)
            take_quantities(agent, name, read, asked)
            _note_set_out(store, name, read)
        if read.complete:
            _complete(agent, name, read, now)
        if moves_cursor:
            _set(store, name, changed_cursor=read.began)


def _note_set_out(store: Store, name: str, read: ListingsRead) -> None:
    """Missing units that seem to be on the way to the marketplace's own warehouse: what fills it up leaves the seller's
    stock without an order (S3-12)."""
    if not read.set_out:
        return
    waiting = store.table("missing").filter((pl.col("channel") == name) & (pl.col("units") > 0))
    seen = pl.DataFrame(list(read.set_out.items()), schema={"listing": pl.String, "sent": pl.Int64}, orient="row")
    cells = seen.join(read.frame.select("listing", "cell"), on="listing").group_by("cell").agg(pl.col("sent").sum())
    found = waiting.join(cells, on="cell").select("id", pl.min_horizontal("units", "sent").alias("set_out"))
    store.put("missing", found)


def _keep_listings(store: Store, name: str, read: ListingsRead, now: datetime) -> None:
    known = store.table("listing")
    mine = known.filter(pl.col("channel") == name)
    rows = read.frame.select(list(LISTINGS)).unique(["channel", "listing"], keep="last", maintain_order=True)
    back = mine.filter(pl.col("absent") > 0).select("channel", "listing")
    changed = rows.join(mine, on=list(LISTINGS), how="anti", nulls_equal=True)
    returned = rows.join(back, on=["channel", "listing"], how="semi")
    touched = pl.concat([changed, returned]).unique(["channel", "listing"], keep="last", maintain_order=True)
    first = touched.join(mine.select("channel", "listing", "first_seen"), on=["channel", "listing"], how="left")
    store.put("listing", first.with_columns(pl.col("first_seen").fill_null(now), absent=pl.lit(0, pl.Int64)))


def _complete(agent: Agent, name: str, read: ListingsRead, now: datetime) -> None:
    """Who is absent from a complete read: gone after two. One much shorter than the last counts as incomplete."""
    store = agent.store
    before = channel_row(store, name).get("full_count")
    again = read.as_of is not None and not _is_another(agent, name, read.as_of)
    if again and isinstance(before, int):
        _set(store, name, full_at=now)
        return
    if (
        isinstance(before, int)
        and read.frame.height < before * SHORT
        and not _short_again(agent, name, read.frame.height)
    ):
        _set(store, name, full_at=now)
        return
    mine = store.table("listing").filter(pl.col("channel") == name)
    absent = mine.join(read.frame.select("channel", "listing"), on=["channel", "listing"], how="anti")
    store.put("listing", absent.with_columns((pl.col("absent") + 1).alias("absent")))
    _set(store, name, full_at=now, full_count=read.frame.height)


def _is_another(agent: Agent, name: str, as_of: datetime) -> bool:
    """A list that was made earlier, read again, is no second witness of what it lacks."""
    key, at = f"list/{name}", as_of.isoformat()
    known = agent.store.meta(key)
    agent.store.set_meta(**{key: at})
    return known != at


def _short_again(agent: Agent, name: str, height: int) -> bool:
    """A short read is believed once three in a row agree on it."""
    key = f"short/{name}"
    last = agent.store.meta(key, [0, 0])
    assert isinstance(last, list)
    times = last[1] + 1 if last[0] == height else 1
    agent.store.set_meta(**{key: [height, times]})
    return bool(times >= 3)


# --- stock cells ----------------------------------------------------------------------------------


def take_quantities(agent: Agent, name: str, read: ListingsRead, asked: datetime) -> None:
    """What a read says of each stock cell: last read, baseline, missing units, doubtful pushes settled."""
    store = agent.store
    known = store.table("cell").filter(pl.col("channel") == name)
    rows = (
        read.frame.filter(pl.col("managed") & pl.col("quantity").is_not_null())
        .unique(CELL, keep="last", maintain_order=True)
        .select(*CELL, pl.col("quantity").alias("read"))
        .join(known.drop("read"), on=CELL, how="left")
        .filter(pl.col("seen_at").is_null() | (pl.col("seen_at") <= asked))  # an older read says nothing new
        .with_columns(
            pl.lit(read.began, TIME).alias("began"),
            pl.lit(read.ended, TIME).alias("ended"),
            pl.lit(read.began, TIME).alias("read_at"),
            pl.lit(asked, TIME).alias("seen_at"),
        )
    )
    answered = pl.col("answered_at").is_not_null() & (pl.col("answered_at") <= asked)
    rows = rows.with_columns(
        pl.when(answered).then(pl.coalesce("after_answer", "read")).otherwise("after_answer").alias("after_answer"),
        pl.when(pl.col("read") == pl.col("answered")).then("read").otherwise("confirmed").alias("confirmed"),
        pl.when(pl.col("read") == pl.col("answered")).then("read_at").otherwise("confirmed_at").alias("confirmed_at"),
    )
    store.put("cell", rows.select(known.columns))
    _settle(agent, name, rows)


def _settle(agent: Agent, name: str, rows: pl.DataFrame) -> None:
    """Compare with the baselines of live stock cells; the others' baselines simply follow."""
    store, now = agent.store, agent.clock.now()
    live = live_cells(store).filter(pl.col("channel") == name)
    idle = rows.join(live, on=CELL, how="anti")
    store.put("cell", idle.select(*CELL, pl.col("read").alias("baseline"), pl.col("began").alias("baseline_at")))
    reads = rows.join(live, on=CELL, how="semi").select(*CELL, "read", "began", "ended", "baseline", "baseline_at")
    if reads.is_empty():
        return
    takings = cell_takings(store, store.table("order_line").filter(pl.col("channel") == name))
    found = gaps.settle(reads, takings, doubts(agent, name))
    store.put("cell", found.cells)
    if agent.channels[name].can.orders == "no":
        shares.sell(agent, name, found.gaps, now)
        found = replace(found, gaps=found.gaps.clear())
    _count(store, found.counted)
    drift.book(store, rows, found, takings, now)
    for ids, outcome in ((found.landed, "landed"), (found.lost, "lost")):
        store.put("push", ids.with_columns(outcome=pl.lit(outcome)))
    clear_missing(store, store.table("order_line").filter(pl.col("channel") == name))


def live_cells(store: Store) -> pl.DataFrame:
    """`channel, cell` of listings with a live link, but for those that the seller keeps by hand (set once)."""
    return store.derived("live cells", lambda: _live_cells(store))


def _live_cells(store: Store) -> pl.DataFrame:
    links = store.table("link").filter(pl.col("live")).select("channel", "listing").unique()
    links = links.join(set_once_done(store), on=["channel", "listing"], how="anti")
    return store.table("listing").join(links, on=["channel", "listing"], how="semi").select(CELL).unique()


def cell_takings(store: Store, order_lines: pl.DataFrame) -> pl.DataFrame:
    """What order lines took from stock cells and gave back, as `gaps` wants it."""
    cells = store.table("listing").select("channel", "listing", "cell")
    rows = lines.took(order_lines).filter(pl.col("took") > 0).join(cells, on=["channel", "listing"])
    back = pl.col("ordered") - pl.col("open") - pl.col("shipped")
    # what was given up before it was shipped may be on the listing again, also where the channel does not say so
    freed = pl.col("freed_at").is_not_null()
    rows = rows.with_columns(
        pl.when(freed).then(back + pl.col("returned").fill_null(0)).otherwise(back.clip(0)).alias("gave"),
        pl.coalesce("freed_at", "back_at").alias("freed_at"),
        pl.col("more").fill_null(0),
    )
    columns = (*CELL, "order", "line", "took", "counted", "sale_at", "gave", "freed_at")
    if not (rows["more"] > 0).any():
        return rows.select(columns)
    base = pl.col("took") - pl.col("more")
    later = rows.filter(pl.col("more") > 0).with_columns(
        pl.col("line") + MORE, pl.col("more").alias("took"), (pl.col("counted") - base).clip(0).alias("counted"),
        pl.col("more_at").alias("sale_at"), pl.lit(0, pl.Int64).alias("gave"),
    )  # fmt: skip
    first = rows.with_columns(base.alias("took"), pl.min_horizontal("counted", base).alias("counted"))
    return pl.concat([first.select(columns), later.select(columns)])


def doubts(agent: Agent, name: str) -> pl.DataFrame:
    """Pushes of a channel whose effect is not certain: `channel, cell, id, quantity, server_at, may_land`."""
    limit = agent.clock.now() - timedelta(seconds=agent.channels[name].can.apply_limit)
    rows = uncertain(agent.store).filter(pl.col("channel") == name)
    return rows.select(*CELL, "id", "quantity", "server_at", (pl.col("sent_at") > limit).alias("may_land"))


def uncertain(store: Store) -> pl.DataFrame:
    """Pushes in flight, sent but not yet applied, or without an answer."""
    doubtful = pl.col("outcome").is_null() | pl.col("outcome").is_in(["unknown", "sent"])
    return store.derived("uncertain", lambda: store.table("push").filter(doubtful))


def clear_missing(store: Store, order_lines: pl.DataFrame) -> None:
    """Sales that explain missing units after all."""
    waiting = store.table("missing").filter(pl.col("units") > 0)
    if waiting.is_empty():
        return
    entries, counted = gaps.clear(waiting, cell_takings(store, order_lines))
    _shrink(store, entries)
    _count(store, counted)


def _shrink(store: Store, entries: pl.DataFrame) -> None:
    store.put("missing", entries.select("id", "units"))


def _count(store: Store, counted: pl.DataFrame) -> None:
    """Keep how much of each line is explained; of one that took units twice, both together."""
    if counted["line"].str.ends_with(MORE).any() or (store.table("order_line")["more"] > 0).any():
        keys = counted.with_columns(pl.col("line").str.strip_suffix(MORE)).select(KEY).unique()
        known = cell_takings(store, store.table("order_line").join(keys, on=KEY, how="semi")).select(*KEY, "counted")
        rows = known.update(counted.select(*KEY, "counted"), on=KEY)
        counted = rows.group_by("channel", "order", pl.col("line").str.strip_suffix(MORE)).agg(pl.col("counted").sum())
    store.put("order_line", counted.select(*KEY, "counted"))


# --- how the channel stands -----------------------------------------------------------------------


def channel_row(store: Store, name: str) -> dict[str, object]:
    """What is known of a channel, as a dict; empty when nothing is."""
    rows = store.derived("channels", lambda: {row["channel"]: row for row in store.table("channel").to_dicts()})
    return rows.get(name, {})


def _set(store: Store, name: str, **values: object) -> None:
    if values:
        known = channel_row(store, name) or {"channel": name, "live": False, "failures": 0}
        schema = dict(store.table("channel").schema)
        store.put("channel", pl.DataFrame([{**dict.fromkeys(schema), **known, **values}], schema=schema))


def set_channel(store: Store, name: str, **values: object) -> None:
    """Keep something about a channel."""
    _set(store, name, **values)


def record_trouble(agent: Agent, name: str, out: ChannelOut) -> None:
    """The channel is out: say so, and try once again later, with back-off."""
    now, known = agent.clock.now(), channel_row(agent.store, name)
    failures = int(str(known.get("failures") or 0)) + 1
    if out.kind == "access":
        agent.verified.pop(name, None)  # whoever answers there next is looked at first
    wait = out.retry_after or min(600.0, agent.poll_of(name) * 2 ** min(failures - 1, 8))
    with agent.store.transaction():
        _set(
            agent.store,
            name,
            problem_kind=out.kind,
            problem_what=out.what,
            problem_fix=out.fix,
            problem_since=known.get("problem_since") or now,
            failures=failures,
            next_try=now + timedelta(seconds=wait),
        )
    agent.due[name] = now + timedelta(seconds=wait)


def _record_well(agent: Agent, name: str) -> None:
    now = agent.clock.now()
    agent.due[name] = now + timedelta(seconds=agent.poll_of(name))
    if channel_row(agent.store, name).get("problem_kind") is not None:
        with agent.store.transaction():
            none = dict.fromkeys(("problem_kind", "problem_what", "problem_fix", "problem_since", "next_try"))
            _set(agent.store, name, failures=0, **none)
