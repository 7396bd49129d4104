"""What the tab Control came to, told: one row in Attention, a figure, and the tab Control Status."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import polars as pl

from agent.asking import undo
from agent.core import report
from agent.deciding import stops
from agent.deciding.decide import Decision
from agent.frames import ISSUES, TIME, Schema, frame
from agent.state import Agent, Sheet
from agent.telling import answers, away
from agent.telling.listed import PAUSED, stop_facts
from agent.words import in_words, say
from agent.workbooks import tabs

LISTING = ["channel", "listing"]
OFF = "When this computer is off"


# --- so that nothing is forgotten


def summary(agent: Agent) -> list[str]:
    """Everything that the person has stopped, in a few words each."""
    rows = stops.in_force(agent.store, agent.clock.now())
    return agent.store.derived("stops in words", lambda: _in_words(agent, rows), rows)


def _in_words(agent: Agent, rows: pl.DataFrame) -> list[str]:
    rows = rows.with_columns(stops.code().alias("code"))
    told = [in_words("control.everything_paused_by_mode")] if agent.mode() == "Paused" else []
    pauses = rows.filter(pl.col("kind") == "pause")
    told += [in_words("control.everything_paused")] if "pause_all" in pauses["code"] else []
    told += _group(pauses.filter(pl.col("code") == "pause_channel"), "shops_paused")
    told += _group(pauses.filter(pl.col("code") == "pause_sku"), "skus_paused")
    told += _group(rows.filter(pl.col("kind") == "freeze"), "skus_frozen")
    told += _group(rows.filter(pl.col("kind") == "to_zero"), "skus_held")
    beside = _paused_beside(agent)
    return told + ([in_words("control.paused_beside", count=beside)] if beside else [])


def count(agent: Agent) -> int:
    """How many stops hold now: rows of Control, Mode, and listings paused in Listings."""
    rows = stops.in_force(agent.store, agent.clock.now()).height
    return rows + (agent.mode() == "Paused") + _paused_beside(agent)


def _paused_beside(agent: Agent) -> int:
    typed = agent.store.table("typed").filter(pl.col("tab") == "Listings")
    return typed.filter(pl.col("value").str.to_lowercase() == "pause").height


NAMED = 3


def _group(rows: pl.DataFrame, said: str) -> list[str]:
    """`2 SKUs are frozen (A at 5 until 2026-12-24, B on north at 3)`."""
    if rows.is_empty():
        return []
    named = [_named(row) for row in rows.sort("row").head(NAMED).iter_rows(named=True)]
    more = [in_words("control.more", count=rows.height - NAMED)] if rows.height > NAMED else []
    return [in_words(f"control.{said}", count=rows.height, named=", ".join([*named, *more]))]


def _named(stop: Mapping[str, object]) -> str:
    what = f"{stop['sku']} on {stop['channel']}" if stop["sku"] and stop["channel"] else stop["sku"] or stop["channel"]
    at = f" at {stop['value']}" if stop["value"] is not None else ""
    end = stops.until_words(stop["until"])
    return f"{what}{at}{f' until {end}' if end else ''}"


def issues(agent: Agent) -> pl.DataFrame:
    """ISSUES: what is stopped, in one row; stops that never began; freezes without a number."""
    control = agent.sheet.snapshot.names.get(tabs.CONTROL.name, tabs.CONTROL.name) if agent.sheet else tabs.CONTROL.name
    held = stops.in_force(agent.store, agent.clock.now())
    letters = agent.sheet.snapshot.letters.get(tabs.CONTROL.name) if agent.sheet else None
    told, idle = summary(agent), _idle(agent)
    return agent.store.derived(
        "issues of stops", lambda: _issues(agent, held, told, control, idle), held, told, control, letters, idle
    )


def _issues(agent: Agent, held: pl.DataFrame, told: list[str], control: str, idle: list[int]) -> pl.DataFrame:
    made: list[tuple[object, ...]] = []
    if told:
        made.append(("stops_in_force", control, None, None, json.dumps({"stops": told})))
    for row in stops.never_began(agent.store).iter_rows(named=True):
        facts = {"until": stops.until_words(row["until"])}
        made.append(("stop_over", control, _cell(agent.sheet, "Until", row["row"]), row["sku"], json.dumps(facts)))
    made += [("google_switch_without_effect", control, _cell(agent.sheet, "Control", row), None, "{}") for row in idle]
    unread = held.filter((pl.col("kind") == "freeze") & pl.col("value").is_null())
    made += [
        ("freeze_unread", control, _cell(agent.sheet, "Value", row), sku, "{}")
        for row, sku in unread.select("row", "sku").rows()
    ]
    return frame(made, ISSUES)


def _idle(agent: Agent) -> list[int]:
    """Rows of Control with a switch that has no meaning in this workbook."""
    if agent.sheet is None or agent.workbook.kind != "google":
        return []
    idle = [name.lower() for name in tabs.NOT_IN_GOOGLE]
    typed = agent.sheet.checked.controls
    return typed.filter(pl.col("control").str.to_lowercase().is_in(idle))["row"].to_list()


def _cell(sheet: Sheet | None, column: str, row: int) -> str | None:
    letter = sheet.snapshot.letters.get(tabs.CONTROL.name, {}).get(column) if sheet else None
    return f"{letter}{row}" if letter else None


# --- the tab Control Status


def status(agent: Agent, decision: Decision) -> pl.DataFrame:
    """Every stop and question of Control, and what came of it."""
    if agent.sheet is None:
        return report.shaped(tabs.CONTROL_STATUS, pl.DataFrame({"About": []}, schema={"About": pl.String}))
    rows = agent.sheet.checked.control.rows.unique("about", keep="first", maintain_order=True)
    about = (agent.sheet.checked.control, decision.structure.parts, _parked(decision))
    given = (*about, stops.in_force(agent.store, agent.clock.now()))
    told = agent.store.derived("stops told", lambda: [*_stops_told(agent, decision, rows)], *given)
    told = [*told, *answers.answered(agent, decision, rows), *undo.status(agent, rows)]
    told += [(OFF, off_words(agent, decision), None)]
    order = {about: at for at, about in enumerate(rows["about"])}
    told.sort(key=lambda each: order.get(str(each[0]), len(order)))
    schema: Schema = {"About": pl.String, "What came of it": pl.String, "When": TIME}
    return report.shaped(tabs.CONTROL_STATUS, frame(told, schema))


def off_words(agent: Agent, decision: Decision) -> str:
    """What can be oversold while this computer is off (DESIGN section 4, Channels; `agent.telling.away`)."""
    meant = away.foreseen(agent, decision)
    facts = {"count": meant.at_risk, "lowered": meant.lowered or None, "left": meant.still_at_risk}
    return say("off_at_risk" if meant.at_risk else "off_safe", facts).what


def _stops_told(agent: Agent, decision: Decision, rows: pl.DataFrame) -> Iterator[tuple[object, ...]]:
    assert agent.sheet is not None
    lost = set(agent.sheet.checked.control.lost["row"])
    typed = agent.sheet.checked.control.stops
    known = typed.join(agent.store.table("stop").rename({"row": "first"}), on=stops.KEY, nulls_equal=True, suffix="_in")
    by_row = {row["row"]: row for row in known.iter_rows(named=True)}
    now = agent.clock.now()
    for row in rows.filter(~pl.col("kind").is_in(["ask", *undo.KINDS])).iter_rows(named=True):
        stop = by_row.get(row["row"])
        if stop is None:
            code = "stop_nothing" if row["row"] in lost else "stop_off"
            yield row["about"], say(code).what, None
            continue
        stop = {**stop, "value": stop["value_in"], "until": stop["until_in"]}
        over = stop["until"] is not None and stop["until"] <= now
        if over:
            never = stop["until"] <= stop["since"]
            told = say("stop_nothing" if never else "stop_ended", stop_facts(stop)).what
            yield row["about"], told, None if never else stop["until"]
        else:
            yield row["about"], say("stop_in_force", stop_facts(stop) | _reach(decision, stop)).what, stop["since"]


def _parked(decision: Decision) -> pl.DataFrame:
    return decision.targets.select(*LISTING, "parked")


def _reach(decision: Decision, stop: Mapping[str, object]) -> dict[str, object]:
    """How many listings a stop is about, and on how many of them a pause comes first."""
    parts = decision.structure.parts
    if stop["sku"] is not None:
        parts = parts.filter(pl.col("sku") == stop["sku"])
    if stop["channel"] is not None:
        parts = parts.filter(pl.col("channel") == stop["channel"])
    listings = parts.select(LISTING).unique()
    paused = _parked(decision).filter(pl.col("parked").is_in(PAUSED)).join(listings, on=LISTING, how="semi").height
    return {"count": listings.height, "paused": (paused or None) if stop["kind"] != "pause" else None}
