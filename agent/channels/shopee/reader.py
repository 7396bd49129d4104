"""Questions to one Shopee shop, and what each read gathers on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from agent.channels.answers import Answer, CallFailed, Look
from agent.channels.base import Lane
from agent.channels.http import TRY_AGAIN, Http
from agent.channels.shopee.errors import Declined, meaning
from agent.channels.values import record
from agent.words import in_words

Item = dict[str, object]
Params = Mapping[str, str | int | Sequence[str]]


@dataclass(frozen=True)
class Reader:
    """Questions of one read, in its lane. All raise CallFailed; Declined where Shopee understood and said no."""

    name: str
    http: Http
    lane: Lane
    look: Look

    async def ask(self, path: str, params: Params | None = None) -> Item:
        """The `response` of an answer."""
        return response(self, await self.answer(path, params))

    async def listed(self, path: str, params: Params, name: str) -> list[object]:
        """A list in the `response`: one that is not there is no empty one (I11)."""
        found = (await self.ask(path, params)).get(name)
        if not isinstance(found, list):
            raise self.unclear()
        return found

    async def answer(self, path: str, params: Params | None = None) -> Answer:
        """The whole answer. A list is one key for each of its values."""
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        answer = await self.http.request("GET", path + query, lane=self.lane, idempotent=True)
        self.look.saw(answer)
        if (meant := meaning(answer.json)).kind != "fine":
            raise Declined(self.name, self.http, meant)
        return answer

    def unclear(self) -> CallFailed:
        """What was asked for is not in the answer."""
        what = in_words("shopee.not_what_was_asked", name=self.name)
        return CallFailed("host", what, TRY_AGAIN, reached=False)


def number(value: object) -> int | None:
    """An id: a whole number of up to 19 digits, or the text of one."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    digits = str(value).strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 19 else None


def response(ask: Reader, answer: Answer) -> Item:
    """What stands under `response`. Raises CallFailed where nothing does: silence is no empty shop (I11)."""
    found = record(answer.json).get("response")
    if not isinstance(found, dict):
        raise ask.unclear()
    return found
