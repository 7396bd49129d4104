"""Questions to one TikTok shop, and what each read gathers on its way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.channels.answers import Answer, CallFailed, Look
from agent.channels.base import Lane
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.reads import same_page
from agent.channels.tiktok.errors import Declined, meaning
from agent.channels.values import objects, record, text, whole
from agent.words import in_words

Item = dict[str, object]
Params = Mapping[str, str | int]
PAGE = 100


@dataclass(frozen=True)
class Reader:
    """Questions of one read, in its lane. All raise CallFailed; Declined where TikTok Shop understood and said no."""

    name: str
    http: Http
    lane: Lane
    look: Look
    cipher: str = ""
    """Which of the seller's shops is meant; "" for the calls that belong to no shop."""

    async def get(self, path: str, params: Params | None = None) -> Item:
        """The `data` of an answer to a GET."""
        return await self._ask("GET", path, params or {}, None)

    async def search(self, path: str, body: Mapping[str, object], params: Params | None = None) -> Item:
        """The `data` of an answer to a question that is sent as a POST."""
        return await self._ask("POST", path, params or {}, body)

    async def page(self, path: str, body: Mapping[str, object], params: Params, token: str) -> tuple[Item, str]:
        """One page, and the token of the next ("": there is none)."""
        place = {"page_token": token} if token else {}
        data = await self.search(path, body, {**params, "page_size": PAGE, **place})
        further = text(data.get("next_page_token")) or ""
        if further and further == token:
            raise same_page(self.name, TRY_AGAIN)
        return data, further

    async def _ask(self, method: str, path: str, params: Params, body: object) -> Item:
        whose = {"shop_cipher": self.cipher} if self.cipher else {}
        answer = await self.http.request(
            method, path, params={**params, **whose}, json=body, lane=self.lane, idempotent=True
        )
        self.look.saw(answer)
        return self.data(answer)

    def data(self, answer: Answer) -> Item:
        """What stands under `data`: silence is no empty shop (I11)."""
        if (meant := meaning(answer.json)).kind != "fine":
            raise Declined(self.name, self.http, meant)
        data = record(answer.json).get("data")
        if not isinstance(data, dict):
            raise self.unclear()
        return data

    def listed(self, data: Item, name: str) -> list[Item]:
        """A list of `data`. It may be left out only where a count says that there is nothing."""
        if (found := objects(data.get(name))) is not None:
            return found
        if not data.get(name) and whole(data.get("total_count")) == 0:
            return []
        raise self.unclear()

    def unclear(self) -> CallFailed:
        """What was asked for is not in the answer."""
        return CallFailed("host", in_words("tiktok.answer_without_what", name=self.name), TRY_AGAIN, reached=False)


def number(value: object) -> str | None:
    """An id: the text of a whole number of up to 19 digits."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    found = str(value).strip()
    return found if re.fullmatch(r"[1-9][0-9]{0,18}", found) else None


def moment(value: object) -> datetime | None:
    """A time in whole seconds since 1970; 0 is none."""
    seconds = whole(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds and 0 < seconds < 2**33 else None
