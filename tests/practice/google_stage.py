"""A practice Google for tests: called in process as httpx would, or served on loopback for other clients."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from agent.practice.google import AGENT, Book, Google, Request, handle, serve
from tests.practice.google_schema import Judge

TOKEN = "practice-token"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        """So many seconds go by."""
        self.now += timedelta(seconds=seconds)


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def message(self) -> str:
        """The sentence of an error."""
        return str(self.body["error"]["message"])


@dataclass
class Stage:
    """One seller's spreadsheet, shared with the agent, and every exchange judged by the contract."""

    clock: Clock = field(default_factory=Clock)
    google: Google = field(init=False)
    book: Book = field(init=False)
    judge: Judge = field(default_factory=Judge)

    def __post_init__(self) -> None:
        self.google = Google(clock=self.clock, rng=random.Random(3))
        self.book = self.google.new_book("Item Master", share={AGENT: "writer"})
        self.google.accept(TOKEN)
        self.judge.listen(self.google)

    def call(self, verb: str, path: str, body: Any = None, token: str = TOKEN, **query: Any) -> Answer:
        """One call as the agent; `path` begins behind the host."""
        asked = f"?{urlencode(query, doseq=True)}" if query else ""
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        found = handle(self.google, Request.of(verb, f"https://sheets.googleapis.com{path}{asked}", headers, sent))
        is_json = found.headers.get("Content-Type", "").startswith("application/json")
        return Answer(found.status, json.loads(found.body) if is_json and found.body else found.body, found.headers)

    @property
    def path(self) -> str:
        """The spreadsheet's path."""
        return f"/v4/spreadsheets/{self.book.id}"

    def batch(self, *requests: dict[str, Any]) -> Answer:
        """One batchUpdate."""
        return self.call("POST", f"{self.path}:batchUpdate", {"requests": list(requests)})

    def write(self, where: str, rows: list[list[Any]], option: str = "RAW") -> Answer:
        """values.update."""
        return self.call("PUT", f"{self.path}/values/{quote(where)}", {"values": rows}, valueInputOption=option)

    def read(self, where: str, render: str = "UNFORMATTED_VALUE", **query: Any) -> Any:
        """The values that values.get tells."""
        found = self.call("GET", f"{self.path}/values/{quote(where)}", valueRenderOption=render, **query)
        assert found.status == 200, found.body
        return found.body.get("values", [])

    def get(self, fields: str) -> Any:
        """spreadsheets.get with a mask."""
        return self.call("GET", self.path, fields=fields).body


@contextmanager
def on_loopback(google: Google) -> Iterator[str]:
    """The base URL at which it is served meanwhile, from a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        port, stop = asyncio.run_coroutine_threadsafe(serve(google), loop).result(10)
        yield f"http://127.0.0.1:{port}"
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
