"""Questions: asked once, answered once, and never about something that is no more (DESIGN section 4, Attention)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from agent.asking import questions
from agent.frames import DECISIONS
from agent.store import Store

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Desk:
    """A store, and a person who types answers."""

    def __init__(self) -> None:
        self.store = Store(":memory:")

    def ask(self, kind: str = "brake", key: str = "A", causes: str = "c1", at: datetime = AT, **facts: Any) -> str:
        with self.store.transaction():
            return questions.ask(self.store, kind, key, causes, facts, at)

    def answer(self, *typed: tuple[str, str], at: datetime = AT) -> tuple[pl.DataFrame, pl.DataFrame]:
        rows = [("Attention", None, key, value, 2 + n) for n, (key, value) in enumerate(typed)]
        with self.store.transaction():
            return questions.take_answers(self.store, pl.DataFrame(rows, schema=dict(DECISIONS), orient="row"), at)

    def withdraw(self, kind: str, *keep: str) -> None:
        with self.store.transaction():
            questions.withdraw(self.store, kind, pl.Series(keep, dtype=pl.String), AT)

    @property
    def open(self) -> list[str]:
        return sorted(questions.open_questions(self.store)["id"].to_list())


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_same_question_is_asked_once(desk: Desk) -> None:
    first = desk.ask(count=3)
    assert desk.ask(count=3, at=AT + timedelta(hours=5)) == first
    assert desk.open == [first]
    assert questions.open_questions(desk.store)["asked_at"].to_list() == [AT]


def test_a_question_whose_figures_change_stays_the_same_question(desk: Desk) -> None:
    """Orders go on while the person thinks: the sentence follows, the id stays, so that the answer still fits."""
    first = desk.ask(count=3)
    assert desk.ask(count=4) == first
    assert questions.open_questions(desk.store)["facts"].to_list() == ['{"count": 4}']


def test_a_question_lapses_when_its_causes_change(desk: Desk) -> None:
    old = desk.ask(causes="c1")
    new = desk.ask(causes="c2")
    assert new != old
    assert desk.open == [new]
    answered, unclear = desk.answer((old, "yes"))
    assert (answered.height, unclear.height) == (0, 0)
    assert questions.approvals(desk.store, "brake", AT) == []


def test_questions_about_different_things_stand_side_by_side(desk: Desk) -> None:
    assert desk.open == []
    ids = [desk.ask(key="A"), desk.ask(key="B"), desk.ask(kind="first_plan", key="A")]
    assert desk.open == sorted(ids)
    assert len(set(ids)) == 3


def test_an_answer_is_used_once(desk: Desk) -> None:
    """It stays in the cell for ever; only the first look at it counts."""
    asked = desk.ask("edit_meaning")
    assert desk.answer((asked, "counted"))[0]["answer"].to_list() == ["counted"]
    answered, unclear = desk.answer((asked, "counted"))
    assert (answered.height, unclear.height, desk.open) == (0, 0, [])


def test_an_answer_does_not_answer_the_same_question_asked_again(desk: Desk) -> None:
    old = desk.ask("edit_meaning", causes="1/2")
    desk.answer((old, "counted"))
    new = desk.ask("edit_meaning", causes="2/2")
    answered, _ = desk.answer((old, "counted"))
    assert (answered.height, desk.open) == (0, [new])


@pytest.mark.parametrize("typed", ["YES", " yes ", "Yes"])
def test_an_answer_is_understood_in_any_case_and_with_any_spaces(desk: Desk, typed: str) -> None:
    assert desk.answer((desk.ask(), typed))[0]["answer"].to_list() == ["yes"]


def test_words_with_spaces_between_are_understood(desk: Desk) -> None:
    asked = desk.ask("edit_meaning")
    assert desk.answer((asked, "Added  or taken\taway"))[0]["answer"].to_list() == ["added or taken away"]


def test_an_answer_that_is_none_of_the_offered_ones_is_named_and_changes_nothing(desk: Desk) -> None:
    """`yes` is no answer to whether units are gone or put back."""
    asked = desk.ask("missing_units")
    answered, unclear = desk.answer((asked, "yes"))
    assert answered.is_empty()
    assert unclear.select("key", "value").rows() == [(asked, "yes")]
    assert desk.open == [asked]


def test_one_unclear_answer_does_not_keep_the_others_from_counting(desk: Desk) -> None:
    first, second = desk.ask(key="A"), desk.ask(key="B")
    answered, unclear = desk.answer((first, "perhaps"), (second, "yes"))
    assert (answered["id"].to_list(), unclear["key"].to_list(), desk.open) == ([second], [first], [first])


def test_an_answer_to_a_notice_is_no_answer_to_a_question(desk: Desk) -> None:
    desk.ask()
    answered, unclear = desk.answer(("N1", "yes"))
    assert (answered.height, unclear.height) == (0, 0)


def test_a_question_whose_cause_is_gone_is_withdrawn(desk: Desk) -> None:
    kept, gone, other = desk.ask(key="A"), desk.ask(key="B"), desk.ask("first_plan", key="B")
    desk.withdraw("brake", "A")
    assert desk.open == sorted([kept, other])
    assert gone not in desk.open
    desk.withdraw("brake")
    assert desk.open == [other]


def test_an_approval_covers_exactly_its_causes_and_expires_after_a_week(desk: Desk) -> None:
    """DESIGN section 8, Brake: it lapses when a cause changes or after 7 days."""
    desk.answer((desk.ask("first_plan", key="north", causes="c1"), "yes"))
    week = timedelta(days=7)

    def stands(causes: str, at: datetime, key: str = "north") -> bool:
        return questions.approved(desk.store, "first_plan", key, causes, at)

    assert stands("c1", AT)
    assert stands("c1", AT + week - timedelta(seconds=1))
    assert not stands("c1", AT + week)
    assert not stands("c2", AT)
    assert not stands("c1", AT, key="south")
    assert questions.approvals(desk.store, "first_plan", AT) == ["c1"]
    assert questions.approvals(desk.store, "first_plan", AT + week) == []
    assert questions.approvals(desk.store, "brake", AT) == []


def test_after_it_expired_the_same_causes_are_asked_about_again(desk: Desk) -> None:
    old = desk.ask()
    desk.answer((old, "yes"))
    again = desk.ask(at=AT + timedelta(days=8))
    assert again != old
    assert desk.open == [again]


def test_ids_are_never_used_twice_even_after_a_restart(desk: Desk) -> None:
    ids = [desk.ask(causes=str(n)) for n in range(5)]
    desk.withdraw("brake")
    desk.store = Store("", desk.store._db)
    assert desk.ask(causes="new") not in ids


def test_every_kind_of_question_takes_at_least_one_answer_and_none_twice() -> None:
    for kind, answers in questions.ANSWERS.items():
        assert answers, kind
        assert len({answer.lower() for answer in answers}) == len(answers)
