"""Each variant is in exactly one state, whatever catalogues, people and time do (S0-19, DESIGN section 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.deciding.structure import structure
from agent.frames import ITEMS, LISTINGS, TIME, frame
from agent.state import Agent
from agent.store import Store

NUMBERS = ("1", "2", "3", "4")
SKUS = ("MUG", "BOX", "mug", "00123", "123", "LOST")
EAN = "4006381333931"
Step = tuple[str, tuple[Any, ...]]

NUMBER, SKU, YES_NO = st.sampled_from(NUMBERS), st.sampled_from(SKUS), st.booleans()
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("lists"), st.tuples(NUMBER, st.sampled_from([*SKUS, "", None]), YES_NO)),
        st.tuples(st.just("vanishes"), st.tuples(NUMBER)),
        st.tuples(st.just("has"), st.tuples(SKU, st.sampled_from([None, "sku_duplicate"]), YES_NO)),
        st.tuples(st.just("loses"), st.tuples(SKU)),
        st.tuples(
            st.just("types"),
            st.tuples(NUMBER, st.sampled_from(["ignore", "unlink", "new", "pause", "NOPE", *SKUS])),
        ),
        st.tuples(st.just("clears"), st.tuples(NUMBER)),
    ),
    min_size=1,
    max_size=14,
)  # fmt: skip


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


class World:
    """A store and what happens to it."""

    def __init__(self) -> None:
        self.store = Store(":memory:")
        self.clock = Clock()
        self.agent = Agent(self.clock, self.store, None, {})  # type: ignore[arg-type]

    def put(self, name: str, row: Mapping[str, Any], schema: Any) -> None:
        self.store.put(name, frame([{column: row.get(column) for column in schema}], schema))

    def lists(self, number: str, sku: str | None, barcode: bool) -> None:
        row = {
            "channel": "shop",
            "listing": number,
            "cell": number,
            "product": "p",
            "sku": sku,
            "status": "active",
            "barcode": EAN if barcode else None,
            "managed": True,
            "fulfilled_by": "seller",
            "quantity": 5,
            "absent": 0,
        }
        self.put("listing", row, {**LISTINGS, "first_seen": TIME, "absent": pl.Int64})  # fmt: skip

    def vanishes(self, number: str) -> None:
        mine = self.store.table("listing").filter(pl.col("listing") == number)
        self.store.put("listing", mine.with_columns(pl.col("absent") + 1))

    def has(self, sku: str, frozen: str | None, barcode: bool) -> None:
        row = {"sku": sku, "frozen": frozen, "barcode": EAN if barcode else None, "tracked": True, "active": True}
        self.put("item", row, {**ITEMS, "held_value": pl.Int64})

    def loses(self, sku: str) -> None:
        mine = self.store.table("item").filter(pl.col("sku") == sku)
        self.store.put("item", mine.with_columns(frozen=pl.lit("row_missing")))

    def types(self, number: str, word: str) -> None:
        row = {"channel": "shop", "listing": number, "value": word, "at": self.clock.now()}
        self.put("decision", row, self.store.table("decision").schema)

    def clears(self, number: str) -> None:
        self.store.delete("decision", pl.DataFrame({"channel": "shop", "listing": number}))

    def states(self) -> dict[str, list[str]]:
        matched = structure(self.agent).matched
        listings = self.store.table("listing")
        gone = set(listings.filter(pl.col("absent") >= 2)["listing"])
        linked = set(self.store.table("link")["listing"]) - gone
        assert set(matched.links["listing"]) - gone == linked, "what is kept is what was matched"
        found = {"gone": gone, "linked": linked}
        found |= {"import": set(matched.imports["listing"]), "ignored": set(matched.ignored["listing"])}
        assert matched.imports["listing"].is_unique().all()
        return {number: [state for state, those in found.items() if number in those] for number in listings["listing"]}


def play(steps: Sequence[Step]) -> World:
    world = World()
    for verb, values in steps:
        with world.store.transaction():
            getattr(world, verb)(*values)
        for number, states in world.states().items():
            assert len(states) == 1, (number, states)
    return world


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_each_variant_is_exactly_one_of_import_linked_ignored_gone_S0_19(steps: list[Step]) -> None:
    play(steps)


@given(STEPS, NUMBER)
@settings(max_examples=60, deadline=None)
def test_a_link_that_a_person_made_is_never_overruled_by_an_exact_match(steps: list[Step], number: str) -> None:
    """After BOX was typed beside a listing, nothing but another word of the person leads it elsewhere."""
    world = play([("has", ("BOX", None, False)), ("has", ("MUG", None, False)), ("lists", (number, "MUG", False))])
    assert world.store.table("link")["sku"].to_list() == ["MUG"]
    world = play([*[("has", (sku, None, False)) for sku in ("BOX", "MUG")], ("lists", (number, "MUG", False)),
                  ("types", (number, "BOX")), ("clears", (number,)),
                  *[step for step in steps if step[0] not in ("types", "loses")]])  # fmt: skip
    mine = world.store.table("link").filter(pl.col("listing") == number)
    assert mine.select("sku", "how").rows() == [("BOX", "decision")]
