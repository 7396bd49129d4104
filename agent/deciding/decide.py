"""From the store, through the pure core, to one plan over all stock cells. Runs several times a cycle."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from agent.accepting import in_out
from agent.core import plan, rules
from agent.deciding import drift, ledger, returns, shares, stops, undone
from agent.deciding.quantities import is_stale, kept_back, stock, worked_out
from agent.deciding.structure import Structure, cell_parts, channel_settings, link_parts, set_once_done, structure
from agent.frames import TARGETS, empty
from agent.looking import feeds, lags
from agent.looking.channel_rows import channel_row
from agent.looking.stock_cells import cell_takings, uncertain
from agent.state import Agent
from agent.store import Store
from agent.store_tables import TABLES

CELL = ["channel", "cell"]
LISTING = ["channel", "listing"]
UNDECIDING = ("channel", "notice", "question", "asked", "undo", "oversell", "late_find", "lag", "inbound", "transfer")
"""Tables that a decision does not rest on, or looks at itself."""
RETRY = timedelta(hours=1)
"""A target that was answered but does not stand is tried again after this."""
SLEPT = timedelta(minutes=2)
"""What was read or decided longer ago than this, by the computer's clock, was so before it slept: nothing is raised on
it (I3). A cycle takes seconds, and a decision stands for a minute at the most."""


@dataclass(frozen=True)
class Decision:
    """One look at everything."""

    structure: Structure
    stock: pl.DataFrame
    """STOCK."""
    targets: pl.DataFrame
    """TARGETS, one row a linked listing, with `cell`, `parked`, `frozen`, `recipe`."""
    plan: pl.DataFrame
    """One row a stock cell: plan.CELLS and action, reason, to, listing, sku, why."""
    worked: pl.DataFrame
    """`rules.work_out`: the targets with what they were worked out from, for lint and explain."""
    basis: tuple[object, ...]
    """What its quantities rest on: while this stands, a raise that it orders is still right."""
    at: datetime
    """When it was made, by the computer's clock."""


def decide(agent: Agent) -> Decision:
    """Everything seen -> one plan, one row a stock cell. The same decision again while nothing that it sees changed."""
    seen = _seen(agent)
    cached = agent.cache.get("decision")
    if cached and cached[0] == seen:
        assert isinstance(cached[1], Decision)
        return cached[1]
    made = _decide(agent)
    agent.cache["decision"] = (_seen(agent), made)
    return made


def _seen(agent: Agent) -> tuple[object, ...]:
    """What a decision looks at, cheaply: it is made anew each minute, for what changes with time alone."""
    store = agent.store
    tables = tuple(store.version(name) for name in TABLES if name not in UNDECIDING)
    rows = ((name, channel_row(store, name)) for name in agent.channels)
    channels = [(name, row.get("live"), row.get("problem_kind")) for name, row in rows]
    stale = tuple((is_stale(agent, name), *lags.until_known(agent, name)) for name in agent.channels)
    minute = int(agent.clock.now().timestamp()) // 60
    sheet = (agent.sheet.serial if agent.sheet else 0, agent.sheet_problem, agent.mode())
    known = (tuple(channels), frozenset(agent.verified))
    return (tables, known, stale, minute, sheet, frozenset(agent.fresh), frozenset(agent.read_failed | agent.too_old))


def basis(agent: Agent) -> tuple[object, ...]:
    """What quantities rest on: the sheet, the orders, the ledger, who is linked, what is missing."""
    names = (
        "order_line", "ledger", "level", "item", "part", "rule", "stop", "setting", "link", "listing", "missing", "tag",
        "undone", "share",
    )  # fmt: skip
    return (agent.sheet.serial if agent.sheet else 0, agent.mode(), *(agent.store.version(name) for name in names))


def _decide(agent: Agent) -> Decision:
    made = structure(agent)
    with agent.store.transaction():
        ledger.post_shipments(agent.store, made.parts, agent.clock.now())
        returns.settle(agent.store, agent.clock.now())
        drift.settle(agent, made.parts, agent.clock.now())
        undone.settle(agent.store, made.parts, agent.clock.now())
        if agent.stock_means() == "net":
            ledger.add_net(agent.store, made.parts, agent.clock.now())
        feeds.take(agent)
        in_out.settle_late(agent, agent.clock.now())
    levels = stock(agent.store, made.parts)
    shown = shown_now(agent)
    kept = kept_back(agent, made.parts, shown)
    rule_rows = agent.store.table("rule")
    stopped = stops.as_they_stand(agent.store, made.parts, agent.clock.now())
    held = undone.caps(agent.store, made.parts)
    caps = undone.capped(stopped.caps, held)
    given, own = _shared(agent, made.parts, levels, rule_rows, caps)
    caps = undone.capped(caps, own)
    targets = worked_out(agent, made.parts, levels, kept, rule_rows, words=True, caps=caps, given=given)
    listings = _listings(agent, made, targets.select(list(TARGETS)), stopped, held)
    merged = agent.store.derived("listings merged", lambda: plan.merge(listings), listings)
    planned = plan.decide(_cells(agent, merged, shown))
    return Decision(made, levels, listings, planned, targets, basis(agent), agent.clock.now())


def _shared(
    agent: Agent, parts: pl.DataFrame, levels: pl.DataFrame, rule_rows: pl.DataFrame, caps: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What shops whose orders can never be read have for themselves: rules.SHARES, and the CAPS of their listings."""

    def work(mine: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
        return worked_out(agent, mine, levels, empty(rules.KEPT), rule_rows, words=False, caps=caps, given=given)

    if not shares.blind(agent):
        return empty(rules.SHARES), empty(rules.CAPS)
    with agent.store.transaction():
        return shares.settle(agent, parts, levels, work)


def replan(agent: Agent, listings: pl.DataFrame) -> pl.DataFrame:
    """The plan over these listings (`Decision.targets`, perhaps with other targets)."""
    return plan.decide(_cells(agent, plan.merge(listings), shown_now(agent)))


def _listings(
    agent: Agent, made: Structure, targets: pl.DataFrame, stopped: stops.Stops, held: pl.DataFrame
) -> pl.DataFrame:
    """One row a linked listing: its target, whether something parks it, whether it is frozen, the run undone there."""
    frozen = _frozen(agent, made.parts, stopped.unread)
    live = [name for name in agent.channels if channel_row(agent.store, name).get("live")]

    def join() -> pl.DataFrame:
        rows = _linked(agent.store).join(targets.drop("frozen", strict=False), on=LISTING, how="left")
        rows = rows.join(frozen, on=LISTING, how="left").join(stopped.stopped, on=LISTING, how="left")
        rows = rows.with_columns(_parked(agent, made, live).alias("parked"))
        return rows.join(held.select(*LISTING, "undo_run"), on=LISTING, how="left")

    return agent.store.derived("listings", join, made, targets, stopped, held, frozen, live)


def _linked(store: Store) -> pl.DataFrame:
    """One row a linked listing that is known, with how it is linked."""
    linked = (
        store.table("link")
        .group_by(LISTING)
        .agg(
            pl.col("sku").sort().first(),
            pl.col("live").all(),
            pl.col("units").first(),
            pl.col("how").first(),
            pl.col("linked_at").max(),
            pl.concat_str("sku", pl.lit("x"), "units").sort().str.join("+").alias("recipe"),
        )
    )
    return linked.join(store.table("listing"), on=LISTING, suffix="_there")


def _frozen(agent: Agent, parts: pl.DataFrame, unread: pl.DataFrame) -> pl.DataFrame:
    """`channel, listing, frozen`: listings any of whose items is frozen; all of them when the sheet is not in force."""
    everything, fed = sheet_frozen(agent), feeds.freezes(agent)
    return agent.store.derived(
        "frozen", lambda: _all_frozen(agent.store, parts, unread, everything, fed), parts, unread, everything, fed
    )


def _all_frozen(
    store: Store, parts: pl.DataFrame, unread: pl.DataFrame, everything: str | None, fed: pl.DataFrame
) -> pl.DataFrame:
    if everything:
        return parts.select(LISTING).unique().with_columns(frozen=pl.lit(everything))
    frozen = store.table("item").filter(pl.col("frozen").is_not_null()).select("sku", "frozen")
    frozen = pl.concat([frozen, fed])
    skus = pl.concat([parts.select(*LISTING, "sku"), parts.select(*LISTING, pl.col("part").alias("sku"))])
    held = pl.concat([skus.join(frozen, on="sku").select(*LISTING, "frozen"), unread])
    return held.group_by(LISTING).agg(pl.col("frozen").first())


def sheet_frozen(agent: Agent) -> str | None:
    if agent.sheet_problem is not None:
        return "sheet_unreadable"
    return agent.sheet.verdict if agent.sheet else "sheet_unreadable"


def _parked(agent: Agent, made: Structure, live: list[str]) -> pl.Expr:
    """The code why nothing is pushed whatever the numbers say; the first that applies."""
    settings = channel_settings(agent)
    off = settings.filter(pl.col("mode") == "Off")["channel"].to_list()
    feeds_only = settings.filter(pl.col("mode") == "Feeds only")["channel"].to_list()
    fed = agent.store.table("item").filter(pl.col("feed").is_not_null())["sku"].to_list()
    not_going = settings.filter(~pl.col("go_live"))["channel"].to_list()
    c = pl.col
    tests: list[tuple[pl.Expr, pl.Expr | str]] = [
        (c("absent") >= 2, "gone"),
        (c("channel").is_in(off), "off"),
        (pl.lit(agent.mode() == "Paused"), "paused"),
        (_paused(agent), "paused"),
        (c("stop_pause").is_not_null(), c("stop_pause")),
        (_never_push(made), "never_push"),
        (~c("managed"), "unmanaged_there"),
        (c("hold").is_in(["not_managed", "part_blank"]) & c("frozen").is_in(feeds.CODES), c("frozen")),
        (c("hold").is_not_null(), c("hold")),
        (c("target").is_null(), "not_managed"),
        (c("channel").is_in(feeds_only) & ~c("sku").is_in(fed), "feeds_only"),
        (c("channel").is_in(not_going), "go_live_no"),
        (~c("channel").is_in(live), "not_live_yet"),
        (~c("live"), "new_link_waiting"),
        (_among(set_once_done(agent.store)), "set_once_done"),
        (pl.lit(agent.mode() == "Preview"), "preview"),
    ]
    return pl.coalesce(
        pl.when(test.fill_null(value=False)).then(pl.lit(code) if isinstance(code, str) else code)
        for test, code in tests
    )


def _paused(agent: Agent) -> pl.Expr:
    typed = agent.store.table("typed").filter(
        (pl.col("tab") == "Listings") & (pl.col("value").str.to_lowercase() == "pause")
    )
    return _among(typed.select("channel", pl.col("key").alias("listing")))


def _among(listings: pl.DataFrame) -> pl.Expr:
    keys = (listings["channel"] + "\n" + listings["listing"]).to_list()
    return pl.concat_str("channel", pl.lit("\n"), "listing").is_in(keys)


def _never_push(made: Structure) -> pl.Expr:
    flagged = made.matched.links.filter("never_push")
    return (pl.col("fulfilled_by") == "marketplace") | _among(flagged)


def shown_now(agent: Agent) -> pl.DataFrame:
    """`channel, cell, read, shown, sending, unknown, confirmed, ...`: the most a buyer may see now, a stock cell.

    The settled read; else the largest of last read, last confirmed, and every value in flight or of unknown outcome.
    """
    return agent.store.derived("shown now", lambda: _shown_now(agent.store))


def _shown_now(store: Store) -> pl.DataFrame:
    cells = store.table("cell")
    # what cannot be read speaks by its answers alone: an accepted one ends the doubts before it
    heard = pl.when(pl.col("read").is_null() & (pl.col("answer") == "accepted")).then("answered_at")
    said = cells.select(*CELL, pl.coalesce("seen_at", heard).alias("seen_at"))
    pushed = uncertain(store).join(said, on=CELL, how="left")
    # a doubt is over with the next read, or the next answer, that was asked for after it ended
    pending = pushed.filter(
        pl.col("finished_at").is_null() | pl.col("seen_at").is_null() | (pl.col("seen_at") < pl.col("finished_at"))
    )
    in_flight = pl.col("outcome").is_null() | (pl.col("outcome") == "sent")
    sums = (
        pending.sort("id")
        .group_by(CELL)
        .agg(
            pl.col("quantity").filter(in_flight).last().alias("sending"),
            pl.col("quantity").max().alias("most"),
            (pl.col("outcome") == "unknown").any().alias("unknown"),
            pl.col("server_at").max().alias("sent_last"),
        )
    )
    rows = cells.join(sums, on=CELL, how="left")
    # what cannot be read shows what was last accepted
    last = pl.coalesce("read", pl.when(pl.col("answer") == "accepted").then("answered"))
    doubtful = pl.max_horizontal(last, "confirmed", "most")
    return rows.with_columns(
        pl.col("unknown").fill_null(value=False),
        pl.when(pl.col("most").is_null()).then(last).otherwise(doubtful).alias("shown"),
    )


def _cells(agent: Agent, merged: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Merged listings with how their stock cell stands: what the decision table looks at."""
    out, unreadable = channels_out(agent), [n for n, ch in agent.channels.items() if ch.can.read == "no"]
    now = agent.clock.now()
    read = sorted(key for key, (_, at) in agent.fresh.items() if now - at <= SLEPT)
    fresh = pl.DataFrame(read, schema={"channel": pl.String, "cell": pl.String}, orient="row")
    rows = merged.join(shown, on=CELL, how="left")
    if read:
        rows = rows.join(fresh.with_columns(fresh=pl.lit(value=True)), on=CELL, how="left")
    else:
        rows = rows.with_columns(fresh=pl.lit(value=False))
    rows = _with_sales_since(agent, rows)
    same = pl.any_horizontal(pl.col("answered") == pl.col(c) for c in ("target", "safe", "sold_down_to"))
    recent = pl.col("answered_at") > now - RETRY
    stands = (pl.col("read") == pl.col("after_answer")) & (pl.col("read") != pl.col("answered"))
    refused = (pl.col("answer") == "refused") & (
        pl.col("after_answer").is_null() | (pl.col("read") == pl.col("after_answer"))
    )
    recent_pushes = agent.store.table("push").filter(pl.col("sent_at") > now - RETRY)
    rows = _with_contested(rows, recent_pushes)
    contested = pl.col("contested") & (pl.col("target") >= pl.col("answered"))
    stuck = (
        pl.when(contested)
        .then(pl.lit("contested"))
        .when(same & recent & refused)
        .then(pl.lit("shop_refuses"))
        .when(same & recent & stands)
        .then(pl.lit("shop_keeps"))
        .when(_lost_again_and_again(now))
        .then(pl.lit("shop_refuses"))
        .when(pl.col("channel").is_in(list(agent.too_old)) & (pl.col("target") > pl.col("shown")))
        .then(pl.lit("export_first"))
    )
    rows = rows.join(_lost(recent_pushes), left_on=[*CELL, "target"], right_on=[*CELL, "quantity"], how="left")
    return rows.with_columns(
        pl.lit(value=True).alias("linked"),
        pl.col("channel").is_in(out).alias("channel_out"),
        (~pl.col("channel").is_in(unreadable)).alias("readable"),
        pl.col("channel").is_in(list(agent.read_failed)).alias("read_failed"),
        pl.col("fresh").fill_null(value=False),
        pl.col("unknown").fill_null(value=False),
        pl.when(pl.col("channel").is_in(unreadable))
        .then(pl.col("shown").fill_null(0))
        .otherwise("shown")
        .alias("shown"),
        stuck.alias("stuck"),
        # a settled read is the channel's own word for what stands, whoever put it there
        pl.when(
            ~pl.col("channel").is_in(unreadable)
            & pl.col("sending").is_null()
            & ~pl.col("unknown").fill_null(value=False)
        )
        .then(pl.coalesce("read", "confirmed"))
        .otherwise("confirmed")
        .alias("confirmed"),
    )


def _with_sales_since(agent: Agent, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `sold_down_to` where units are kept back: what is shown, less what was sold there since it was read or sent.

    Orders can be known before the listing is read again: the shop has taken their units off by itself meanwhile.
    """
    kept = rows.filter((pl.col("safe") < pl.col("target")) & pl.col("sending").is_null())
    if kept.is_empty():
        return rows.with_columns(pl.lit(None, pl.Int64).alias("sold_down_to"))
    since = kept.select(*CELL, "shown", pl.max_horizontal("read_at", "sent_last").alias("since"))
    takings = cell_takings(agent.store, agent.store.table("order_line")).join(since, on=CELL)
    later = takings.filter(pl.col("sale_at") >= pl.col("since").dt.truncate("1s"))  # shops tell whole seconds
    sold = later.group_by(CELL).agg((pl.col("took") - pl.col("counted")).sum().alias("sold"))
    left = since.join(sold, on=CELL).select(*CELL, (pl.col("shown") - pl.col("sold")).clip(0).alias("sold_down_to"))
    return rows.join(left, on=CELL, how="left")


FIGHT = 4
"""Changes of another's in an hour that were undone by us: then it is not undone again (I15)."""


def _with_contested(rows: pl.DataFrame, recent: pl.DataFrame) -> pl.DataFrame:
    """Adds `contested`: another tool keeps writing the stock cell. It is lowered below what we last sent, and held
    otherwise; after an hour it is tried again. `recent`: the pushes of the last hour."""
    undone = recent.filter(pl.col("cause") == "drift").group_by(CELL).len().filter(pl.col("len") >= FIGHT)
    if undone.is_empty():
        return rows.with_columns(contested=pl.lit(value=False))
    marked = undone.select(*CELL, contested=pl.lit(value=True))
    return rows.join(marked, on=CELL, how="left").with_columns(pl.col("contested").fill_null(value=False))


def _lost(recent: pl.DataFrame) -> pl.DataFrame:
    """`channel, cell, quantity, lost, lost_at`: how often a value was sent in the last hour and not heard of."""
    sent = recent.filter(pl.col("outcome").is_in(["lost", "unknown"]))
    return sent.group_by(*CELL, "quantity").agg(pl.len().alias("lost"), pl.col("sent_at").max().alias("lost_at"))


def _lost_again_and_again(now: datetime) -> pl.Expr:
    """A shop that fails over one listing is asked more and more seldom: from the third time on the pause doubles."""
    pause = pl.duration(seconds=pl.lit(20) * pl.lit(2).pow(pl.col("lost").clip(0, 8)))
    return (pl.col("lost") >= 3) & (pl.col("lost_at") + pause > now)


def channels_out(agent: Agent) -> list[str]:
    """Channels that are out: a problem stands, or nobody has looked yet who answers there (S2-9)."""
    rows = agent.store.table("channel").filter(pl.col("problem_kind").is_not_null())
    return [*rows["channel"], *(name for name in agent.channels if name not in agent.verified)]


def with_causes(agent: Agent, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the plan with `cause` (order, edit, undo, rule, structure, drift) and what it was judged by.

    `basis_edit`, `basis_rules`: the newest edit and the rules that the new target rests on.
    """
    store = agent.store
    posted = ["opening", "net", "count", "receipt", "correction", "feed"]
    edited = store.table("ledger").filter(pl.col("kind").is_in(posted))
    newest = edited.group_by(pl.col("sku").alias("part")).agg(pl.col("id").max())
    of_cell = (
        cell_parts(store, link_parts(store))
        .join(newest, on="part")
        .group_by(CELL)
        .agg(pl.col("id").max().alias("newest"))
    )
    rule_text = store.table("rule").drop("row", "id").sort(pl.all()).write_csv()
    rules_hash = hashlib.sha256(rule_text.encode()).hexdigest()[:16]
    undo = pl.format("undo {}", "undo_run")
    rules_now = pl.concat_str(pl.lit(rules_hash), "stop_words", undo, separator=" ", ignore_nulls=True)
    undoing = undo.is_not_null() | pl.col("basis_rules").str.contains("undo ").fill_null(value=False)
    cause = (
        pl.when(pl.col("answered").is_null() & pl.col("basis_rules").is_null())
        .then(pl.lit("structure"))
        .when((pl.col("drifted_at") >= pl.col("said_at")) & (pl.col("target") == pl.col("answered")))
        .then(pl.lit("drift"))  # not where sales and cancellations say why it shows another number
        .when(pl.col("newest") > pl.col("basis_edit").fill_null(0))
        .then(pl.lit("edit"))
        .when((pl.col("basis_rules") != rules_now) & undoing)
        .then(pl.lit("undo"))
        .when(pl.col("basis_rules") != rules_now)
        .then(pl.lit("rule"))
        .otherwise(pl.lit("order"))
    )
    drifted = store.table("cell").select(*CELL, "drifted_at", said_at="answered_at")
    rows = rows.join(of_cell, on=CELL, how="left").join(drifted, on=CELL, how="left")
    return rows.with_columns(cause.alias("cause"), pl.col("newest").alias("basis_edit"), rules_now.alias("basis_rules"))
