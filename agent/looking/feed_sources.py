"""Where suppliers' lists come from: a file on this computer, or an https address. Both are settings, no cells (R16)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

from agent.channels.base import ChannelOut
from agent.channels.guard import Forbidden, Nameless, check_url, is_loopback
from agent.channels.http import network
from agent.core import feed
from agent.looking.seams import FeedOut, FeedRead
from agent.tables import LARGEST, TableOut, rows_of
from agent.words import in_words
from agent.workbooks.adopt.words import ALIAS, meanings
from agent.workbooks.headers import plain

HEADER_ROWS = 15
EXTRA = {"available", "availableqty", "qtyavailable", "availablestock", "freestock", "ats", "verfügbar", "disponible"}
"""Further names of the figure in suppliers' lists."""
TIMEOUT = 60.0


@dataclass(frozen=True)
class Columns:
    """Which columns of the list are meant; None: found by their names."""

    code: str | None = None
    figure: str | None = None


@dataclass(frozen=True)
class FileFeed:
    """A list in a file: its own time is when the file was written."""

    name: str
    path: Path
    columns: Columns = Columns()
    max_age: timedelta = timedelta(hours=26)
    every: timedelta = timedelta()

    async def read(self, token: str | None) -> FeedRead | None:
        """The list; None while the file is the same. Raises FeedOut."""
        try:
            return await asyncio.to_thread(self._read, token)
        except OSError as error:
            where = (
                in_words("feed_sources.there_no_file")
                if isinstance(error, FileNotFoundError)
                else in_words("feed_sources.stocksheet_cannot_open_file")
            )
            fix = in_words("feed_sources.look_whether_moved_or")
            raise FeedOut(
                in_words("feed_sources.of_the_feed", where=where, path=self.path, name=self.name), fix
            ) from None

    def _read(self, token: str | None) -> FeedRead | None:
        found = self.path.stat()
        mark = f"{found.st_mtime_ns}/{found.st_size}"
        if mark == token:
            return None
        content = self.path.read_bytes()
        return listed(self.name, self.path.name, content, self.columns, _time(found.st_mtime), mark)


@dataclass(frozen=True)
class UrlFeed:
    """A list at an https address: its own time is its Last-Modified, else when it was read."""

    name: str
    url: str
    columns: Columns = Columns()
    max_age: timedelta = timedelta(hours=26)
    every: timedelta = timedelta(minutes=30)
    allow_private: bool = False

    async def read(self, token: str | None) -> FeedRead | None:
        """The list; None where the host says that it is the same. Raises FeedOut."""
        url = self._checked()
        headers = {"User-Agent": "Stocksheet", "Accept-Encoding": "gzip, deflate"}
        if token and token.startswith(('"', "W/")):
            headers["If-None-Match"] = token
        try:
            async with asyncio.timeout(TIMEOUT), self._client(url) as client:
                status, answer, body = await self._fetch(client, url, headers)
        except (Forbidden, Nameless):
            raise self._out(in_words("feed_sources.address_cannot_found_or"), _SPELLING) from None
        except (httpx.HTTPError, httpx.StreamError, OSError, TimeoutError):
            raise self._out(
                in_words("feed_sources.does_not_answer"), in_words("feed_sources.stocksheet_tries_again_by")
            ) from None
        if status == 304:
            return None
        self._judge(status)
        mark = answer.get("ETag") or hashlib.sha256(body).hexdigest()
        if mark == token:
            return None
        made = _http_time(answer.get("Last-Modified"))
        return listed(self.name, url.path, body, self.columns, made, mark)

    def _checked(self) -> httpx.URL:
        """Only https, no address of a private network unless that was allowed (R17)."""
        try:
            url = httpx.URL(self.url)
            check_url(str(url.copy_with(query=None, fragment=None)), allow_private=self.allow_private)
        except (ChannelOut, httpx.InvalidURL):
            raise self._out(in_words("feed_sources.no_address_can_called"), _SPELLING) from None
        return url

    def _client(self, url: httpx.URL) -> httpx.AsyncClient:
        transport = network(self.allow_private or is_loopback(url.host))
        return httpx.AsyncClient(transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False)

    async def _fetch(
        self, client: httpx.AsyncClient, url: httpx.URL, headers: dict[str, str]
    ) -> tuple[int, httpx.Headers, bytes]:
        body = bytearray()
        async with client.stream("GET", url, headers=headers) as response:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > LARGEST:  # counted after unpacking (R18)
                    raise self._out(
                        in_words("feed_sources.larger_than_mb", largest=LARGEST // 1024**2),
                        in_words("feed_sources.ask_supplier_for_shorter"),
                    )
            return response.status_code, response.headers, bytes(body)

    def _judge(self, status: int) -> None:
        if status in (401, 403):
            raise self._out(in_words("feed_sources.refuses_access"), in_words("feed_sources.ask_supplier_for_new"))
        if 300 <= status < 400:
            raise self._out(in_words("feed_sources.moved_another_address"), _SPELLING)
        if status != 200:
            raise self._out(
                in_words("feed_sources.answers_with_error", status=status),
                in_words("feed_sources.stocksheet_tries_again_by"),
            )

    def _out(self, what: str, fix: str) -> FeedOut:
        return FeedOut(f"The feed {self.name} {what}.", fix)


_SPELLING = in_words("feed_sources.look_whether_address_config")


def listed(name: str, file: str, content: bytes, columns: Columns, at: datetime | None, token: str) -> FeedRead:  # noqa: PLR0917
    """The figures in a file's content. Raises FeedOut where it cannot be read, or its columns cannot be told."""
    try:
        rows = rows_of(content, file)
    except TableOut as out:
        fix = in_words("feed_sources.look_at_file_or")
        raise FeedOut(in_words("feed_sources.feed_cannot_read", name=name, out=out), fix) from None
    header, code, figure = _places(name, rows, columns)
    body = [row for row in rows[header + 1 :] if len(row) > max(code, figure)]
    found = feed.figures([row[code] for row in body], [row[figure] for row in body])
    if found.is_empty():
        raise FeedOut(in_words("feed_sources.feed_no_rows", name=name), in_words("feed_sources.empty_list_not_zero"))
    return FeedRead(at, found, token, found["figure"].null_count())


def _places(name: str, rows: Sequence[Sequence[str]], columns: Columns) -> tuple[int, int, int]:
    """The header's row, and where code and figure stand."""
    for number, row in enumerate(rows[:HEADER_ROWS]):
        codes = _named(row, columns.code, "SKU") or ([] if columns.code else _named(row, None, "Barcode"))
        amounts = _named(row, columns.figure, "Stocked")
        if codes and amounts:
            return number, _one(name, row, codes, "code", "sku"), _one(name, row, amounts, "quantity", "quantity")
    wanted = f"{columns.code or 'a SKU'} and {columns.figure or 'a quantity'}"
    fix = in_words("feed_sources.name_columns_config_toml")
    raise FeedOut(in_words("feed_sources.feed_no_columns_for", name=name, wanted=wanted), fix)


def _named(row: Sequence[str], given: str | None, column: str) -> list[int]:
    if given is not None:
        return [at for at, text in enumerate(row) if text.strip().casefold() == given.strip().casefold()]
    ranks = {at: rank for at, text in enumerate(row) if (rank := meanings(text).get(column))}
    if column == "Stocked":
        ranks |= {at: ALIAS for at, text in enumerate(row) if plain(text) in EXTRA}
    return [at for at, rank in ranks.items() if rank == min(ranks.values())]


def _one(name: str, row: Sequence[str], places: Sequence[int], what: str, key: str) -> int:
    if len(places) == 1:
        return places[0]
    names = " or ".join(f'"{row[at]}"' for at in places)
    fix = in_words("feed_sources.say_which_one_config", key=key, row=row[places[0]])
    raise FeedOut(in_words("feed_sources.feed_more_than_one", name=name, what=what, names=names), fix)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _http_time(text: str | None) -> datetime | None:
    try:
        made = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return made.astimezone(UTC) if made and made.tzinfo else None
