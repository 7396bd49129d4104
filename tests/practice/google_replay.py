"""Recorded exchanges with Google, asked again of a practice Google, in their order.

Ids and times are Google's own choice: the ones of the recording are learnt from its answers, and put in place of the
emulator's ones in the requests that follow. Everything else must be the same.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from agent.practice.google import Google, Request, handle

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs" / "google"
RECORDED = SPECS / "recorded_exchanges.jsonl.gz"
TOKEN = "practice-token"
IDS = {"id", "spreadsheetId", "sheetId", "namedRangeId", "protectedRangeId"}
TIMES = {"createdTime", "modifiedTime", "createdDate", "modifiedDate", "modifiedByMeDate", "lastViewedByMeDate"}
OPAQUE = {"etag", "permissionId", "thumbnailLink", "embedLink", "version"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_FILE = re.compile(r"/(?:spreadsheets|files)/([^/?:]+)")


@dataclass(frozen=True)
class Exchange:
    """One recorded exchange; `at`: its line in the file, from 0."""

    at: int
    test: str
    number: int
    method: str
    url: str
    body: Any
    status: int
    answer: Any

    @property
    def file(self) -> str | None:
        """The file that it is about."""
        found = _FILE.search(self.url)
        return unquote(found[1]) if found else None


def recorded() -> list[Exchange]:
    """Every exchange, in their order."""
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [
        Exchange(at, each["t"], each["n"], each["m"], each["u"], each["b"], each["s"], each["r"])
        for at, each in enumerate(found)
    ]


def cassettes(exchanges: list[Exchange]) -> Iterator[list[Exchange]]:
    """The exchanges that were recorded together."""
    group: list[Exchange] = []
    for each in exchanges:
        if group and (each.test != group[0].test or each.number <= group[-1].number):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


class Clock:
    """A millisecond later at each look."""

    def __init__(self) -> None:
        self.now = datetime(2023, 9, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass
class Stage:
    """A practice Google, and which of its ids stand for which recorded ones."""

    google: Google = field(default_factory=lambda: Google(clock=Clock(), rng=random.Random(7)))
    known: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.google.accept(TOKEN, "agent@practice.iam.gserviceaccount.com")

    def private(self, file_id: str) -> None:
        """Somebody else's file of that id."""
        self.google.new_file("Private", "somebody@practice.example", file_id=file_id)

    def standing(self, group: list[Exchange]) -> None:
        """What stood there before the recording began: somebody else's private file, and older files of the account,
        of which the first listing tells ids and names."""
        made = {each.answer["id"] for each in group if each.method == "POST" and "/drive/" in each.url}
        for each in group:
            if each.status == 403 and each.file:
                self.private(each.file)
        listed = next((each.answer["files"] for each in group if "/files?q=" in each.url), [])
        for one in reversed([one for one in listed if one["id"] not in made]):
            self.google.new_file(one["name"], "agent@practice.iam.gserviceaccount.com", file_id=one["id"])

    def asked(self, one: Exchange) -> tuple[int, Any]:
        """Status and body of the emulator's answer to the recorded request."""
        url = one.url
        for old, new in self.known.items():
            url = url.replace(old, new) if isinstance(old, str) and len(old) > 15 else url
        body = b"" if one.body is None else one.body.encode() if isinstance(one.body, str) else self._sent(one.body)
        answer = handle(self.google, Request.of(one.method, url, {"Authorization": f"Bearer {TOKEN}"}, body))
        if not answer.body:
            return answer.status, None
        if not answer.headers["Content-Type"].startswith("application/json"):
            return answer.status, answer.body.decode()
        return answer.status, json.loads(answer.body)

    def _sent(self, body: Any) -> bytes:
        return json.dumps(self._put(body)).encode()

    def _put(self, thing: Any, name: str = "") -> Any:
        if isinstance(thing, dict):
            return {key: self._put(value, key) for key, value in thing.items()}
        if isinstance(thing, list):
            return [self._put(each, name) for each in thing]
        return self.known.get(thing, thing) if name in IDS else thing

    def compare(self, told: Any, found: Any, path: str = "", name: str = "") -> Iterator[str]:
        """Every place where the emulator's answer differs; ids that Google chose are learnt."""
        if isinstance(told, dict) and isinstance(found, dict):
            for key in sorted(told.keys() | found.keys()):
                if key not in told or key not in found:
                    yield f"{path}.{key}: {'missing' if key in told else 'too much'}"
                else:
                    yield from self.compare(told[key], found[key], f"{path}.{key}", key)
        elif isinstance(told, list) and isinstance(found, list):
            if len(told) != len(found):
                yield f"{path}: {len(found)} instead of {len(told)}"
                return  # nothing may be learnt of ids that do not belong together
            for at, (one, other) in enumerate(zip(told, found, strict=False)):
                yield from self.compare(one, other, f"{path}[{at}]", name)
        elif not self._same(told, found, name):
            yield f"{path}: {found!r} instead of {told!r}"

    def _same(self, told: Any, found: Any, name: str) -> bool:
        if name in IDS and told:
            return bool(self.known.setdefault(told, found) == found)
        if name in OPAQUE:
            return type(told) is type(found)
        if name in TIMES:
            return bool(_TIME.fullmatch(told) and _TIME.fullmatch(found))
        if isinstance(told, str) and isinstance(found, str):
            return self._text(told) == _service(found)
        return told == found and isinstance(told, bool) == isinstance(found, bool)

    def _text(self, text: str) -> str:
        for old, new in self.known.items():
            text = text.replace(old, new) if isinstance(old, str) and len(old) > 15 else text
        return _service(text)


def _service(text: str) -> str:
    """Whoever's service account it was."""
    return re.sub(r"[\w.-]+@[\w-]+\.iam\.gserviceaccount\.com", "agent@practice.iam.gserviceaccount.com", text)
