"""Every recorded exchange of Google's, asked again of the practice Google: the same answers, but for listed ones."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from agent.practice.google.look import byte
from tests.practice.google_replay import RECORDED, Stage, cassettes, recorded

REASONS = Path(__file__).with_name("google_replay_reasons.toml")


def listed() -> dict[int, str]:
    """Line -> why it differs."""
    entries = tomllib.loads(REASONS.read_text("utf-8"))["different"]
    return {line: each["reason"] for each in entries for line in each["lines"]}


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded exchanges with Google are not on this computer")
def test_every_recorded_exchange_is_answered_alike_but_for_the_listed_ones():
    exchanges, different = recorded(), {}
    for group in cassettes(exchanges):
        stage = Stage()
        stage.standing(group)
        for one in group:
            status, body = stage.asked(one)
            found = list(stage.compare(one.answer, body)) if status == one.status else [f"status {status}: {body}"]
            if found:
                different[one.at] = found
    unlisted = {at: found[:3] for at, found in different.items() if at not in listed()}
    assert not unlisted, f"{len(unlisted)} of {len(exchanges)} differ"
    assert set(listed()) == set(different), "a listed difference is gone: take it off the list"
    assert len(exchanges) - len(different) >= 2122


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded exchanges with Google are not on this computer")
def test_the_comparison_sees_a_wrong_value_a_missing_name_and_a_wrong_status():
    group = next(iter(cassettes(recorded())))
    stage = Stage()
    stage.standing(group)
    _, body = stage.asked(group[0])
    assert list(stage.compare(group[0].answer, body)) == []
    assert list(stage.compare(group[0].answer, {**body, "name": "another"}))
    assert list(stage.compare(group[0].answer, {name: value for name, value in body.items() if name != "kind"}))
    assert list(stage.compare({"values": [[1]]}, {"values": [["1"]]}))


@pytest.mark.parametrize("told", [0.25882354, 0.52156866, 0.95686275, 0.015686275, 0.49803922, 0.2, 0.003921569])
def test_a_colour_comes_back_as_one_of_256_steps_in_google_s_short_form(told):
    assert byte(told) == told
