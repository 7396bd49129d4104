"""Drift: a stock cell shows less or more than was expected, and no order says why (DESIGN section 8, *Missing*).

What is gone is *missing*: no shop sells it until it is explained. What came on top is a *rise*: it is lowered at once,
and kept, as there may be more on the shelf than the sheet says. *On drift* in Channels (ask / put back / adopt) answers
for all of a shop, after the time in which an order, a cancellation or a refund may still explain it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from agent.accepting import renames
from agent.asking import questions
from agent.asking.questions import facts_of
from agent.core import gaps
from agent.core.lines import ours
from agent.deciding import ledger
from agent.deciding.structure import cell_parts
from agent.frames import TIME
from agent.looking import lags
from agent.state import Agent
from agent.store import Store
from agent.words import in_words, say

CELL = ["channel", "cell"]
RISEN, SET_OUT = "drift_up", "units_set_out"
GONE, TRANSFER, ADOPT, PUT_BACK = "gone", "transfer", "adopt", "put back"
AGAIN = timedelta(hours=1)
"""Changes of one stock cell within this are one tool's, from the third on."""
SOMEONE, TOOL, EATEN, LOCKED = "drift_someone", "drift_tool", "drift_eaten", "drift_locked"


# --- booking, when a read is settled


def book(store: Store, rows: pl.DataFrame, found: gaps.Settled, takings: pl.DataFrame, now: datetime) -> None:
    """Keep what a settled read shows missing or risen. `rows`: the cells as read. Within a transaction."""
    if found.gaps.is_empty() and found.risen.is_empty():
        return
    touched = pl.concat([found.gaps.select(CELL), found.risen.select(CELL)])
    who = _who(store, rows.join(touched, on=CELL, how="semi"), now)
    fresh = found.gaps.join(who, on=CELL, how="left").with_columns(found=pl.col("units"), booked_at=pl.lit(now, TIME))
    store.append("missing", fresh)
    waiting = store.table("missing").filter(pl.col("units") > 0)
    shrunk = gaps.give_back(waiting, found.risen)
    came_back = waiting.join(shrunk, on="id", suffix="_left").group_by(CELL).agg(
        (pl.col("units") - pl.col("units_left")).sum().alias("back")
    )  # fmt: skip
    store.put("missing", shrunk.select("id", "units"))
    left = pl.col("units") - pl.col("back").fill_null(0)
    rises = found.risen.join(came_back, on=CELL, how="left").with_columns(left.alias("units")).drop("back")
    # a line that was taken out of its order took nothing, as it stands now; what it gave back explains a rise
    known = rises.join(gaps.given(rises, takings), on=CELL, how="left").select(*CELL, gave_known="gave")
    rises = rises.join(gaps.given(rises, _gave(store)), on=CELL, how="left").join(known, on=CELL, how="left")
    more = (pl.col("gave").fill_null(0) - pl.col("gave_known").fill_null(0)).clip(0)
    rises = rises.with_columns(pl.col("units") - more, pl.col("gave").fill_null(0)).drop("gave_known")
    rises = rises.filter(pl.col("units") > 0)
    changed = pl.concat([found.gaps.select(CELL), rises.select(CELL), came_back.select(CELL)]).unique()
    store.put("cell", changed.with_columns(drifted_at=pl.lit(now, TIME)))
    _book_rises(store, rises.join(who, on=CELL, how="left"), now)


def _gave(store: Store) -> pl.DataFrame:
    """`channel, cell, gave, freed_at`: units that orders gave up, and when; also of lines that are no more."""
    cells = store.table("listing").select("channel", "listing", "cell")
    back = pl.col("ordered") - pl.col("open") - pl.col("shipped")
    rows = ours(store.table("order_line")).with_columns(
        (back + pl.when(pl.col("freed_at").is_not_null()).then("returned").otherwise(0).fill_null(0)).alias("gave"),
        pl.coalesce("freed_at", "back_at").alias("freed_at"),
    )
    given = rows.filter((pl.col("gave") > 0) & pl.col("freed_at").is_not_null())
    return given.join(cells, on=["channel", "listing"]).select(*CELL, "gave", "freed_at")


def _book_rises(store: Store, rises: pl.DataFrame, now: datetime) -> None:
    """One open rise a stock cell: a number that is set again and again is no delivery each time."""
    known = store.table("rise").filter(pl.col("units") > 0)
    again = known.join(rises.select(*CELL, more="units", last="until"), on=CELL)
    store.put(
        "rise",
        again.select(
            "id", pl.max_horizontal("units", "more").alias("units"), pl.max_horizontal("found", "more").alias("found"),
            pl.col("times") + 1, pl.col("last").alias("until"), who=pl.lit(TOOL),
        ),
    )  # fmt: skip
    new = rises.join(known, on=CELL, how="anti")
    store.append(
        "rise",
        new.with_columns(found=pl.col("units"), times=pl.lit(1, pl.Int64), booked_at=pl.lit(now, TIME)),
    )


def _who(store: Store, rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """`channel, cell, who`: as far as it can be known, the code of who changed the number."""
    pushed = store.table("push").join(rows.select(CELL), on=CELL, how="semi").sort("id")
    ours = pushed.filter(pl.col("outcome").is_in(["accepted", "landed", "sent"]))
    last = ours.group_by(CELL).agg(pl.col("old", "quantity").last())
    failed = pl.col("outcome").is_in(["refused", "lost", "unknown"]) & pl.col("message").is_not_null()
    newest = pushed.group_by(CELL).agg(failed.last().alias("refused"))
    fights = pushed.filter((pl.col("cause") == "drift") & (pl.col("sent_at") > now - AGAIN)).group_by(CELL)
    known = (
        rows.join(last, on=CELL, how="left")
        .join(newest, on=CELL, how="left")
        .join(fights.agg(pl.len().alias("fights")), on=CELL, how="left")
    )
    eaten = (pl.col("read") == pl.col("old")) & (pl.col("read") != pl.col("quantity"))
    code = (
        pl.when(pl.col("fights") >= 2).then(pl.lit(TOOL))
        .when("refused").then(pl.lit(LOCKED))
        .when(eaten & (pl.col("baseline") == pl.col("quantity"))).then(pl.lit(EATEN))
        .otherwise(pl.lit(SOMEONE))
    )  # fmt: skip
    return known.select(*CELL, code.alias("who"))


# --- what On drift decides


def settle(agent: Agent, parts: pl.DataFrame, now: datetime) -> None:
    """Let late cancellations and refunds explain rises, and carry out *On drift* where it answers. In a transaction."""
    store = agent.store
    _explain(agent)
    words = store.table("setting").select("channel", pl.col("on_drift").alias("word"))
    if words.filter(pl.col("word").is_in([ADOPT, PUT_BACK])).is_empty():
        return
    for name in ("missing", "rise"):
        rows = due(agent, name, now).join(words, on="channel")
        rows = rows.filter(pl.col("word").is_in([ADOPT, PUT_BACK]))
        if name == "rise":  # set again and again: whether that is stock, only a person can say
            rows = rows.filter((pl.col("word") == PUT_BACK) | (pl.col("times") == 1))
        if rows.height:
            carry_out(store, name, rows, parts, now, by=in_words("ledger.by_on_drift"))


def due(agent: Agent, name: str, now: datetime) -> pl.DataFrame:
    """The open rows of `missing` or `rise` that have had the time in which an order may explain them."""
    rows = agent.store.table(name)
    rows = rows.filter(pl.col("units") > 0) if rows.height else rows
    if rows.is_empty():
        return rows
    grace = {each: grace_of(agent, each) for each in rows["channel"].unique()}
    ready = [now - at >= grace[channel] for channel, at in rows.select("channel", "booked_at").rows()]
    return rows.filter(pl.Series(ready, dtype=pl.Boolean))


def grace_of(agent: Agent, name: str) -> timedelta:
    """max(15 min, 3 x (lag + poll)), in which an order may still explain a drift."""
    if name not in agent.channels:
        return timedelta(minutes=15)
    return timedelta(seconds=max(900.0, 3 * (lags.lag_of(agent, name) + agent.poll_of(name))))


def _explain(agent: Agent) -> None:
    """Units of a rise that a cancellation or refund gave back after all, which was not known when it was booked."""
    store = agent.store
    waiting = store.table("rise").filter(pl.col("units") > 0)
    seen = (store.version("order_line"), store.version("rise"))
    cached = agent.cache.get("rise")
    if waiting.is_empty() or (cached and cached[0] == seen):
        return
    known = gaps.given(waiting, _gave(store))
    rows = waiting.join(known.rename({"gave": "now"}), on=CELL, how="left")
    left = (pl.col("found") - (pl.col("now").fill_null(0) - pl.col("gave")).clip(0)).clip(0)
    changed = rows.select("id", left.alias("left"), "units").filter(pl.col("left") < pl.col("units"))
    store.put("rise", changed.select("id", pl.col("left").alias("units")))
    explained(store, waiting.join(changed.filter(pl.col("left") == 0), on="id", how="semi"))
    agent.cache["rise"] = ((store.version("order_line"), store.version("rise")), None)


def explained(store: Store, rows: pl.DataFrame) -> None:
    """An order that was read late explains these (rows of `missing` or `rise`) after all: what was pushed against each
    of them was no answer to another tool. Within a transaction."""
    if rows.is_empty():
        return
    answers = store.table("push").filter(pl.col("cause") == "drift").join(rows.select(*CELL, "since"), on=CELL)
    first = answers.filter(pl.col("sent_at") >= pl.col("since")).sort("id").unique([*CELL, "since"], keep="first")
    store.put("push", first.select("id", cause=pl.lit("order")))


def carry_out(  # noqa: PLR0917 - an answer is just these
    store: Store, name: str, rows: pl.DataFrame, parts: pl.DataFrame, now: datetime, by: str
) -> None:
    """Answer these rows of `missing` or `rise`. `word`: adopt (what the shop showed is true: OnHand follows) or put
    back (OnHand stands, and the shop follows it). `parts`: LISTING_PARTS. Items that nobody counts stay as they are."""
    recipes = _counted(store, parts).rename({"part": "sku", "units": "each"})
    taken = rows.filter(pl.col("word") == ADOPT).join(recipes, on=CELL)
    sign = -1 if name == "missing" else 1
    ledger.drifted(store, taken.with_columns(change=sign * pl.col("units") * pl.col("each")), now, by)
    store.put(name, rows.select("id", units=pl.lit(0, pl.Int64)))


def _counted(store: Store, parts: pl.DataFrame) -> pl.DataFrame:
    """`cell_parts` of items that are counted in the sheet: a feed's figure is not ours to change."""
    fed = store.table("item").filter(pl.col("feed").is_not_null()).select(part="sku")
    counted = store.table("level").select(part="sku")
    return cell_parts(store, parts).join(counted, on="part", how="semi").join(fed, on="part", how="anti")


# --- asking and answering


def ask(agent: Agent, parts: pl.DataFrame, now: datetime) -> None:
    """One question a drift that nothing explained, and *On drift* does not answer. In a transaction."""
    lost, risen = due(agent, "missing", now), due(agent, "rise", now)
    set_out = pl.col("set_out").fill_null(0) > 0
    with_us, on_its_way = (lost.filter(~set_out), lost.filter(set_out)) if lost.height else (lost, lost)
    kinds = {"missing_units": with_us, SET_OUT: on_its_way, RISEN: risen}
    for kind, rows in kinds.items():
        name = "rise" if kind == RISEN else "missing"
        if rows.height:
            recipes = _counted(agent.store, parts) if name == "rise" else cell_parts(agent.store, parts)
            _ask_each(agent.store, name, kind, rows, recipes, now)
        questions.withdraw(agent.store, kind, rows["id"].cast(pl.String), now)


def _ask_each(  # noqa: PLR0917 - as `questions.ask`
    store: Store, name: str, kind: str, rows: pl.DataFrame, recipes: pl.DataFrame, now: datetime
) -> None:
    for row in rows.iter_rows(named=True):  # few: only unexplained ones
        here = recipes.filter((pl.col("channel") == row["channel"]) & (pl.col("cell") == row["cell"]))
        if name == "rise" and here.is_empty():  # nobody counts what it sells
            store.put(name, pl.DataFrame({"id": [row["id"]], "units": [0]}))
        else:
            questions.ask(store, kind, str(row["id"]), str(row["id"]), _facts(row, here), now)


def _facts(row: dict[str, Any], recipe: pl.DataFrame) -> dict[str, object]:
    return {
        "channel": row["channel"],
        "units": row["units"],
        "parts": [list(part) for part in recipe.select("part", "units").iter_rows()],
        "sku": " + ".join(recipe["part"].to_list()),
        "since": row["since"].isoformat(),
        "until": row["until"].isoformat(),
        "why": say(row["who"]).what if row["who"] else None,
        "set_out": row.get("set_out") or None,
    }


def answered(store: Store, question: dict[str, object], now: datetime) -> None:
    """The person's word about one drift."""
    name = "rise" if question["kind"] == RISEN else "missing"
    facts, word = facts_of(str(question["facts"])), str(question["answer"])
    row = store.table(name).filter(pl.col("id") == int(str(question["causes"])))
    if word in (GONE, TRANSFER, ADOPT):
        recipe = pl.DataFrame(facts.get("parts", []), schema=["sku", "units"], orient="row")
        units = int(row["units"].sum()) * (1 if word == ADOPT else -1)
        change = recipe.select(
            sku=renames.present(store, pl.col("sku")),
            change=(pl.col("units") * units).cast(pl.Int64),
            channel=pl.lit(facts.get("channel"), pl.String),
        )
        by = in_words("ledger.by_transfer") if word == TRANSFER else in_words("ledger.by_answer")
        ledger.drifted(store, change, now, by)
    store.put(name, row.with_columns(units=pl.lit(0, pl.Int64)))


# --- telling


def told(store: Store, parts: pl.DataFrame, most: int) -> pl.DataFrame:
    """`at, part, channel, change (item units, signed), why`: the newest drifts, as Movements tells them."""
    return store.derived("drifts told", lambda: _told(store, parts, most), parts, most)


def _told(store: Store, parts: pl.DataFrame, most: int) -> pl.DataFrame:
    pieces = [
        store.table(name).sort("id").tail(most).select(
            *CELL, pl.col("until").alias("at"), "who", (sign * pl.coalesce("found", "units")).alias("by")
        )
        for name, sign in (("missing", -1), ("rise", 1))
    ]  # fmt: skip
    rows = pl.concat(pieces)
    said = {who: say(who).what for who in rows["who"].drop_nulls().unique()}
    why = pl.coalesce(pl.col("who").replace(said), pl.lit(say(SOMEONE).what))
    each = rows.join(cell_parts(store, parts), on=CELL).filter(pl.col("by") != 0)
    return each.select("at", "part", "channel", (pl.col("by") * pl.col("units")).alias("change"), why.alias("why"))
