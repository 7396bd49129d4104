"""`stocksheet connect` while the agent runs: the real settings file, the real keys file, a real shop (R27, item 5)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from agent import app, config, loop
from agent.channels.base import ChannelOut
from agent.config_write import add_channel
from agent.cycle import cycle
from agent.looking import access
from agent.practice.woocommerce import Shop, serve
from agent.state import Agent
from tests.commands.conftest import Place, opened, said


def live(place: Place, story: Callable[[Agent], Awaitable[None]]) -> None:
    """One life of the agent on this place."""

    async def life() -> None:
        agent = app.build(config.load(place.config))
        try:
            await story(agent)
        finally:
            await loop.finish(agent)

    asyncio.run(life())


def trouble(agent: Agent) -> dict[str, str | None]:
    return dict(agent.store.table("channel").select("channel", "problem_kind").iter_rows())


async def typed(place: Place, *arguments: str) -> int:
    """A command in another window, while the agent runs in this one."""
    return await asyncio.to_thread(place.run, *arguments)


def test_keys_renewed_while_it_runs_are_taken_without_a_restart_and_orders_are_caught_up(place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    place.go_live()

    async def story(agent: Agent) -> None:
        await cycle(agent)
        before = agent.channels["my-shop"]
        place.shop.keys.clear()
        await cycle(agent)
        assert trouble(agent) == {"my-shop": "access"}
        place.shop.sell(11, 3)
        await cycle(agent)
        assert agent.store.table("order_line").is_empty()
        place.shop.add_key("ck_new", "cs_new")
        types("ck_new", "cs_new", "yes")
        assert await typed(place, "connect", "my-shop") == 0
        assert loop.due_now(agent) == []  # it would wait out its pause; the renewal ends it
        await cycle(agent, [])
        assert trouble(agent) == {"my-shop": None}
        assert agent.store.table("order_line")["ordered"].to_list() == [3]
        assert agent.channels["my-shop"] is not before and agent.retired == [before]
        await cycle(agent, [])
        assert agent.retired == [before]  # once is enough

    live(place, story)
    assert place.shop.quantity(11) == 17


def test_a_shop_whose_keys_are_lost_stops_only_itself_and_comes_back_when_connected(place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    other = Shop(clock=place.shop.clock, rng=Random(2), name="Ben's shop")

    async def story(agent: Agent) -> None:
        await cycle(agent)
        assert trouble(agent) == {"my-shop": None, "two": "access"}
        (row,) = agent.store.table("channel").filter(channel="two").to_dicts()
        assert row["problem_what"] == "The secret consumer_key for two is not kept on this computer."
        assert row["problem_fix"] == "Connect the shop again: stocksheet connect two."
        types("ck_practice", "cs_practice", "yes")
        assert await typed(place, "connect", "two") == 0
        await cycle(agent, [])
        assert trouble(agent) == {"my-shop": None, "two": None}

    with opened(serve, other) as port:
        url = f"http://127.0.0.1:{port}"
        add_channel(place.config, "two", {"platform": "woocommerce", "url": url, "allow_private": True})
        live(place, story)


def test_a_shop_whose_address_may_not_be_called_stops_only_itself(place) -> None:  # type: ignore[no-untyped-def]
    add_channel(place.config, "two", {"platform": "woocommerce", "url": "https://10.0.0.7"})
    place_keys = app.secrets_of(config.load(place.config))
    place_keys.put("two", "consumer_key", "ck_practice")
    place_keys.put("two", "consumer_secret", "cs_practice")

    async def story(agent: Agent) -> None:
        await cycle(agent)
        assert trouble(agent) == {"my-shop": None, "two": "access"}
        (row,) = agent.store.table("channel").filter(channel="two").to_dicts()
        assert row["problem_what"] == "The shop's address is one of a private network, not of the internet."

    live(place, story)


def test_settings_that_are_half_typed_change_nothing_of_what_runs(place, capsys) -> None:  # type: ignore[no-untyped-def]
    async def story(agent: Agent) -> None:
        await cycle(agent)
        before, good = agent.channels["my-shop"], place.config.read_text(encoding="utf-8")
        place.config.write_text(good + "\n[channels.thre", encoding="utf-8")
        await cycle(agent)
        place.config.unlink()
        await cycle(agent)
        place.config.write_text(good, encoding="utf-8")
        await cycle(agent)
        assert agent.channels["my-shop"] is before and not agent.retired
        assert trouble(agent) == {"my-shop": None}

    live(place, story)


def test_a_shut_shop_answers_every_question_by_why_and_sends_nothing(place) -> None:  # type: ignore[no-untyped-def]
    from agent.channels import find
    from agent.frames import CHANGES, frame

    shut = access.Shut("two", find("woocommerce").CAN, "The secret is gone.", "Connect it.")

    async def ask() -> None:
        for question in (shut.account(), shut.listings(), shut.orders(None)):
            with pytest.raises(ChannelOut, match="The secret is gone") as out:
                await question
            assert out.value.kind == "access"
        results = await shut.push(frame([("c", "l", 3, None)], CHANGES), "lower")
        assert results["outcome"].to_list() == ["not_sent"]
        await shut.close()

    asyncio.run(ask())


def test_a_run_that_is_going_on_takes_renewed_keys_by_itself(place, types, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The whole `run`, in a task, from lost access to a pushed number; nothing but the command in the other window."""
    place.go_live()
    monkeypatch.setattr(loop, "LONGEST", 0.3)

    async def story() -> None:
        agent, stop = app.build(config.load(place.config)), asyncio.Event()
        running = asyncio.create_task(loop.run(agent, stop))
        await until(lambda: "my-shop" in agent.verified)
        place.shop.keys.clear()
        agent.due.clear()
        await until(lambda: trouble(agent) == {"my-shop": "access"})
        place.shop.sell(13, 2)  # two sets: four mugs
        place.shop.add_key("ck_new", "cs_new")
        types("ck_new", "cs_new", "yes")
        assert await typed(place, "connect", "my-shop") == 0
        await until(lambda: place.shop.quantity(11) == 16)
        stop.set()
        await running

    asyncio.run(story())


async def until(true: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to that")


def test_the_sentence_at_the_end_of_a_renewal_is_true(place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    types("ck_practice", "cs_practice", "yes")
    assert place.run("connect", "my-shop") == 0
    assert "it goes on with it by itself within a minute" in said(capsys)
    assert loop.LONGEST <= 60
