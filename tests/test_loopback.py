"""The door for the browser: on this computer alone, for one call that knows its path, while it is waited for."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping

import httpx
import pytest

from agent import loopback
from agent.loopback import Door, waiting


async def call(url: str, method: str = "GET", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.request(method, url, headers=headers)


def play(story: Callable[[Door], Awaitable[object]]) -> tuple[Door, object]:
    async def scene() -> tuple[Door, object]:
        async with waiting() as door:
            return door, await story(door)

    return asyncio.run(scene())


def is_closed(door: Door) -> bool:
    with socket.socket() as line:
        return line.connect_ex((loopback.HOST, door.port)) != 0


async def came(door: Door) -> Mapping[str, str] | None:
    return await door.came(20)


def test_the_first_yes_brings_its_values_and_the_door_is_closed_R27() -> None:
    async def story(door: Door) -> object:
        assert (await call(f"{door.yes}?user_login=anna&password=a+b%20c")).status_code == 200
        assert (await call(f"{door.yes}?password=another")).status_code == 404
        return await came(door)

    door, found = play(story)
    assert found == {"user_login": "anna", "password": "a b c"}
    assert is_closed(door)


def test_a_no_is_a_no() -> None:
    async def story(door: Door) -> object:
        page = await call(f"{door.no}?success=false")
        assert "nothing was connected" in page.text
        return await came(door)

    assert play(story)[1] is None


def test_the_page_takes_what_was_brought_out_of_sight_and_keeps_it_nowhere() -> None:
    async def story(door: Door) -> httpx.Response:
        return await call(f"{door.yes}?password=canary")

    page = play(story)[1]
    assert isinstance(page, httpx.Response)
    assert page.headers["cache-control"] == "no-store" and page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "history.replaceState" in page.text and "canary" not in page.text


@pytest.mark.parametrize("wrong", ["another path", "another host", "a post", "the state alone", "a part of the state"])
def test_a_call_that_nobody_sent_gets_nothing_and_the_right_one_is_still_heard_R25(wrong: str) -> None:
    async def story(door: Door) -> object:
        root = f"http://127.0.0.1:{door.port}"
        answer = {
            "another path": lambda: call(f"{root}/favicon.ico"),
            "another host": lambda: call(door.yes, host=f"evil.example:{door.port}"),
            "a post": lambda: call(door.yes, "POST"),
            "the state alone": lambda: call(door.yes.removesuffix("/yes")),
            "a part of the state": lambda: call(door.yes[:-10] + "/yes"),
        }[wrong]
        assert (await answer()).status_code == 404
        await call(door.yes)
        return await came(door)

    assert play(story)[1] == {}


def test_many_strangers_end_it() -> None:
    async def story(door: Door) -> object:
        for _ in range(loopback.STRANGERS):
            await call(f"http://127.0.0.1:{door.port}/guess")
        await came(door)
        return None

    with pytest.raises(TimeoutError):
        play(story)


def test_it_is_not_waited_for_ever() -> None:
    async def story(door: Door) -> object:
        return await door.came(0.01)

    with pytest.raises(TimeoutError):
        play(story)


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n", b"GET", b"x" * 20_000, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 4_000])
def test_nonsense_on_the_line_is_no_crash_and_the_right_call_is_still_heard(sent: bytes) -> None:
    async def story(door: Door) -> object:
        _, writer = await asyncio.open_connection(loopback.HOST, door.port)
        writer.write(sent)
        writer.close()
        await call(door.yes)
        return await came(door)

    assert play(story)[1] == {}


def test_only_this_computer_is_listened_to_and_the_path_is_another_one_each_time_R25() -> None:
    async def story(door: Door) -> str:
        assert door.yes.startswith(f"http://127.0.0.1:{door.port}/")
        return door.yes.split("/")[3]

    states = {str(play(story)[1]) for _ in range(5)}
    assert len(states) == 5 and all(len(state) >= 32 for state in states)
