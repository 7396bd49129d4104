"""The tabs Dashboard and Chart Data: what the store and the decision say, counted by the core, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from agent.asking import questions
from agent.core import dashboard as core
from agent.core import lines, report
from agent.deciding import quantities
from agent.deciding.decide import Decision
from agent.frames import frame
from agent.state import Agent
from agent.telling import away, control, imports
from agent.words import in_words, short
from agent.workbooks import tabs

DAYS = 15
"""Today and the two weeks before it."""
SILENT_AFTER = timedelta(minutes=10)
"""As long as the light of Start here waits before it turns red."""
NAMED = 3
"""So many items are named in a sentence."""


@dataclass(frozen=True)
class Counted:
    """Everything that Dashboard tells, as the core counted it."""

    shops: pl.DataFrame
    pushed: pl.DataFrame
    paces: pl.DataFrame
    oversold: list[str]
    unlisted: list[str]
    missing: int
    silent: list[str]
    """Shops whose orders are too old for raises elsewhere."""
    out: list[str]
    """Shops that gave no answer at the last look, or for longer than the light of Start here waits."""
    questions: pl.DataFrame
    off: away.Away


def tabs_of(agent: Agent, decision: Decision) -> dict[str, pl.DataFrame]:
    """The two tabs."""
    counted = count(agent, decision)
    return {
        "Dashboard": figures(agent, decision, counted),
        "Chart Data": core.chart_data(counted.shops, counted.pushed, counted.paces),
    }


def count(agent: Agent, decision: Decision) -> Counted:
    """Look at the store and count."""
    store, now = agent.store, agent.clock.now()
    found = decision.structure.matched.imports.filter(~pl.col("reason").is_in(imports.IDLE))
    seen = store.table("listing").filter(pl.col("absent") < 2)
    recent = store.table("order_line").filter(pl.col("sale_at") >= now - core.WINDOW)
    sold = lines.sold(recent, decision.structure.parts)
    known = (decision.stock, store.table("item"), decision.structure.parts, decision.targets)
    unlisted = store.derived("unlisted", lambda: core.unlisted(*known), *known)
    plan = decision.plan.select("channel", "cell", "shown", "target", "safe", "reason", "action")
    counted, today = (list(agent.channels), seen, decision.targets, found, plan), days(now)
    return Counted(
        shops=store.derived("shops counted", lambda: core.shops(*counted), *counted),
        pushed=store.derived("pushes counted", lambda: core.pushed(store.table("push"), today), today),
        paces=core.pace(sold, decision.stock, store.table("level"), now),
        oversold=decision.stock.filter(pl.col("available") < 0)["sku"].sort().to_list(),
        unlisted=unlisted["sku"].sort().to_list(),
        missing=int(decision.stock["missing"].clip(0).sum() or 0),
        silent=[name for name in agent.channels if quantities.is_stale(agent, name)],
        out=_out(agent),
        questions=questions.open_questions(store),
        off=away.foreseen(agent, decision),
    )


def _out(agent: Agent) -> list[str]:
    rows = agent.store.table("channel").filter(pl.col("channel").is_in(list(agent.channels)))
    old = (agent.clock.now() - pl.col("orders_ok_at") > SILENT_AFTER).fill_null(value=True)
    named = rows.filter(pl.col("problem_kind").is_not_null() | old)["channel"].to_list()
    return [name for name in agent.channels if name in named or name not in rows["channel"]]


def days(now: datetime) -> pl.DataFrame:
    """core.DAYS: today and the days before it, as this computer's clock has them (S0-2)."""
    today = now.astimezone().date()
    dates = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    rows = [(str(day.day), datetime(day.year, day.month, day.day).astimezone()) for day in dates]
    return frame(rows, core.DAYS)


def figures(agent: Agent, decision: Decision, counted: Counted) -> pl.DataFrame:
    """The tab Dashboard."""
    counts = {
        "silent": len(counted.out),
        "questions": counted.questions.height,
        "stops": control.count(agent),
        "oversold": len(counted.oversold),
        "missing": counted.missing,
        "unlisted": len(counted.unlisted),
        "off": counted.off.still_at_risk,
    }
    numbers = core.figures(counted.shops, counted.pushed, counted.paces, counts)
    facts = _facts(agent, decision, counted)
    rows = [_row(figure, facts) for figure in numbers.iter_rows(named=True)]
    return report.shaped(tabs.DASHBOARD, pl.DataFrame(rows, schema=list(tabs.DASHBOARD.names), orient="row"))


def _row(figure: dict[str, object], facts: dict[str, dict[str, object]]) -> tuple[str, str, object, str]:
    """Figure, Value, Status, Meaning."""
    name, number, of, status = figure["figure"], figure["number"], figure["of"], figure["status"]
    known = {"number": number, "of": of, **facts.get(str(name), {})}
    if isinstance(number, int) and isinstance(of, int):
        known["rest"] = of - number
    meaning = in_words(f"dashboard.{name}_{str(status or 'plain').replace(' ', '_')}", **known)
    return in_words(f"dashboard.{name}"), _value(str(name), known, status), status, meaning


def _value(name: str, known: dict[str, object], status: object) -> str:
    number, of = known["number"], known["of"]
    if status == core.NOT_YET:
        return in_words("dashboard.not_known")
    if name in ("matched", "synced") and isinstance(number, int) and isinstance(of, int):
        return f"{100 * number // of} %"  # 100 % is said of all, never of nearly all
    return in_words(f"dashboard.{name}_value", **known)


def _facts(agent: Agent, decision: Decision, counted: Counted) -> dict[str, dict[str, object]]:
    """What each figure's sentence names."""
    shops, today, soon = counted.shops, counted.pushed.tail(1), core.soon(counted.paces)
    asked = counted.questions["asked_at"].min()
    unknown = counted.paces.filter(~pl.col("known")).height or None
    shown = shops.filter(pl.col("shown").is_not_null()).select(pl.format("{} {}", "channel", "shown")).to_series()
    return {
        "looked": {"at": _looked(agent), "silent": counted.out},
        "questions": {"at": f"{asked.astimezone():%a %d %b, %H:%M}" if isinstance(asked, datetime) else None},
        "held": {"reasons": _held(decision)},
        "stops": {"stops": "; ".join(control.summary(agent))},
        "oversold": {"skus": _named(counted.oversold)},
        "risk": {"loose": shops["loose"].sum() or None, "above": shops["above"].sum() or None},
        "off": {"before": counted.off.at_risk if counted.off.lowered else None},
        "kept": {"silent": counted.silent},
        "unlisted": {"skus": _named(counted.unlisted)},
        "soon": {"first": _first(soon), "unknown": unknown},
        "shown": {"shops": shown.to_list()},
        "pushed": {name: today[name].item() for name in ("lowered", "raised", "refused")},
    }


def _looked(agent: Agent) -> str | None:
    looked = agent.store.table("channel").filter(pl.col("channel").is_in(list(agent.channels)))["orders_ok_at"].max()
    if not isinstance(looked, datetime):
        return None
    same_day = looked.astimezone().date() == agent.clock.now().astimezone().date()
    return f"{looked.astimezone():{'%H:%M' if same_day else '%a %d %b, %H:%M'}}"


def _held(decision: Decision) -> list[str]:
    """Why listings are held, most of them first: `number looks odd (2)`."""
    held = decision.plan.filter((pl.col("action") == "hold") & pl.col("parked").is_null())
    counts = held["reason"].value_counts(sort=True).rows()
    return [f"{short(code).removeprefix('held: ')} ({count})" for code, count in counts]


def _named(skus: list[str]) -> list[str]:
    """`A, B, C and 12 more`."""
    more = len(skus) - NAMED
    return [*skus[:NAMED], f"{more} more"] if more > 0 else skus


def _first(soon: pl.DataFrame) -> str | None:
    """`MUG in 2 days, BOX in 4 days and 3 more`."""
    if soon.is_empty():
        return None
    named = [f"{sku} {_in(left)}" for sku, left in soon.head(NAMED).select("sku", "left").iter_rows()]
    return ", ".join(named) + (f" and {soon.height - NAMED} more" if soon.height > NAMED else "")


def _in(left: float) -> str:
    whole = int(left)
    return in_words("dashboard.in_days", days=whole) if whole else in_words("dashboard.within_a_day")
