"""Tokens that change by themselves: kept before they are used, one renewal at a time, no crash loses the pair (R27)."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from agent.channels.base import ChannelOut
from agent.channels.tokens import EARLY, Access, InMemory, Tokens
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
