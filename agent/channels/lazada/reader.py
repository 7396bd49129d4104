"""Questions to one Lazada shop, and what each read gathers on its way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from agent.channels.answers import Answer, CallFailed, Look
from agent.channels.base import Lane
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.lazada.errors import Declined, meaning
from agent.channels.values import moment, record, text
from agent.words import in_words

Item = dict[str, object]
Params = Mapping[str, str | int]


@dataclass(frozen=True)
class Reader:
    """Questions of one read, in its lane. All raise CallFailed; Declined where Lazada understood and said no."""

    name: str
    http: Http
    lane: Lane
    look: Look

    async def ask(self, path: str, params: Params | None = None, under: str = "data") -> Item:
        """What stands under `data` (or another name) of an answer: silence is no empty shop (I11)."""
        found = record((await self.answer(path, params)).json).get(under)
        if not isinstance(found, dict):
            raise self.unclear()
        return found

    async def answer(self, path: str, params: Params | None = None) -> Answer:
        """The whole answer. Parameters without a value are never sent: clients sign them in different ways."""
        answer = await self.http.request("GET", path, params=params or None, lane=self.lane, idempotent=True)
        self.look.saw(answer)
        if (meant := meaning(answer.json)).kind != "fine":
            raise Declined(self.name, self.http, meant)
        return answer

    def unclear(self) -> CallFailed:
        """What was asked for is not in the answer."""
        return CallFailed("host", in_words("lazada.not_what_was_asked", name=self.name), TRY_AGAIN, reached=False)


def number(value: object) -> int | None:
    """An id: a whole number of up to 19 digits, or the text of one."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    digits = str(value).strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 19 and int(digits) else None


def time_of(value: object, zone: int) -> datetime | None:
    """`2026-11-22 20:00:00 +0800`, as orders have it; one without a zone is in the country's own time."""
    said = re.sub(r"\s+(?=[+-]\d)", "", text(value) or "")
    found = moment(said)
    if found is None or re.search(r"[+-]\d\d:?\d\d$|Z$", said):
        return found
    return moment(found.replace(tzinfo=timezone(timedelta(hours=zone))).isoformat())


def asked_since(when: datetime) -> str:
    """A moment in the form that questions about orders must have: 2018-02-10T16:00:00+08:00."""
    return when.replace(microsecond=0).isoformat()
