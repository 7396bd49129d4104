"""From the store, through the pure core, to one plan over all stock cells. Runs several times a cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from agent.accepting import in_out
from agent.core import plan, rules
from agent.deciding import drift, ledger, returns, shares, stops, undone
from agent.deciding.cells import plan_cells, shown_now
from agent.deciding.quantities import is_stale, kept_back, stock, worked_out
from agent.deciding.structure import Structure, channel_settings, set_once_done, structure
from agent.frames import TARGETS, empty
from agent.looking import feeds, lags
from agent.looking.channel_rows import channel_row
from agent.state import Agent
from agent.store import Store
from agent.store_tables import TABLES

CELL = ["channel", "cell"]
LISTING = ["channel", "listing"]
UNDECIDING = ("channel", "notice", "question", "asked", "undo", "oversell", "late_find", "lag", "inbound", "transfer")
"""Tables that a decision does not rest on, or looks at itself."""


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
    planned = plan.decide(plan_cells(agent, merged, shown))
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
    return plan.decide(plan_cells(agent, plan.merge(listings), shown_now(agent)))


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
