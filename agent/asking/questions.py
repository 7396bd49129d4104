"""Questions to the person: each is a row of Attention with its own id; its answer is used once (DESIGN section 4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from agent.store import Store
from agent.store_tables import TABLES

ANSWERS: dict[str, tuple[str, ...]] = {
    "first_plan": ("yes",),
    "new_links": ("yes",),
    "brake": ("yes",),
    "edit_meaning": ("counted", "counted after", "added or taken away"),
    "numbers_are_net": ("net", "count"),
    "missing_units": ("gone", "put back"),
    "drift_up": ("adopt", "put back"),
    "undo": ("yes",),
    "units_sent_in": ("transfer", "no"),
    "units_set_out": ("transfer", "put back"),
    "older_copy": ("use this one",),
    "relinked_behind_shipped": ("leave", "count again"),
    "two_items": ("fine",),
    "unlike_titles": ("fine",),
    "not_listed": ("fine",),
    "new_items": ("counted",),
    "feed_swing": ("yes",),
    "kept_back_long": ("renew access", "forget this shop"),
    "line_gone": ("gone", "keep"),
    "returned_units": ("put back", "never"),
    "row_came_back": ("entered again", "old row"),
    "wild_row": ("yes",),
    "row_perhaps_counted": ("already in it", "add it"),
    "counted_twice": ("fine",),
    "rows_before": ("fine",),
    "late_shipments_named": ("fine",),
    "renamed": ("yes", "no"),
    "edit_meaning_standing": ("always", "ask me"),
    **dict.fromkeys(("pattern_prefix", "pattern_suffix", "pattern_theirs"), ("yes", "no")),
    "skus_apart": ("unlink", "keep"),
    "shop_column": ("1", "2", "3", "4", "5", "6", "not there"),
}
"""Each kind of question and the answers that it takes."""
NOTES = (
    "two_items", "unlike_titles", "not_listed", "new_items", "counted_twice", "rows_before", "late_shipments_named",
)  # fmt: skip
"""Questions that only offer something to look at; the answer says that it is fine, once and for all of its keys."""

LIFETIME = timedelta(days=7)
"""An approval lapses after this."""


def facts_of(text: str | None) -> dict[str, Any]:
    """The facts of a question, or of anything else that is kept as JSON."""
    return dict(json.loads(text)) if text else {}


def open_questions(store: Store) -> pl.DataFrame:
    """The questions that wait for an answer."""
    return store.derived("open questions", lambda: store.table("question").filter(pl.col("closed_at").is_null()))


def asked_about(store: Store) -> list[tuple[str, str]]:
    """Kind and key of each of them."""
    return store.derived("asked about", lambda: open_questions(store).select("kind", "key").rows())


def ask(  # noqa: PLR0917 - a question is just these
    store: Store, kind: str, key: str, causes: str, facts: Mapping[str, object], now: datetime
) -> str:
    """Ask, unless this very question stands already. A question of the same kind and key with other causes lapses.

    Gives the question's id.
    """
    asked = store.table("question").filter((pl.col("kind") == kind) & (pl.col("key") == key))
    waiting = asked.filter(pl.col("closed_at").is_null())
    same = waiting.filter(pl.col("causes") == causes)
    text = json.dumps(facts, default=str)
    if same.height:
        if same["facts"][0] != text:
            store.put("question", same.with_columns(pl.lit(text).alias("facts")))
        return str(same["id"][0])
    close(store, waiting, now)
    number = int(str(store.meta("question", 0))) + 1
    store.set_meta(question=number)
    row = {"id": f"Q{number}", "kind": kind, "key": key, "causes": causes, "facts": text, "asked_at": now}
    store.put(
        "question",
        pl.DataFrame([row], schema_overrides=dict(TABLES["question"].schema)).with_columns(
            answer=pl.lit(None, pl.String), closed_at=pl.lit(None, TABLES["question"].schema["closed_at"])
        ),
    )
    return f"Q{number}"


def note(  # noqa: PLR0917 - as `ask`
    store: Store, kind: str, key: str, keys: list[str], facts: Mapping[str, object], now: datetime
) -> None:
    """Offer something to look at, one row a kind and key. `keys`: what the answer is about; what was answered to be
    fine before is the caller's to leave out (`not_fine`). Nothing left: the row goes."""
    if keys:
        ask(store, kind, key, "", {**facts, "keys": keys}, now)
        return
    if (kind, key) in asked_about(store):
        close(store, open_questions(store).filter((pl.col("kind") == kind) & (pl.col("key") == key)), now)


def not_fine(store: Store, kind: str, rows: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
    """The rows whose key nobody has called fine."""
    said = store.table("fine").filter(pl.col("kind") == kind)["key"]
    return rows.filter(~key.is_in(said.implode())) if said.len() else rows


def keep_fine(store: Store, kind: str, keys: list[str], now: datetime) -> None:
    """These are fine as they are."""
    rows = pl.DataFrame({"kind": kind, "key": pl.Series(keys, dtype=pl.String)}, schema_overrides={"kind": pl.String})
    store.put("fine", rows.with_columns(at=pl.lit(now)))


def close(store: Store, questions: pl.DataFrame, now: datetime) -> None:
    """These questions need no answer any more."""
    if questions.is_empty():
        return
    store.put("question", questions.with_columns(pl.lit(now).alias("closed_at")))


def withdraw(store: Store, kind: str, keep: pl.Series, now: datetime) -> None:
    """Close the open questions of a kind whose key is not in `keep`: their cause is gone."""
    kept = set(keep.to_list())
    if any(each == kind and key not in kept for each, key in asked_about(store)):
        waiting = open_questions(store).filter((pl.col("kind") == kind) & ~pl.col("key").is_in(list(kept)))
        close(store, waiting, now)


def take_answers(store: Store, decisions: pl.DataFrame, now: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the *Answer* cells.

    `decisions`: DECISIONS of the tab Attention. Gives (the questions answered just now, with `answer`; the decisions
    that are no answer to their question).
    """
    rows = decisions.join(open_questions(store).drop("answer"), left_on="key", right_on="id", how="inner")
    accepted = {kind: {answer.lower(): answer for answer in answers} for kind, answers in ANSWERS.items()}
    words = [
        accepted.get(kind, {}).get(" ".join(value.lower().split()))
        for kind, value in rows.select("kind", "value").iter_rows()  # one a typed answer
    ]
    rows = rows.with_columns(pl.Series("answer", words, dtype=pl.String))
    good = rows.filter(pl.col("answer").is_not_null())
    if good.height:
        closed = (
            store.table("question")
            .drop("answer", "closed_at")
            .join(good.select(pl.col("key").alias("id"), "answer"), on="id")
            .with_columns(pl.lit(now).alias("closed_at"))
        )
        store.put("question", closed)
        return closed, rows.filter(pl.col("answer").is_null())
    return store.table("question").clear(), rows


def answered_since(store: Store, kind: str, key: str, causes: str, since: datetime) -> bool:
    """Whether this very question was answered after that moment, whatever the answer."""
    said = store.table("question").filter(
        (pl.col("kind") == kind)
        & (pl.col("key") == key)
        & (pl.col("causes") == causes)
        & pl.col("answer").is_not_null()
    )
    return said.filter(pl.col("closed_at") > since).height > 0


def approvals(store: Store, kind: str, now: datetime) -> list[str]:
    """The causes that a standing `yes` covers."""
    said = store.table("question").filter(
        (pl.col("kind") == kind) & (pl.col("answer") == "yes") & (pl.col("asked_at") > now - LIFETIME)
    )
    return said["causes"].to_list()


def approved(store: Store, kind: str, key: str, causes: str, now: datetime) -> bool:
    """Whether a `yes` to exactly these causes stands."""
    said = store.table("question").filter(
        (pl.col("kind") == kind) & (pl.col("key") == key) & (pl.col("answer") == "yes")
    )
    return said.filter((pl.col("causes") == causes) & (pl.col("asked_at") > now - LIFETIME)).height > 0
