"""What Lazada, Shopee and TikTok Shop do alike, each in its own words: signatures, tokens, clocks, ids, lost writes."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from agent.channels.base import ChannelOut
from agent.channels.lazada import signing as of_lazada
from agent.channels.shopee import signing as of_shopee
from agent.channels.tiktok import signing as of_tiktok
from agent.channels.tiktok.errors import GENERIC
from tests.channels.clock import FakeClock
from tests.channels.doing import lines, listed, push, run, vectors
from tests.channels.wire import lazada, shopee, tiktok
from tests.channels.wire.base import changes


@dataclass(frozen=True)
class Market:
    """One marketplace. `secret`: what signs its calls, where its shop keeps it, and what it is called in `connect`."""

    world: Callable[..., Any]
    signs: Callable[[Mapping[str, Any]], str]
    vectors: str
    secret: tuple[str, str, str]
    wrong_sign: str
    late: tuple[str, object]
    """Where its answer says that the time of a signature is off, and how."""
    renewal: str
    """The call that renews a token."""


MARKETS = {
    "lazada": Market(
        lazada.LazadaWorld, of_lazada.of_vector, "lazada", (lazada.SECRET, "app_secret", "App Secret"), "signature",
        ("code", "IllegalTimestamp"), "/auth/token/refresh",
    ),
    "shopee": Market(
        shopee.ShopeeWorld, of_shopee.of_vector, "shopee", (shopee.KEY, "partner_key", "Partner key"), "Wrong sign",
        ("error", "error_param"), "auth/access_token/get",
    ),
    "tiktok": Market(
        tiktok.TikTokWorld, of_tiktok.of_vector, "tiktok_shop", (tiktok.SECRET, "app_secret", "App secret"),
        "Signature", ("code", GENERIC), "refreshToken",
    ),
}  # fmt: skip


@pytest.fixture(params=MARKETS)
def market(request: pytest.FixtureRequest) -> Market:
    return MARKETS[request.param]


@pytest.fixture
def world(market: Market) -> Iterator[Any]:
    made = market.world(FakeClock(), random.Random(1))
    yield made
    made.validate()


def test_every_vector_is_signed_as_others_sign_it(market: Market) -> None:
    found = vectors(market.vectors)
    assert found
    for vector in found:
        assert market.signs(vector["inputs"]) == vector["expected_sign"], vector["id"]


def test_a_call_that_was_signed_with_another_secret_stops_the_channel_at_once(market: Market, world: Any) -> None:
    _, kept, called = market.secret
    setattr(world.shop, kept, "another")
    with pytest.raises(ChannelOut, match=market.wrong_sign) as out:
        run(world.channel.orders(None))
    assert out.value.kind == "access" and called in out.value.fix and len(world.exchanges) == 1


@pytest.mark.parametrize("ahead", [-9000, 8000])
def test_a_wrong_clock_of_this_computer_is_found_by_the_shops_own_and_the_call_is_made_again(
    market: Market, world: Any, ahead: float
) -> None:
    world.shop.faults.clock_ahead = ahead
    listing = world.add("A", 5)
    assert listed(world)["quantity"].to_list() == [5]
    where, late = market.late
    said = [json.loads(answer.body)[where] for _, answer in world.exchanges]
    assert said[0] == late and said.count(late) == 1, "asked again once, then by the shop's clock"
    assert push(world, {listing: 4})["outcome"].to_list() == ["accepted"]


def test_many_calls_at_once_share_one_renewal(market: Market, world: Any) -> None:
    world.add("A", 5)
    listed(world)
    world.shop.end_access_tokens()

    async def several() -> None:
        await asyncio.gather(*(world.channel.orders(world.clock.now()) for _ in range(5)))

    run(several())
    assert len(world.asked(market.renewal)) == 1


def test_a_web_page_with_403_is_a_firewall_and_no_bad_key(world: Any) -> None:
    world.shop.faults.html_403 = True
    with pytest.raises(ChannelOut) as out:
        run(world.channel.orders(None))
    assert out.value.kind == "host"


def test_ids_beyond_what_a_floating_number_holds_stay_themselves(world: Any) -> None:
    world.shop._next = 2**62 + 1
    first, second = world.add_variants("V", [5, 6])
    world.sell(second, 1)
    assert listed(world)["listing"].to_list() == [first, second]
    assert str(2**62 + 1) in first or str(2**62 + 2) in first
    assert push(world, {second: 3})["outcome"].to_list() == ["accepted"] and world.shown(second) == 3
    assert lines(world)[second]["open"] == 1


def test_half_an_answer_after_the_work_was_done_is_unknown(world: Any) -> None:
    listing = world.add("A", 5)
    asked = changes(listed(world), {listing: 3})
    world.shop.faults.cut_off = 1
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["unknown"]
    assert world.shown(listing) == 3


def test_secrets_stand_in_no_sentence_whatever_goes_wrong_R6(market: Market, world: Any) -> None:
    listing = world.add("A", 5)
    asked = changes(listed(world), {listing: 1})
    secrets = [market.secret[0], *(pair.access for pair in world.shop.pairs)]
    world.shop.unlink()
    said = repr(run(world.channel.push(asked, "lower")).rows()) + repr(world.channel._doors)
    assert "not_sent" in said and not any(secret in said for secret in secrets)
