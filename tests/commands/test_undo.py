"""`stocksheet undo`: the latest runs, what undoing one would do, a question, and the hold (DESIGN 8 and 10)."""

from __future__ import annotations

import json

import pytest

from agent import app, config
from agent.commands._settings import alone
from agent.store import Store
from tests.commands.conftest import Place, said


@pytest.fixture
def slipped(place: Place, capsys: pytest.CaptureFixture[str]) -> str:
    """The number of MUG was raised from 20 to 24 by a slip; the run that showed it."""
    place.go_live()
    place.person.types("Item Master", {"SKU": "MUG"}, "Stocked", 24)
    assert place.run("sync") == 0
    assert place.shop.quantity(11) == 24
    capsys.readouterr()
    return str(place.person.look("Sync Log")[0]["Run"])


def test_undo_alone_names_the_latest_runs(place, slipped, capsys) -> None:  # type: ignore[no-untyped-def]
    assert place.run("undo") == 0
    told = said(capsys)
    assert slipped in told and "your edit" in told and "stocksheet undo RUN" in told


def test_undo_shows_what_it_would_do_and_a_no_changes_nothing(place, slipped, types, capsys) -> None:  # type: ignore[no-untyped-def]
    types("no")
    assert place.run("undo", slipped) == 1
    told = said(capsys)
    assert f"{slipped} undone: 20 before it = 20" in told
    assert "would be undone" in told and "MUG on my-shop 24 -> 20" in told and "Nothing was changed." in told
    assert Store(place.folder / app.STORE).table("undone").is_empty()
    assert place.shop.quantity(11) == 24


def test_undo_is_held_with_the_next_look_and_until_the_cause_is_changed(place, slipped, types, capsys) -> None:  # type: ignore[no-untyped-def]
    types("yes")
    assert place.run("undo", slipped) == 0
    assert "It is pushed with the next look" in said(capsys)
    assert place.shop.quantity(11) == 24, "the command itself pushes nothing"
    place.run("sync")
    assert place.shop.quantity(11) == 20
    row = next(row for row in place.person.look("Listings") if row["SKU"] == "MUG")
    assert row["Status"] == "held: undone"
    place.person.types("Item Master", {"SKU": "MUG"}, "Stocked", 22)
    place.run("sync")
    assert place.shop.quantity(11) == 22


def test_undo_with_json_asks_nothing_and_does_it_with_yes_alone(place, slipped, capsys) -> None:  # type: ignore[no-untyped-def]
    assert place.run("undo", slipped.lower(), "--json") == 1
    shown = json.loads(capsys.readouterr().out)
    assert (shown["run"], shown["undone"]) == (slipped, False)
    (row,) = [row for row in shown["listings"] if row["SKU"] == "MUG"]
    assert (row["Before"], row["Run set"], row["Shows"], row["Then"]) == (20, 24, 24, 20)
    assert place.run("undo", slipped, "--json", "--yes") == 0
    assert json.loads(capsys.readouterr().out)["undone"] is True
    assert Store(place.folder / app.STORE).table("undone").height == 1


def test_undo_of_a_run_that_is_none_says_so(place, slipped, capsys) -> None:  # type: ignore[no-untyped-def]
    for name in ("R999", "yesterday"):
        assert place.run("undo", name) == 2
        assert f"There is no run {name}." in said(capsys)


def test_undo_while_stocksheet_runs_says_where_to_type_it(place, slipped, capsys) -> None:  # type: ignore[no-untyped-def]
    with alone(config.load(place.config)):
        assert place.run("undo", slipped, "--yes") == 1
    assert f"Type {slipped} in Control, beside Undo" in said(capsys)
    assert Store(place.folder / app.STORE).table("undone").is_empty()
