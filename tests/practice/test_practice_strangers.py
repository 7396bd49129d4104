"""Practice shops alone, as strangers treat them: calls that are almost right, from clients that nobody here wrote.

Each shop answers whatever comes in its platform's way; it never breaks, and an answer is never a page of ours.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any, Protocol
from urllib.parse import quote

import httpx
import pytest

from agent.channels.lazada.signing import Signer as OfLazada
from agent.channels.shopee.signing import Signer as OfShopee
from agent.channels.tiktok.signing import Signer as OfTikTok
from agent.practice import takealot
from agent.practice.wire import parsed, whole
from tests.channels.clock import FakeClock
from tests.channels.wire.base import changes
from tests.channels.wire.base import world as make_world

PLATFORMS = ("amazon", "ebay", "etsy", "lazada", "shopee", "shopify", "takealot", "tiktok", "woocommerce")
SAID = (
    "",
    "x",
    "-1",
    "0",
    "9" * 30,
    "9" * 5000,
    "1e9",
    "²",
    "null",
    "[]",
    "{}",
    "\0",
    "😀",
    "a,,b",
    "2026-01-01T00:00:00",
)
TOLD: tuple[Any, ...] = (None, True, -1, 1.5, 10**25, "", "😀", [], {}, [None], [{}], [[]], {"a": None})
BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b"[" * 9000,
    b"<a>",
    b'{"quantity": 1e999}',
    b'{"query": NaN}',
)
EXPECTED = {  # what these shops say themselves where a site has broken, or where they know no more
    "woocommerce": ("internal_server_error", "practice_shop_unsupported"),
}


class Signer(Protocol):
    def put(self, request: httpx.Request, token: str, now: Any) -> None: ...


class Listening(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner, self.heard = inner, list[httpx.Request]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request)
        return await self.inner.handle_async_request(request)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    yield at
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(each, (*at, key))


def changed(value: Any, at: tuple[Any, ...], to: Any) -> Any:
    if not at:
        return to
    whole_ = inner = deepcopy(value)
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = to
    return whole_


def almost(request: httpx.Request, rng: random.Random) -> httpx.Request:
    """The same call with one thing wrong: a parameter, a place in the body, the whole body, a header or the path."""
    url, body, headers = request.url, request.content, dict(request.headers)
    headers.pop("content-length", None)
    params = url.params.multi_items()
    what = rng.choice("qqqbbbrhp")
    if what == "q" and params:
        at = rng.randrange(len(params))
        params[at : at + 1] = rng.choice([[], [params[at]] * 2, [(params[at][0], rng.choice(SAID))]])
        url = url.copy_with(params=params)
    elif what == "b" and body.startswith((b"{", b"[")):
        found = json.loads(body)
        body = json.dumps(changed(found, rng.choice(list(places(found))), rng.choice(TOLD))).encode()
    elif what in "br" and body:
        body = rng.choice(BODIES)
    elif what == "h":
        headers[rng.choice([name for name in headers if name != "host"])] = rng.choice(["", "x", "Basic %%", "gzip"])
    elif what == "p":
        parts = url.path.split("/")
        parts[rng.randrange(1, len(parts))] = rng.choice(["", "x", "0", "9" * 25, "😀"])
        url = url.copy_with(path="/" + "/".join(parts).lstrip("/"))
    return httpx.Request(request.method, url, headers=headers, content=body)


def signer(platform: str, shop: Any, request: httpx.Request) -> tuple[Signer, str] | None:
    """Signs a call anew, with the token that it had."""
    params: Mapping[str, str] = request.url.params
    if platform == "shopee":
        token = params.get("access_token", "")
        return OfShopee(str(shop.partner_id), shop.partner_key, str(shop.shop_id) if token else ""), token
    if platform == "lazada":
        return OfLazada(shop.app_key, shop.app_secret), params.get("access_token", "")
    if platform == "tiktok":
        return OfTikTok(shop.app_key, shop.app_secret), request.headers.get("x-tts-access-token", "")
    return None


async def used(world: Any, listening: Listening) -> list[httpx.Request]:
    """The calls of a channel that reads and sets."""
    ids = [world.add("A", 5), world.add("B", 6), *world.add_variants("V", [1, 2])]
    world.sell(ids[0], 1)
    await world.channel.account()
    found = await world.channel.listings()
    await world.channel.listings(ids[:2])
    await world.channel.orders(None)
    await world.channel.orders(world.clock.now())
    await world.channel.push(changes(found.frame, {ids[0]: 2, ids[2]: 0}), "lower")
    return list(listening.heard)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_call_that_is_almost_right_is_answered_and_breaks_nothing(platform: str) -> None:
    async def story() -> None:
        rng, world = random.Random(7), make_world(platform)
        listening = Listening(world.wire._inner)  # type: ignore[attr-defined]
        world.wire._inner = listening  # type: ignore[attr-defined]
        calls = await used(world, listening)
        for _ in range(40 if platform == "shopify" else 100):
            call = rng.choice(calls)
            wrong = almost(call, rng)
            signs = signer(platform, world.shop, call)  # type: ignore[attr-defined]
            if signs is not None and rng.random() < 0.9:
                with suppress(UnicodeDecodeError):
                    signs[0].put(wrong, signs[1], world.clock.now())
            answer = await listening.inner.handle_async_request(wrong)
            assert answer.status_code < 500 or any(word in answer.text for word in EXPECTED.get(platform, ())), wrong
            await world.clock.sleep(5)
        for call in calls[:3]:  # and the shop is open still
            signs = signer(platform, world.shop, call)  # type: ignore[attr-defined]
            if signs is not None:
                signs[0].put(call, signs[1], world.clock.now())
            assert (await listening.inner.handle_async_request(call)).status_code < 500

    asyncio.run(story())


def test_a_client_that_hangs_up_half_way_leaves_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> int:
        shop = takealot.Shop(clock=FakeClock().now, rng=random.Random(1))
        port, stop = await takealot.serve(shop)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v2/offers/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/v1/seller", headers={"x-api-key": shop.api_key})
        await stop()
        return answer.status_code

    assert asyncio.run(story()) == 200 and caplog.records == []


def test_numbers_and_json_of_strangers_have_bounds() -> None:
    assert [whole(said) for said in ("0", "42", "9" * 19, "9" * 20, "-1", "²", "", " 1", "1.5")] == [
        0, 42, int("9" * 19), None, None, None, None, None, None]  # fmt: skip
    for said in (b"NaN", b"[1e999]", b"-Infinity", b"[" * 100_000, b"\xff", b""):
        with pytest.raises(ValueError):
            parsed(said)
    assert parsed(b'{"a": [1, 2.5, "x"]}') == {"a": [1, 2.5, "x"]}


# --- what clients in use send -----------------------------------------------------------------------------------------


def answered(platform: str, call: Callable[[Any], httpx.Request]) -> httpx.Response:
    """The answer of a fresh shop to one call."""

    async def story() -> httpx.Response:
        world: Any = make_world(platform)
        world.add("A", 5)
        return await world.wire._inner.handle_async_request(call(world))

    return asyncio.run(story())


def test_a_parameter_that_the_woocommerce_client_sends_twice_is_signed_once() -> None:
    """The vendor's Python client puts its parameters into the signed address, and hands them over once more."""

    def call(world: Any) -> httpx.Request:
        at = int(world.clock.now().timestamp())
        said = (
            f"oauth_consumer_key={world.shop_key}&oauth_nonce=n&oauth_signature_method=HMAC-SHA256&oauth_timestamp={at}"
        )
        base = "GET&http%3A%2F%2Fshop.example%2Fwp-json%2Fwc%2Fv3%2Fproducts&"
        text = base + quote(f"{said}&per_page=5", safe="")
        made = hmac.new(f"{world.shop_secret}&".encode(), text.encode(), hashlib.sha256).digest()
        sent = f"per_page=5&{said}&oauth_signature={quote(base64.b64encode(made).decode(), safe='')}&per_page=5"
        return httpx.Request("GET", f"http://shop.example/wp-json/wc/v3/products?{sent}")

    def with_key(world: Any) -> httpx.Request:
        world.shop_key, world.shop_secret = next((name, key.secret) for name, key in world.shop.keys.items())
        return call(world)

    assert answered("woocommerce", with_key).status_code == 200


def test_what_other_clients_add_to_a_call_is_passed_over() -> None:
    def amazon(world: Any) -> httpx.Request:
        named = "&".join(f"{name}={world.shop.marketplace}" for name in ("marketplaceIds", "MarketplaceId"))
        path = "/sellers/v1/marketplaceParticipations"
        return httpx.Request("GET", f"https://x{path}?{named}", headers={"x-amz-access-token": world.shop.new_token()})

    def lazada(world: Any) -> httpx.Request:
        request = httpx.Request("GET", "https://x/rest/seller/get?partner_id=lazop-sdk-python-20181207")
        OfLazada(world.shop.app_key, world.shop.app_secret).put(
            request, world.shop.new_pair().access, world.clock.now()
        )
        return request

    def lazada_code(world: Any) -> httpx.Request:
        request = httpx.Request("GET", f"https://x/rest/auth/token/create?code={world.shop.authorise()}")
        OfLazada(world.shop.app_key, world.shop.app_secret).put(request, "", world.clock.now())
        return request

    def etsy(world: Any) -> httpx.Request:
        refresh = world.shop.new_pair(("listings_r",)).refresh
        said = {"grant_type": "refresh_token", "client_id": world.shop.keystring, "refresh_token": refresh}
        return httpx.Request("POST", "https://x/v3/public/oauth/token", json=said)

    assert answered("amazon", amazon).status_code == 200
    assert answered("lazada", lazada).json()["code"] == answered("lazada", lazada_code).json()["code"] == "0"
    assert "access_token" in answered("etsy", etsy).json()
