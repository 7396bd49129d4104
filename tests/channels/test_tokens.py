"""Tokens that change by themselves: kept before they are used, one renewal at a time, no crash loses the pair (R27)."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from random import Random

import httpx
import pytest

from agent.channels.auth import TokenAuth
from agent.channels.base import ChannelOut
from agent.channels.http import Answer, CallFailed, Fixes, Http, Ports, Said
from agent.channels.tokens import EARLY, Access, InMemory, Tokens
from agent.channels.values import record
from agent.secrets import SecretsOut
from tests.channels.clock import FakeClock


class Marketplace:
    """Gives tokens for an hour, against a refresh token that is good for one use."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.given, self.refresh = clock, 0, "r0"

    async def renew(self, tokens: Tokens | None) -> Tokens:
        await self.clock.sleep(0.1)
        if tokens is not None and tokens.refresh != self.refresh:
            raise ChannelOut("access", "invalid_grant", "Connect again.")
        self.given += 1
        self.refresh = f"r{self.given}"
        return Tokens(f"a{self.given}", self.clock.now() + timedelta(hours=1), self.refresh)


def test_a_token_is_renewed_a_little_before_its_end_and_not_sooner() -> None:
    clock = FakeClock()
    shop = Marketplace(clock)
    access = Access(InMemory(), clock, shop.renew)
    assert asyncio.run(access.token()) == "a1"
    clock.advance(3600 - EARLY.total_seconds() - 1)
    assert asyncio.run(access.token()) == "a1"
    clock.advance(2)
    assert asyncio.run(access.token()) == "a2"


def test_calls_that_need_a_token_at_once_share_one_renewal() -> None:
    clock = FakeClock()
    shop = Marketplace(clock)

    async def twenty() -> set[str]:
        access = Access(InMemory(), clock, shop.renew)
        first = set(await asyncio.gather(*(access.token() for _ in range(10))))
        return first | set(await asyncio.gather(*(access.after_refusal("a1") for _ in range(10))))

    assert asyncio.run(twenty()) == {"a1", "a2"}
    assert shop.given == 2


def test_tokens_that_another_program_renewed_are_taken_before_a_refresh_token_is_used_up() -> None:
    clock = FakeClock()
    shop, keeper = Marketplace(clock), InMemory()
    ours, theirs = Access(keeper, clock, shop.renew), Access(keeper, clock, shop.renew)
    asyncio.run(ours.token())
    clock.advance(4_000)
    assert asyncio.run(theirs.token()) == "a2"
    assert asyncio.run(ours.token()) == "a2"
    assert asyncio.run(ours.after_refusal("a1")) == "a2"


def test_new_tokens_are_kept_before_anything_is_done_with_them_R27() -> None:
    class Full(InMemory):
        def keep(self, tokens: Tokens) -> None:
            raise OSError("the disk is full")

    access = Access(Full(), FakeClock(), Marketplace(FakeClock()).renew)
    with pytest.raises(OSError, match="full"):
        asyncio.run(access.token())


def test_a_refresh_token_that_is_refused_stops_the_channel_and_is_not_tried_in_a_loop() -> None:
    clock = FakeClock()
    shop = Marketplace(clock)
    access = Access(InMemory(Tokens("old", clock.now(), "another's")), clock, shop.renew)
    with pytest.raises(ChannelOut, match="invalid_grant"):
        asyncio.run(access.token())
    assert shop.given == 0


def test_a_renewal_goes_on_when_the_call_that_wanted_it_is_given_up_R27() -> None:
    clock = FakeClock()
    shop, keeper = Marketplace(clock), InMemory()
    access = Access(keeper, clock, shop.renew)

    async def given_up() -> str:
        waiting = asyncio.ensure_future(access.token())
        await asyncio.sleep(0)
        waiting.cancel()
        return await access.token()

    assert asyncio.run(given_up()) == "a1"
    assert shop.given == 1, "the refresh token was used once, and what came for it is kept"
    assert keeper.read() == Tokens("a1", clock.now() + timedelta(hours=1), "r1")


def test_a_pair_that_could_not_be_kept_is_kept_before_it_is_used_and_not_asked_for_again_R27() -> None:
    class Locked(InMemory):
        locked = True

        def keep(self, tokens: Tokens) -> None:
            if self.locked:
                raise SecretsOut("keystore_locked", detail="Locked")
            super().keep(tokens)

    clock, keeper = FakeClock(), Locked()
    shop = Marketplace(clock)
    access = Access(keeper, clock, shop.renew)
    for _ in range(3):
        with pytest.raises(SecretsOut):
            asyncio.run(access.token())
    keeper.locked = False
    assert asyncio.run(access.token()) == "a1"
    assert shop.given == 1 and keeper.read() is not None


def test_a_program_that_comes_second_with_a_refresh_token_takes_what_the_first_one_got() -> None:
    clock, keeper = FakeClock(), InMemory()
    shop = Marketplace(clock)
    ours, theirs = Access(keeper, clock, shop.renew), Access(keeper, clock, shop.renew)

    async def both() -> list[str]:
        return await asyncio.gather(ours.token(), theirs.token())

    asyncio.run(ours.token())
    clock.advance(4_000)
    assert asyncio.run(both()) == ["a2", "a2"]
    assert shop.given == 2


def test_a_platform_says_how_early_its_token_is_renewed() -> None:
    clock = FakeClock()
    access = Access(InMemory(), clock, Marketplace(clock).renew, early=timedelta(minutes=30))
    asyncio.run(access.token())
    clock.advance(1_801)
    assert asyncio.run(access.token()) == "a2"


def test_a_token_for_good_is_never_renewed() -> None:
    access = Access(InMemory(Tokens("good")), FakeClock(), None)
    assert asyncio.run(access.token()) == "good"
    assert asyncio.run(access.after_refusal("good")) == "good"


# --- on the calls of a shop -------------------------------------------------------------------------------------------


class Signed:
    """A shop that takes calls with its newest token, signed with its own time give or take five minutes; it says no by
    the status (`by`), or in the body of a 200."""

    def __init__(self, by: int = 401, ahead: timedelta = timedelta(0)) -> None:
        self.clock, self.ahead, self.by = FakeClock(), ahead, by
        self.market = Marketplace(self.clock)
        self.good, self.closed = "", False
        self.seen: list[tuple[str, str, bool]] = []
        self.keeper: InMemory = InMemory()
        auth = TokenAuth(Access(self.keeper, self.clock, self.renew), _sign, self.clock)
        ports = Ports(self.clock, Random(1), httpx.MockTransport(self.answer))
        self.http = Http(
            "my-shop", "https://shop.example/", ports, requests_per_second=10, burst=10, fixes=Fixes("Again.", "Look."),
            auth=auth, said=_said,
        )  # fmt: skip

    async def renew(self, tokens: Tokens | None) -> Tokens:
        found = await self.market.renew(tokens)
        found = replace(found, access=f"token-of-an-hour-{found.access}")
        self.good = found.access
        return found

    def answer(self, request: httpx.Request) -> httpx.Response:
        now = self.clock.now() + self.ahead
        token, at = request.url.params["token"], datetime.fromisoformat(request.url.params["at"])
        good = not self.closed and token == self.good and abs(now - at) < timedelta(minutes=5)
        self.seen.append((request.method, token, good))
        date = {"Date": format_datetime(now.replace(microsecond=0), usegmt=True)}
        if good:
            return httpx.Response(200, json={"found": True}, headers=date)
        return httpx.Response(self.by, json={"error": "no", "message": f"{token} is stale"}, headers=date)

    def call(self, method: str = "GET") -> object:
        return asyncio.run(self.http.request(method, "things", lane="orders", idempotent=method == "GET")).json


def _sign(request: httpx.Request, token: str, now: datetime) -> None:
    request.url = request.url.copy_merge_params({"token": token, "at": now.isoformat()})


def _said(answer: Answer) -> Said:
    return Said(refused=record(answer.json).get("error") == "no")


@pytest.mark.parametrize("by", [401, 403, 200])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_call_refused_by_status_or_in_the_body_is_made_once_more_with_another_token(by: int, method: str) -> None:
    shop = Signed(by)
    shop.call()
    shop.good = "another"
    assert shop.call(method) == {"found": True}
    assert shop.seen[1:] == [(method, "token-of-an-hour-a1", False), (method, "token-of-an-hour-a2", True)]


def test_a_shop_that_refuses_every_token_is_asked_twice_and_no_token_is_shown_R6() -> None:
    shop = Signed()
    shop.call()
    shop.closed = True
    with pytest.raises(CallFailed) as failed:
        shop.call()
    assert failed.value.kind == "access" and not failed.value.reached
    assert len(shop.seen) == 3 and "of-an-hour" not in failed.value.what and "is stale" in failed.value.what


def test_signatures_hold_the_time_of_the_server_once_it_has_answered() -> None:
    shop = Signed(ahead=timedelta(hours=-3))
    assert shop.call() == {"found": True}
    assert [good for *_, good in shop.seen] == [False, True]
    shop.call()
    assert shop.seen[-1][2]


def test_a_key_store_that_does_not_open_stops_the_call_like_any_other_trouble_with_access() -> None:
    class Locked(InMemory):
        def read(self) -> Tokens | None:
            raise SecretsOut("keystore_locked", detail="Locked")

    shop = Signed()
    shop.http = Http(
        "my-shop", "https://shop.example/", Ports(shop.clock, Random(1), httpx.MockTransport(shop.answer)),
        requests_per_second=10, burst=10, fixes=Fixes("Again.", "Look."),
        auth=TokenAuth(Access(Locked(), shop.clock, shop.renew), _sign, shop.clock),
    )  # fmt: skip
    with pytest.raises(CallFailed) as failed:
        shop.call("POST")
    assert failed.value.kind == "access" and not failed.value.reached and shop.seen == []


# --- a real process that is killed ------------------------------------------------------------------------------------


class OneUse(BaseHTTPRequestHandler):
    """A token page on a socket: each refresh token is good once; a call with the newest access token is answered."""

    refresh, used = "r0", 0

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked["refresh"] != OneUse.refresh:
            return self.send_error(400)
        OneUse.used += 1
        OneUse.refresh = f"r{OneUse.used}"
        body = json.dumps({"access": f"a{OneUse.used}", "refresh": OneUse.refresh}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)
        return None

    def do_GET(self) -> None:
        good = self.headers["Authorization"] == f"Bearer a{OneUse.used}"
        self.send_response(200 if good else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


CHILD = """
import asyncio, os, sys
from datetime import UTC, datetime
from pathlib import Path
import httpx
from agent.channels.tokens import Access, Tokens
from agent.ports import SystemClock
from agent.secrets import KeptTokens, OwnFile, Secrets

url, folder, deed = sys.argv[1:]
kept = KeptTokens(Secrets(OwnFile(Path(folder))), "etsy")

class Keeper:
    read = staticmethod(kept.read)
    def keep(self, tokens):
        kept.keep(tokens)
        if deed == "killed":
            os.kill(os.getpid(), 9)  # at once, with nothing tidied up

async def renew(tokens):
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = (await client.post(url, json={"refresh": tokens.refresh})).raise_for_status().json()
    return Tokens(answer["access"], datetime(2000, 1, 1, tzinfo=UTC) if deed == "begins" else None, answer["refresh"])

async def main():
    if deed == "begins":
        kept.keep(Tokens("none", datetime(2000, 1, 1, tzinfo=UTC), "r0"))
        return 200
    token = await Access(Keeper(), SystemClock(), renew).token()
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(url, headers={"Authorization": "Bearer " + token})).status_code

print(asyncio.run(main()))
"""


@pytest.fixture
def marketplace() -> Iterator[str]:
    OneUse.refresh, OneUse.used = "r0", 0
    server = HTTPServer(("127.0.0.1", 0), OneUse)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/token"
    server.shutdown()
    thread.join(20)
    server.server_close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_process_killed_between_renewal_and_first_use_goes_on_with_the_new_pair_R27(
    tmp_path: Path, marketplace: str
) -> None:
    def child(deed: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", CHILD, marketplace, str(tmp_path), deed]
        return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)

    assert child("begins").stdout.strip() == "200"
    assert child("killed").returncode == -9
    assert OneUse.used == 1, "the old refresh token is used up"
    again = child("goes on")
    assert again.stdout.strip() == "200", again.stderr
    assert OneUse.used == 1, "the kept pair was good: nothing was renewed again"
