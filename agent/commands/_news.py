"""What happened since the last look, in plain sentences: sales, edits, quantities pushed, questions, trouble."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import polars as pl

from agent.deciding.decide import Decision
from agent.state import Agent
from agent.telling import imports
from agent.telling.attention import rule_edit
from agent.words import Words, in_words, say

MANY = 8
"""More of one kind than this become one sentence with a count."""
LINE = ["channel", "order", "line"]
Told = tuple[str, str]
"""(sign of `Screen.sign`, sentence)."""
MOVED = {
    "receipt": "Entered",
    "shipment": "Shipped",
    "count": "Your edit",
    "unshipped": in_words("news.not_shipped_after_all"),
}
WENT = {
    "refused": "was refused",
    "stale": in_words("news.had_changed_there_meanwhile"),
    "unknown": in_words("news.got_no_answer_read"),
    "not_sent": in_words("news.could_not_sent"),
}


class News:
    """Remembers what it has told. `from_now`: what stands in the store already is no news."""

    def __init__(self, agent: Agent, *, from_now: bool = True) -> None:
        store = agent.store
        lines = store.table("order_line").select(LINE)
        self._lines = lines if from_now else lines.clear()
        self._ledger = _last(agent, "ledger") if from_now else 0
        self._push = _last(agent, "push") if from_now else 0
        self._pending: set[int] = set()
        self._asked: set[str] = set()
        self._trouble: dict[str, str] = {}
        self._rules = rule_edit(agent).get("at") if from_now else None
        self._linked = store.table("link").height if from_now else 0

    def since(self, agent: Agent, decision: Decision, attention: pl.DataFrame) -> list[Told]:
        """What is new, in the order in which it came about. `attention`: the rows of that tab now."""
        told = [*self._workbook(agent), *self._channels(agent), *self._links(agent, decision), *self._sales(agent)]
        told += [*self._moves(agent), *self._rule_edit(agent)]
        return [*told, *self._pushes(agent), *self._questions(needs_you(attention))]

    def _workbook(self, agent: Agent) -> Iterator[Told]:
        problem = " ".join(agent.sheet_problem) if agent.sheet_problem else ""
        yield from self._changed("workbook", problem, in_words("news.workbook_can_read_again"))
        beside = agent.write_detail if agent.write_result in ("open", "refused") else ""
        yield from self._changed("writing", beside, in_words("news.results_stand_workbook_again"))

    def _channels(self, agent: Agent) -> Iterator[Told]:
        for row in agent.store.table("channel").iter_rows(named=True):
            problem = f"{row['problem_what']} {row['problem_fix']}" if row["problem_kind"] else ""
            yield from self._changed(row["channel"], problem, f"{row['channel']} answers again.")

    def _changed(self, key: str, problem: str, over: str) -> Iterator[Told]:
        if problem != self._trouble.get(key, ""):
            yield ("stop", problem) if problem else ("ok", over)
        self._trouble[key] = problem

    def _links(self, agent: Agent, decision: Decision) -> Iterator[Told]:
        links = agent.store.table("link").height
        if links != self._linked:
            self._linked = links
            waiting = imports.waiting(decision.structure.matched.imports)
            yield "ok", in_words("news.listings_linked_items_wait", linked=decision.targets.height, waiting=waiting)

    def _sales(self, agent: Agent) -> Iterator[Told]:
        lines = agent.store.table("order_line")
        new = lines.join(self._lines, on=LINE, how="anti")
        self._lines = lines.select(LINE)
        if new.height > MANY:
            yield "ok", in_words("news.order_lines_read_units", count=new.height, open=new["open"].sum())
            return
        for row in new.iter_rows(named=True):
            what = f"{row['ordered']} x {row['sku'] or row['listing']}"
            yield "ok", in_words("news.sold_order", channel=row["channel"], what=what, order=row["order"])

    def _moves(self, agent: Agent) -> Iterator[Told]:
        entries = agent.store.table("ledger").filter(pl.col("id") > self._ledger).sort("id")
        self._ledger = _last(agent, "ledger")
        opened = entries.filter(pl.col("kind") == "opening").height
        if opened:
            yield "ok", in_words("news.items_counted_from_now", opened=opened)
        moved = entries.filter(pl.col("kind") != "opening")
        if moved.height > MANY:
            yield "ok", in_words("news.movements_stock_taken_tab", count=moved.height)
            return
        for row in moved.iter_rows(named=True):
            kind = MOVED.get(row["kind"], "Corrected")
            yield "ok", f"{kind}: {row['sku']} {row['change']:+d}, stocked {row['after']} ({row['cause']})."

    def _rule_edit(self, agent: Agent) -> Iterator[Told]:
        facts = rule_edit(agent)
        if facts and facts["at"] != self._rules:
            self._rules = facts["at"]
            yield "note", say("rules_moved", facts).what

    def _pushes(self, agent: Agent) -> Iterator[Told]:
        table = agent.store.table("push")
        rows = table.filter((pl.col("id") > self._push) | pl.col("id").is_in(list(self._pending))).sort("id")
        self._push = _last(agent, "push")
        self._pending = set(rows.filter(pl.col("outcome").is_null())["id"].to_list())
        for (name,), group in rows.filter(pl.col("outcome").is_not_null()).group_by("channel", maintain_order=True):
            yield from _pushed(str(name), group)

    def _questions(self, rows: pl.DataFrame) -> Iterator[Told]:
        for row in rows.filter(~pl.col("Id").is_in(list(self._asked))).iter_rows(named=True):
            answers = f" Answers: {row['Answers']}." if row["Answers"] else ""
            sign = "stop" if row["How bad"] == "stop" else "fix"
            yield sign, f"Attention, {row['Id']}: {told(row)}{answers}"
        self._asked = set(rows["Id"].to_list())


def _pushed(name: str, rows: pl.DataFrame) -> Iterator[Told]:
    if rows.height > MANY:
        well = rows.filter(pl.col("outcome").is_in(["accepted", "landed", "sent"]))
        down = rows.filter(pl.col("quantity") < pl.col("old")).height
        much = in_words(
            "news.quantities_down_up", well=well.height, count=rows.height, down=down, up=rows.height - down
        )
        yield "ok", f"Pushed to {name}: {much}."
        return
    for row in rows.iter_rows(named=True):
        change = f"{row['sku']} {'?' if row['old'] is None else row['old']} -> {row['quantity']}"
        if row["outcome"] in WENT:
            yield "note", f"{name}: {change} {WENT[row['outcome']]}." + (f" {row['message']}" if row["message"] else "")
        else:
            yield "ok", f"Pushed to {name}: {change}."


def _last(agent: Agent, table: str) -> int:
    return int(str(agent.store.table(table)["id"].max() or 0))


def needs_you(attention: pl.DataFrame) -> pl.DataFrame:
    """The rows of Attention that stop something or ask something."""
    return attention.filter(pl.col("How bad") != "note")


def told(row: Mapping[str, object]) -> str:
    """A row of Attention in one line: the cell where there is one, what, and what to do."""
    where = str(row["Where"] or "")
    return " ".join(
        part for part in (f"{where}:" if "!" in where else "", str(row["What"]), str(row["What to do"])) if part
    )


def issue_words(issue: Mapping[str, object]) -> Words:
    """What is wrong with a row of the workbook, and what to do: a row of ISSUES in words."""
    facts = json.loads(str(issue["facts"] or "{}"))
    return say(str(issue["code"]), {"sku": issue["sku"], "cell": issue["cell"], "tab": issue["tab"], **facts})
