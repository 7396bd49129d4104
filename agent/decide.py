"""From the store, through the pure core, to one plan over all stock cells.

`structure` (which listing sells which item) changes seldom and is kept; `decide` (stock, targets, plan) runs several times
a cycle.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from agent import ledger, look, questions
from agent.core import lines, match, plan, rules
from agent.frames import ITEMS, STOCK, TARGETS, TIME, empty
from agent.state import Agent
from agent.store import TABLES, Store

CELL = ["channel", "cell"]
LISTING = ["channel", "listing"]
RETRY = timedelta(hours=1)
"""A target that was answered but does not stand is tried again after this."""


@dataclass(frozen=True)
class Structure:
    """Which listing sells which item."""

    matched: match.Matched
    parts: pl.DataFrame
    """LISTING_PARTS with `linked_at`: bundles taken apart."""


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


# --- structure ----------------------------------------------------------------------------------------------------------------


def structure(agent: Agent) -> Structure:
    """Match all present listings; keep new links in the store. Cached until something that it looks at changes."""
    store = agent.store
    names = ("listing", "item", "part", "alias", "decision", "setting")
    versions = (tuple(store.version(n) for n in names), id(agent.sheet))
    cached = agent.cache.get("structure")
    if cached and cached[0] == versions:
        assert isinstance(cached[1], Structure)
        return cached[1]
    listings = store.table("listing").filter(pl.col("absent") < 2)
    learned = store.table("link")
    matched = match.match(
        listings=listings,
        items=store.table("item").select(list(ITEMS)),
        aliases=store.table("alias"),
        matches=agent.matches(),
        channels=channel_settings(agent),
        decisions=store.table("decision").sort("at").with_columns(how=pl.lit("decision")),
        learned=learned.select("channel", "listing", "sku", "units", "how"),
    )
    with store.transaction():
        _keep_links(agent, matched.links, learned, listings)
    made = Structure(matched, _parts(store))
    agent.cache["structure"] = (versions, made)
    return made


def channel_settings(agent: Agent) -> pl.DataFrame:
    """CHANNELS in force."""
    return agent.store.table("setting")


def _keep_links(agent: Agent, links: pl.DataFrame, learned: pl.DataFrame, listings: pl.DataFrame) -> None:
    """New and changed links are kept; a link of a listing that is there, and matched otherwise now, goes."""
    store, now = agent.store, agent.clock.now()
    key = [*LISTING, "sku", "units"]
    gone = learned.join(listings, on=LISTING, how="semi").join(links, on=key, how="anti")
    store.delete("link", gone.select(*LISTING, "sku"))
    new = links.join(learned, on=key, how="anti")
    live = channel_settings(agent).filter("new_matches_live")["channel"].to_list()
    open_channels = store.table("channel").filter(pl.col("live"))["channel"].to_list()
    by_itself = pl.col("channel").is_in(live) & pl.col("channel").is_in(open_channels) & (pl.col("how") == "exact")
    store.put(
        "link",
        new.select(*LISTING, "sku", "units", "how").with_columns(linked_at=pl.lit(now, TIME), live=by_itself),
    )


def _parts(store: Store) -> pl.DataFrame:
    links = store.table("link")
    since = links.group_by(LISTING).agg(pl.col("linked_at").max())
    parts = match.explode(links.select("channel", "listing", "sku", "units", "how"), store.table("part"))
    return parts.join(since, on=LISTING, how="left")


# --- stock and targets ---------------------------------------------------------------------------------------------------------


def stock(store: Store, parts: pl.DataFrame) -> pl.DataFrame:
    """STOCK: one row an item that has a ledger, open lines or missing units."""
    levels = store.table("level").select("sku", pl.col("on_hand").alias("stocked"))
    allocated = lines.allocated(store.table("order_line"), parts)
    missing = missing_units(store, parts)
    rows = levels.join(allocated, on="sku", how="full", coalesce=True).join(
        missing, on="sku", how="full", coalesce=True
    )
    filled = rows.with_columns(pl.col("allocated").fill_null(0), pl.col("missing").fill_null(0))
    return filled.with_columns((pl.col("stocked") - pl.col("allocated")).alias("available")).select(list(STOCK))


def missing_units(store: Store, parts: pl.DataFrame) -> pl.DataFrame:
    """`sku, missing` in item units."""
    waiting = store.table("missing").filter(pl.col("units") > 0).group_by(CELL).agg(pl.col("units").sum().alias("gap"))
    if waiting.is_empty():
        return pl.DataFrame(schema={"sku": pl.String, "missing": pl.Int64})
    return (
        cell_parts(store, parts)
        .join(waiting, on=CELL)
        .group_by(pl.col("part").alias("sku"))
        .agg((pl.col("gap") * pl.col("units")).sum().alias("missing"))
    )


def cell_parts(store: Store, parts: pl.DataFrame) -> pl.DataFrame:
    """`channel, cell, part, units`: what one unit of a stock cell takes (listings that share a cell count once)."""
    cells = store.table("listing").select("channel", "listing", "cell")
    rows = parts.join(cells, on=LISTING)
    return rows.unique([*CELL, "part"], keep="first", maintain_order=True).select(*CELL, "part", "units")


def kept_back(agent: Agent, parts: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """`channel, sku, kept_back, note`: what channels whose orders are too old last showed, kept from raises elsewhere."""
    stale = [name for name in agent.channels if _stale(agent, name)]
    if not stale:
        return empty(rules.KEPT)
    held = (
        cell_parts(agent.store, parts)
        .join(shown.filter(pl.col("channel").is_in(stale)).select(*CELL, "shown"), on=CELL)
        .group_by("channel", pl.col("part").alias("sku"))
        .agg((pl.col("shown").clip(0) * pl.col("units")).sum().alias("kept_back"))
        .rename({"channel": "from"})
    )
    late = {name: agent.channels[name].can.applies == "later" for name in agent.channels}
    targets = pl.DataFrame({"channel": list(agent.channels)})
    both = held.join(targets, how="cross").filter(
        (pl.col("from") != pl.col("channel")) | pl.col("channel").is_in([n for n, is_late in late.items() if is_late])
    )
    notes = pl.DataFrame({"from": stale, "note": [_since(agent, name) for name in stale]})
    return (
        both.filter(pl.col("kept_back") > 0)
        .join(notes, on="from")
        .group_by("channel", "sku")
        .agg(pl.col("kept_back").sum(), pl.col("note").sort().str.join(", "))
        .select(pl.col(c).cast(k) for c, k in rules.KEPT.items())
    )


def _stale(agent: Agent, name: str) -> bool:
    """The channel's orders are older than max(2 x poll, lag + poll)."""
    at, poll, lag = (
        look.channel_row(agent.store, name).get("orders_ok_at"),
        agent.poll_of(name),
        agent.channels[name].can.lag,
    )
    limit = timedelta(seconds=max(2 * poll, lag + poll))
    return not isinstance(at, datetime) or agent.clock.now() - at > limit


def _since(agent: Agent, name: str) -> str:
    at = look.channel_row(agent.store, name).get("orders_ok_at")
    when = f"not read since {at.astimezone():%a %H:%M}" if isinstance(at, datetime) else "never read"
    return f"{name} ({when})"


def targets_with(agent: Agent, rule_rows: pl.DataFrame) -> pl.DataFrame:
    """`channel, listing, target` of the live listings, with these rules instead of the accepted ones."""
    store = agent.store
    parts = _parts(store).join(store.table("link").filter("live"), on=LISTING, how="semi")
    if parts.is_empty():
        return pl.DataFrame(schema={"channel": pl.String, "listing": pl.String, "target": pl.Int64})
    return _targets(agent, parts, stock(store, parts), empty(rules.KEPT), rule_rows, words=False).select(
        *LISTING, "target"
    )


def _targets(
    agent: Agent, parts: pl.DataFrame, levels: pl.DataFrame, kept: pl.DataFrame, rule_rows: pl.DataFrame, *, words: bool
) -> pl.DataFrame:
    store = agent.store
    limits = pl.DataFrame(
        [(name, channel.can.max_quantity) for name, channel in agent.channels.items()],
        schema={"channel": pl.String, "max_quantity": pl.Int64},
        orient="row",
    )
    linked = parts.select(*LISTING, "sku").unique(LISTING, keep="first", maintain_order=True)
    return rules.work_out(
        parts=parts,
        stock=levels,
        kept=kept,
        # a frozen row goes on from what was accepted: its freeze is the plan's business, not the rules'
        items=store.table("item").select(list(ITEMS)).with_columns(frozen=pl.lit(None, pl.String)),
        effective=rules.effective(linked, rule_rows, store.table("tag")),
        channels=channel_settings(agent),
        limits=limits,
        today=agent.clock.now().astimezone().date(),
        words=words,
    )


# --- the plan ------------------------------------------------------------------------------------------------------------------


def decide(agent: Agent) -> Decision:
    """Everything seen -> one plan, one row a stock cell. The same decision again while nothing that it looks at changed."""
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
    tables = tuple(store.version(name) for name in TABLES if name not in ("channel", "notice", "question"))
    channels = store.table("channel").select("channel", "live", "problem_kind").rows()
    stale = tuple(_stale(agent, name) for name in agent.channels)
    minute = int(agent.clock.now().timestamp()) // 60
    sheet = (id(agent.sheet), agent.sheet_problem, agent.mode())
    return (tables, tuple(channels), stale, minute, sheet, frozenset(agent.fresh), frozenset(agent.read_failed))


def basis(agent: Agent) -> tuple[object, ...]:
    """What quantities rest on: the sheet, the orders, the ledger, who is linked, what is missing."""
    names = ("order_line", "ledger", "level", "item", "part", "rule", "setting", "link", "listing", "missing", "tag")
    return (id(agent.sheet), agent.mode(), *(agent.store.version(name) for name in names))


def _decide(agent: Agent) -> Decision:
    made = structure(agent)
    with agent.store.transaction():
        ledger.post_shipments(agent.store, made.parts, agent.clock.now())
    levels = stock(agent.store, made.parts)
    shown = shown_now(agent)
    kept = kept_back(agent, made.parts, shown)
    rule_rows = agent.store.table("rule")
    targets = _targets(agent, made.parts, levels, kept, rule_rows, words=True)
    listings = _listings(agent, made, targets.select(list(TARGETS)))
    merged = plan.merge(listings)
    cells = _cells(agent, merged, shown)
    return Decision(made, levels, listings, plan.decide(cells), targets, basis(agent))


def _listings(agent: Agent, made: Structure, targets: pl.DataFrame) -> pl.DataFrame:
    """One row a linked listing: its target, whether something parks it, whether it is frozen."""
    store = agent.store
    links = store.table("link")
    linked = links.group_by(LISTING).agg(
        pl.col("sku").sort().first(),
        pl.col("live").all(),
        pl.col("units").first(),
        pl.col("how").first(),
        pl.col("linked_at").max(),
        pl.concat_str("sku", pl.lit("x"), "units").sort().str.join("+").alias("recipe"),
    )
    rows = linked.join(store.table("listing"), on=LISTING, suffix="_there").join(
        targets.drop("frozen", strict=False), on=LISTING, how="left"
    )
    rows = rows.join(_frozen(agent, made.parts), on=LISTING, how="left")
    return rows.with_columns(_parked(agent, made).alias("parked"))


def _frozen(agent: Agent, parts: pl.DataFrame) -> pl.DataFrame:
    """`channel, listing, frozen`: listings any of whose items is frozen, or all of them when the sheet is not in force."""
    everything = _sheet_frozen(agent)
    if everything:
        return parts.select(LISTING).unique().with_columns(frozen=pl.lit(everything))
    frozen = agent.store.table("item").filter(pl.col("frozen").is_not_null()).select("sku", "frozen")
    skus = pl.concat([parts.select(*LISTING, "sku"), parts.select(*LISTING, pl.col("part").alias("sku"))])
    return skus.join(frozen, on="sku").group_by(LISTING).agg(pl.col("frozen").first())


def _sheet_frozen(agent: Agent) -> str | None:
    if agent.sheet_problem is not None:
        return "sheet_unreadable"
    return agent.sheet.verdict if agent.sheet else "sheet_unreadable"


def _parked(agent: Agent, made: Structure) -> pl.Expr:
    """The code why nothing is pushed whatever the numbers say; the first that applies."""
    settings = channel_settings(agent)
    off = settings.filter(pl.col("mode") == "Off")["channel"].to_list()
    feeds_only = settings.filter(pl.col("mode") == "Feeds only")["channel"].to_list()
    fed = agent.store.table("item").filter(pl.col("feed").is_not_null())["sku"].to_list()
    not_going = settings.filter(~pl.col("go_live"))["channel"].to_list()
    live = agent.store.table("channel").filter(pl.col("live"))["channel"].to_list()
    c = pl.col
    tests: list[tuple[pl.Expr, pl.Expr | str]] = [
        (c("absent") >= 2, "gone"),
        (c("channel").is_in(off), "off"),
        (pl.lit(agent.mode() == "Paused"), "paused"),
        (_paused(agent), "paused"),
        (_never_push(made), "never_push"),
        (~c("managed"), "unmanaged_there"),
        (c("hold").is_not_null(), c("hold")),
        (c("target").is_null(), "not_managed"),
        (c("channel").is_in(feeds_only) & ~c("sku").is_in(fed), "feeds_only"),
        (c("channel").is_in(not_going), "go_live_no"),
        (~c("channel").is_in(live), "not_live_yet"),
        (~c("live"), "new_link_waiting"),
        (pl.lit(agent.mode() == "Preview"), "preview"),
    ]
    return pl.coalesce(
        pl.when(test.fill_null(value=False)).then(pl.lit(code) if isinstance(code, str) else code)
        for test, code in tests
    )


def _paused(agent: Agent) -> pl.Expr:
    if agent.sheet is None:
        return pl.lit(value=False)
    typed = agent.sheet.checked.decisions.filter(
        (pl.col("tab") == "Listings") & (pl.col("value").str.to_lowercase() == "pause")
    )
    keys = (typed["channel"] + "\n" + typed["key"]).to_list()
    return pl.concat_str("channel", pl.lit("\n"), "listing").is_in(keys)


def _never_push(made: Structure) -> pl.Expr:
    flagged = made.matched.links.filter("never_push")
    keys = (flagged["channel"] + "\n" + flagged["listing"]).to_list()
    return (pl.col("fulfilled_by") == "marketplace") | pl.concat_str("channel", pl.lit("\n"), "listing").is_in(keys)


def shown_now(agent: Agent) -> pl.DataFrame:
    """`channel, cell, read, shown, sending, unknown, confirmed, ...`: the most a buyer may see now, a stock cell.

    The settled read; else the largest of last read, last confirmed, and every value in flight or of unknown outcome.
    """
    store = agent.store
    cells = store.table("cell")
    pushed = look.uncertain(store).join(cells.select(*CELL, "seen_at"), on=CELL, how="left")
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
        )
    )
    rows = cells.join(sums, on=CELL, how="left")
    doubtful = pl.max_horizontal("read", "confirmed", "most")
    return rows.with_columns(
        pl.col("unknown").fill_null(value=False),
        pl.when(pl.col("most").is_null()).then("read").otherwise(doubtful).alias("shown"),
    )


def _cells(agent: Agent, merged: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Merged listings with how their stock cell stands: what the decision table looks at."""
    out, unreadable = _out(agent), [n for n, ch in agent.channels.items() if ch.can.read == "no"]
    fresh = pl.DataFrame(sorted(agent.fresh), schema={"channel": pl.String, "cell": pl.String}, orient="row")
    now = agent.clock.now()
    rows = merged.join(shown, on=CELL, how="left").join(
        fresh.with_columns(fresh=pl.lit(value=True)), on=CELL, how="left"
    )
    same = (pl.col("answered") == pl.col("target")) | (pl.col("answered") == pl.col("safe"))
    recent = pl.col("answered_at") > now - RETRY
    stands = (pl.col("read") == pl.col("after_answer")) & (pl.col("read") != pl.col("answered"))
    refused = (pl.col("answer") == "refused") & (
        pl.col("after_answer").is_null() | (pl.col("read") == pl.col("after_answer"))
    )
    stuck = (
        pl.when(same & recent & refused)
        .then(pl.lit("shop_refuses"))
        .when(same & recent & stands)
        .then(pl.lit("shop_keeps"))
    )
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


def _out(agent: Agent) -> list[str]:
    """Channels that are out: a problem stands and its next try is not due."""
    rows = agent.store.table("channel").filter(pl.col("problem_kind").is_not_null())
    return rows["channel"].to_list()


def with_causes(agent: Agent, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the plan with `cause` (order, edit, rule, structure, drift) and what it was judged by.

    `basis_edit`, `basis_rules`: the newest edit and the rules that the new target rests on.
    """
    store = agent.store
    edited = store.table("ledger").filter(pl.col("kind").is_in(["opening", "count", "correction"]))
    newest = edited.group_by(pl.col("sku").alias("part")).agg(pl.col("id").max())
    of_cell = (
        cell_parts(store, _parts(store)).join(newest, on="part").group_by(CELL).agg(pl.col("id").max().alias("newest"))
    )
    rule_text = store.table("rule").drop("row", "id").sort(pl.all()).write_csv()
    rules_now = hashlib.sha256(rule_text.encode()).hexdigest()[:16]
    cause = (
        pl.when(pl.col("answered").is_null())
        .then(pl.lit("structure"))
        .when((pl.col("read") != pl.col("confirmed")) & (pl.col("target") == pl.col("answered")))
        .then(pl.lit("drift"))
        .when(pl.col("newest") > pl.col("basis_edit").fill_null(0))
        .then(pl.lit("edit"))
        .when(pl.col("basis_rules") != rules_now)
        .then(pl.lit("rule"))
        .otherwise(pl.lit("order"))
    )
    return rows.join(of_cell, on=CELL, how="left").with_columns(
        cause.alias("cause"), pl.col("newest").alias("basis_edit"), pl.lit(rules_now).alias("basis_rules")
    )


# --- what must be asked ------------------------------------------------------------------------------------------------------------


def ask(agent: Agent, decision: Decision) -> bool:
    """Keep the open questions in step with what stands, and carry out approvals that were given.

    True when something went live by that: then the decision is no longer the last word.
    """
    if decision is agent.asked_about:
        return False
    now, before = agent.clock.now(), agent.store.version("link")
    agent.asked_about = decision
    with agent.store.transaction():
        _ask_plans(agent, decision, now)
        _ask_edits(agent, now)
        _ask_missing(agent, decision, now)
    return agent.store.version("link") != before


def _ask_plans(agent: Agent, decision: Decision, now: datetime) -> None:
    """A channel's first plan is approved once; afterwards new links wait in one batch a channel."""
    waiting = decision.targets.filter(pl.col("parked").is_in(["not_live_yet", "new_link_waiting"])).join(
        decision.plan.select(*CELL, "shown"), on=CELL, how="left"
    )  # by listing, not by stock cell: a new listing may share the cell of one that is live
    for kind, code in (("first_plan", "not_live_yet"), ("new_links", "new_link_waiting")):
        rows = waiting.filter(pl.col("parked") == code)
        for (name,), group in rows.group_by("channel", maintain_order=True):
            _ask_or_go_live(agent, kind, str(name), group, now)
        questions.withdraw(agent.store, kind, rows["channel"].unique(), now)


def _ask_or_go_live(agent: Agent, kind: str, name: str, rows: pl.DataFrame, now: datetime) -> None:
    if agent.sheet is None or _sheet_frozen(agent) or name in _out(agent) or agent.mode() != "Live":
        return
    causes = _causes(agent, rows)
    if questions.approved(agent.store, kind, name, causes, now) and _under_ceiling(agent, kind, name, causes, rows):
        go_live(agent, name, kind, rows)
        return
    down = rows.filter(pl.col("target") < pl.col("shown"))
    up = rows.filter(pl.col("target") > pl.col("shown"))
    facts = {
        "channel": name,
        "listings": rows.height,
        "down": down.height,
        "up": up.height,
        "same": rows.height - down.height - up.height,
        "zero": rows.filter((pl.col("target") == 0) & (pl.col("shown") > 0)).height or None,  # "0 would be" says nothing
        "ceilings": dict(rows.select("listing", "target").iter_rows()),
    }
    questions.ask(agent.store, kind, name, causes, facts, now)


def _causes(agent: Agent, rows: pl.DataFrame) -> str:
    """What an approval binds to: these links, the last counted quantity of their items, the rules."""
    counted = agent.store.table("ledger").filter(pl.col("kind").is_in(["opening", "count"]))
    last = counted.group_by("sku").agg(pl.col("id").max())
    text = rows.select("channel", "listing", "recipe").sort("channel", "listing").write_csv()
    text += rows.select("sku").unique().join(last, on="sku").sort("sku").write_csv()
    text += agent.store.table("rule").drop("row", "id").sort(pl.all()).write_csv()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _under_ceiling(agent: Agent, kind: str, name: str, causes: str, rows: pl.DataFrame) -> bool:
    """Orders only lower beneath what was approved; if anything would be higher now, it is asked again."""
    import json

    asked = agent.store.table("question").filter(
        (pl.col("kind") == kind) & (pl.col("key") == name) & (pl.col("causes") == causes) & (pl.col("answer") == "yes")
    )
    ceilings = json.loads(asked["facts"][-1])["ceilings"]
    above = [each for each, target in rows.select("listing", "target").iter_rows() if target > (ceilings.get(each) or 0)]
    if above:
        agent.store.put("question", asked.with_columns(answer=pl.lit("lapsed")))
    return not above


def go_live(agent: Agent, name: str, kind: str, rows: pl.DataFrame) -> None:
    """The person said yes: these links are live from now on, and their present reads are the baselines."""
    links = agent.store.table("link").filter(pl.col("channel") == name)
    chosen = links if kind == "first_plan" else links.join(rows.select(LISTING), on=LISTING, how="semi")
    agent.store.put("link", chosen.with_columns(live=pl.lit(value=True)))
    if kind == "first_plan":
        look.set_channel(agent.store, name, live=True)


def _ask_edits(agent: Agent, now: datetime) -> None:
    rows = ledger.doubtful(agent.store)
    for row in rows.iter_rows(named=True):  # few: only edits that overlap a shipment
        facts = {k: row[k] for k in ("sku", "old", "value", "shipped", "count", "change")}
        questions.ask(agent.store, "edit_meaning", row["sku"], f"{row['id']}/{row['shipped']}", facts, now)
    questions.withdraw(agent.store, "edit_meaning", rows["sku"], now)


def _ask_missing(agent: Agent, decision: Decision, now: datetime) -> None:
    """Missing units that stay unexplained for max(15 min, 3 x (lag + poll)) are asked about."""
    waiting = agent.store.table("missing").filter(pl.col("units") > 0)
    recipes = cell_parts(agent.store, decision.structure.parts)
    due = []
    for row in waiting.iter_rows(named=True):  # few: only unexplained ones
        can = agent.channels[row["channel"]].can if row["channel"] in agent.channels else None
        grace = max(900.0, 3 * (can.lag + agent.poll_of(row["channel"]))) if can else 900.0
        if now - row["booked_at"] < timedelta(seconds=grace):
            continue
        parts = recipes.filter((pl.col("channel") == row["channel"]) & (pl.col("cell") == row["cell"]))
        facts = {
            "channel": row["channel"],
            "units": row["units"],
            "parts": [list(p) for p in parts.select("part", "units").iter_rows()],
            "sku": " + ".join(parts["part"].to_list()),
            "since": row["since"].isoformat(),
            "until": row["until"].isoformat(),
        }
        due.append(str(row["id"]))
        questions.ask(agent.store, "missing_units", str(row["id"]), str(row["id"]), facts, now)
    questions.withdraw(agent.store, "missing_units", pl.Series(due, dtype=pl.String), now)
