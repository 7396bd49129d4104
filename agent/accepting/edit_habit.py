"""The standing answer: what a changed number in Stocked always means to this seller (DESIGN section 5).

The first answer to such a question is offered as a standing one; Control can change it at any time. In a Google Sheet
nothing is mirrored and a number can mean nothing but a count: there is no standing answer, and no such switch.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from agent.asking import questions
from agent.asking.questions import facts_of
from agent.core.edits import CHANGED, COUNTED
from agent.store import Store

KIND = "edit_meaning_standing"
CONTROL = "When I change Stocked"
ASK = "ask me"
WORDS = (COUNTED, CHANGED, ASK)


def habit(store: Store) -> str | None:
    """`counted` or `added or taken away`, if it is always so; None: it is asked where the two differ."""
    said = store.meta("edits_mean")
    return str(said) if said in (COUNTED, CHANGED) and not _counts_only(store) else None


def _counts_only(store: Store) -> bool:
    return store.meta("book") == "google"


def offer(store: Store, answer: str, now: datetime) -> None:
    """The first answer, offered for good."""
    if answer in WORDS and store.meta("edits_mean") is None and not _counts_only(store):
        questions.ask(store, KIND, KIND, answer, {"answer": answer}, now)


def answered(store: Store, question: dict[str, object]) -> None:
    """`always`: it holds from now on. `ask me`: it is not offered again."""
    always = facts_of(str(question["facts"]))["answer"]
    store.set_meta(edits_mean=always if question["answer"] == "always" else ASK)


def switched(store: Store, controls: pl.DataFrame, now: datetime) -> None:
    """Control acts when its content changes: CONTROLS as read."""
    typed = controls.filter(pl.col("control").str.to_lowercase() == CONTROL.lower())["value"]
    word = str(typed[0]).strip().lower() if typed.len() and typed[0] else ASK
    if word not in WORDS or word == store.meta("edits_control", ASK):
        return
    store.set_meta(edits_mean=word, edits_control=word)
    questions.withdraw(store, KIND, pl.Series([], dtype=pl.String), now)
