"""Asking WooCommerce questions: one answer, these ids, every page, everything changed since.

Two ways of paging, because both kinds of list move while they are read (I16): products by ascending id, orders by
ascending change. What was observed on WooCommerce 8.6.0 and 11.0.1 stands beside the line that relies on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from agent.channels.answers import Look
from agent.channels.base import Lane
from agent.channels.http import TRY_AGAIN, Answer, CallFailed, Fixes, Http
from agent.channels.reads import left_out, parts, same_page
from agent.channels.values import moment, objects, record, records, text, whole
from agent.words import in_words

FIXES = Fixes(
    access=in_words("woocommerce.says_step_by_step", command="{connect}"),
    address=in_words("woocommerce.open_shop_browser_copy"),
)

PAGE = 100
BATCH = 100
PASSES = 3
API = "wc/v3/"
Item = dict[str, object]
Params = dict[str, str | int]


class Declined(CallFailed):
    """The shop answered in JSON, but no to what was asked."""

    def __init__(self, name: str, http: Http, answer: Answer) -> None:
        self.status = answer.status
        self.code = text(record(answer.json).get("code")) or ""
        said = http.redact(text(record(answer.json).get("message")) or f"status {answer.status}").rstrip(".")
        strange = self.code == "rest_no_route" or answer.status == 200  # an answer, but not WooCommerce's
        super().__init__(
            "host",
            in_words("woocommerce.does_not_answer_question", name=name, said=said),
            FIXES.address if strange else TRY_AGAIN,
            reached=False,
        )


class Reader:
    """The questions to one shop. All raise CallFailed; Declined where the shop understood and said no."""

    def __init__(self, name: str, http: Http) -> None:
        self.name = name
        self.http = http

    async def get(self, path: str, params: Params, lane: Lane, look: Look) -> Answer:
        answer = await self.http.request("GET", API + path, params=params, lane=lane, idempotent=True)
        look.saw(answer)
        if answer.status != 200 or not isinstance(answer.json, list):
            raise Declined(self.name, self.http, answer)
        if objects(answer.json) is None:
            if path.startswith("orders"):  # one that is passed over would not come again
                raise left_out(self.name, TRY_AGAIN)
            look.lacking(left_out(self.name, TRY_AGAIN).what)
        return answer

    async def included(self, path: str, ids: Sequence[int], params: Params, lane: Lane, look: Look) -> list[Item]:
        found: list[Item] = []
        for some in parts(ids, PAGE):
            wanted = ",".join(map(str, some))
            answer = await self.get(path, {**params, "include": wanted, "per_page": PAGE}, lane, look)
            found += records(answer.json)
        return found

    async def all(self, path: str, params: Params, lane: Lane, look: Look) -> list[Item]:
        """Every page, by ascending id: what is created meanwhile comes last. What is deleted meanwhile moves the pages
        up, past our reading place; the falling total shows it, and all is read again (I16)."""
        for _ in range(PASSES):
            found, steady = await self._pass(path, params, lane, look)
            if steady:
                return found
        look.lacking(in_words("woocommerce.changed_again_again_while", name=self.name, path=path))
        return found

    async def _pass(self, path: str, params: Params, lane: Lane, look: Look) -> tuple[list[Item], bool]:
        found: dict[object, Item] = {}
        totals: list[int] = []
        page = 1
        while True:
            turn: Params = {**params, "page": page, "per_page": PAGE, "orderby": "id", "order": "asc"}
            answer = await self.get(path, turn, lane, look)
            before = len(found)
            found |= {id_of(row) or (page, at): row for at, row in enumerate(records(answer.json))}
            totals += [total] if (total := answer.number("X-WP-Total")) is not None else []
            if _last(answer, page):
                break
            self._moved_on(len(found) > before)
            page += 1
        if totals and len(found) < totals[-1] == max(totals):
            look.lacking(
                in_words(
                    "woocommerce.counts_but_showed_read", name=self.name, totals=totals[-1], path=path, count=len(found)
                )
            )
        return list(found.values()), not totals or totals[-1] >= max(totals)

    async def changed(self, path: str, params: Params, since: datetime | None, lane: Lane, look: Look) -> list[Item]:
        """Everything changed since, oldest change first. Not by page numbers: an order that changes meanwhile moves to
        the end and would pull another one past our reading place. The next call asks from the last one's second."""
        found: dict[object, Item] = {}
        cursor, page = None if since is None else _before(since), 1
        while True:
            turn: Params = {**params, "page": page, "per_page": PAGE, "orderby": "modified", "order": "asc"}
            if cursor is not None:
                turn |= {"modified_after": cursor.strftime("%Y-%m-%dT%H:%M:%S"), "dates_are_gmt": "true"}
            answer = await self.get(path, turn, lane, look)
            rows = records(answer.json)
            before = len(found)
            found |= {id_of(row) or (str(cursor), page, at): row for at, row in enumerate(rows)}
            if _last(answer, page):
                return list(found.values())
            self._moved_on(len(found) > before or page == 1)
            changed = moment(rows[-1].get("date_modified_gmt")) if rows else None
            further = _before(changed) if changed else None
            if further and (cursor is None or further > cursor):
                cursor, page = further, 1
            else:
                page += 1  # more than a page of them in one second

    def _moved_on(self, moved: bool) -> None:
        if not moved:
            raise same_page(self.name, in_words("woocommerce.caching_plugin_may_at"))


def _last(answer: Answer, page: int) -> bool:
    """A page past the end is an empty list (observed 005); without the header, a page that is not full is the last."""
    rows = records(answer.json)
    pages = answer.number("X-WP-TotalPages")
    return not rows or (page >= pages if pages is not None else len(rows) < PAGE)


def _before(when: datetime) -> datetime:
    """`modified_after` means strictly after, in whole seconds: one second earlier loses nothing."""
    return when.astimezone(UTC).replace(microsecond=0, tzinfo=UTC) - timedelta(seconds=1)


def id_of(thing: Item) -> int | None:
    found = whole(thing.get("id"))
    return found if found and found > 0 else None


def parent_of(thing: Item) -> int | None:
    found = whole(thing.get("parent_id"))
    return found if found and found > 0 else None


def children_of(product: Item) -> list[int]:
    found = product.get("variations")
    return [id_ for each in found if (id_ := whole(each))] if isinstance(found, list) else []
