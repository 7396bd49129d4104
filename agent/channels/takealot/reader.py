"""Asking Takealot questions: the two interfaces that one key opens, and lists page by page.

Marketplace API v1 is read (1,000 a page, no buyers in it); through Seller API v2 stock is set (10,000 a batch). What is
known of v1 was written down from its page and seen in answers; v2 has a contract (swagger).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Literal
from urllib.parse import urlencode

import httpx

from agent.channels.answers import Answer, CallFailed, Look
from agent.channels.base import Lane
from agent.channels.http import TRY_AGAIN, Fixes, Http
from agent.channels.reads import same_page
from agent.channels.values import record, records, text, whole
from agent.words import in_words

FIXES = Fixes(
    access=in_words("takealot.one_key", connect="{connect}"),
    address=in_words("takealot.leave_address"),
    firewall=in_words("takealot.visitors_check"),
)
PAGE = 1000
"""Pages of 100 were seen to end after the second one."""
MARKETPLACE, SELLER = "https://marketplace-api.takealot.com", "https://seller-api.takealot.com"
Item = dict[str, object]
Params = Mapping[str, str | int | Sequence[str]]


class Key(httpx.Auth):
    """The one API key, as each of the two interfaces wants it."""

    def __init__(self, header: str, value: str) -> None:
        self._header, self._value = header, value

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """See httpx.Auth."""
        request.headers[self._header] = self._value
        yield request


def addresses(url: str | None, key: str) -> tuple[tuple[str, Key], tuple[str, Key]]:
    """Where v1 and v2 are, each with the key as it wants it. `url`: a practice shop's address."""
    return (
        (f"{url or MARKETPLACE}/v1/", Key("X-API-Key", key)),
        (f"{url or SELLER}/v2/", Key("Authorization", f"Key {key}")),
    )


class Declined(CallFailed):
    """Takealot answered in JSON, but no to what was asked."""

    def __init__(self, name: str, http: Http, answer: Answer) -> None:
        self.status = answer.status
        said = http.redact(said_by(answer) or in_words("takealot.status", status=answer.status)).rstrip(".")
        super().__init__("host", in_words("takealot.declined", name=name, said=said), TRY_AGAIN, reached=False)


def said_by(answer: Answer) -> str | None:
    """The sentence of an error, in whichever of Takealot's ways: message, title, or a list of titles."""
    body = record(answer.json)
    titles = [said for each in records(body.get("errors")) if (said := text(each.get("title")))]
    return text(body.get("message")) or text(body.get("title")) or ", ".join(titles) or None


class Reader:
    """The questions to one seller's account. All raise CallFailed; Declined where Takealot said no."""

    def __init__(self, name: str, http: Http) -> None:
        self.name = name
        self.http = http

    async def get(self, path: str, params: Params, lane: Lane, look: Look) -> Item:
        """One answer of v1."""
        asked = f"{path}?{urlencode(params, doseq=True)}" if params else path
        answer = await self.http.request("GET", asked, lane=lane, idempotent=True)
        look.saw(answer)
        if answer.status != 200 or not isinstance(answer.json, dict):
            raise Declined(self.name, self.http, answer)
        return record(answer.json)

    async def all(self, path: Literal["offers", "sales"], params: Params, lane: Lane, look: Look) -> list[Item]:
        """Every page of a list. A further page is asked for by its token alone; that a list was shown whole is proved
        by its count, which the first page gives."""
        asked: Params = {**params, "limit": PAGE, "include_count": "true"}
        found: list[Item] = []
        count, seen = None, {""}
        while True:
            body = await self.get(path, asked, lane, look)
            if not isinstance(body.get("items"), list):
                what = in_words("takealot.no_list_of", name=self.name, path=path)
                raise CallFailed("host", what, TRY_AGAIN, reached=False)
            found += records(body.get("items"))
            count = whole(body.get("count")) if count is None else count
            token = text(body.get("continuation_token")) or ""
            if not token:
                break
            if token in seen:
                raise same_page(self.name, TRY_AGAIN)
            seen.add(token)
            asked = {"continuation_token": str(body["continuation_token"])}
        if count is not None and len(found) < count:
            shown = str(len(found))
            look.lacking(in_words("takealot.shows_fewer", name=self.name, total=count, path=path, shown=shown))
        return found
