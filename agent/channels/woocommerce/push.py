"""Setting quantities at WooCommerce: batches, and what became of each of their items (CHANGES in, RESULTS out).

Only `stock_quantity` is sent. Sending `manage_stock: true` along would make sure that a push is never ignored, but it
would switch counting on for a product whose owner has just switched it off, and would split a variation off its
parent's common stock. Instead the answer is looked at: it shows when nothing was changed, and the push is then refused
in a sentence (DESIGN section 2: never more than the quantity is touched).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import polars as pl

from agent.channels.base import Lane
from agent.channels.http import Answer, CallFailed, Http
from agent.channels.pushing import GONE, SILENT, Result, Results, Sent, all_of, as_frame, in_turn, lost, sort_out, stops
from agent.channels.values import record, records, text, whole
from agent.channels.woocommerce.listings import stock_of
from agent.channels.woocommerce.reader import API, BATCH, Declined, Item, parent_of
from agent.words import in_words


@dataclass(frozen=True)
class _Change:
    """One quantity to set. `product` is the variation's parent, or 0 for a product of its own."""

    at: int
    cell: str
    id: int
    product: int
    quantity: int

    def item(self) -> dict[str, int]:
        """Whole numbers only: a batch takes "abc" for 0 without a word (observed 201). A variation always names its
        product, which else would be the one of the address, and move there (observed on WooCommerce 8.6.0)."""
        named = {"product_id": self.product} if self.product else {}
        return {"id": self.id, **named, "stock_quantity": self.quantity}


class Pusher:
    """The write side: what was learned about the shop's batches is remembered for the next ones."""

    def __init__(self, name: str, http: Http) -> None:
        self._name = name
        self._http = http
        self._limit = BATCH
        self._mixed = True
        """Variations of several products may go in one batch."""
        self._smaller: dict[str, int] = {}
        """Cell -> the most others it may share a batch with, after a batch with it went wrong: so that one poisonous
        product is alone in the end, and never keeps the others from being pushed."""

    async def push(self, changes: pl.DataFrame, lane: Lane) -> pl.DataFrame:
        good, found = sort_out(changes, _change)
        products = [change for change in good if not change.product]
        variations = [change for change in good if change.product]
        batches = [*self._batches(products), *self._variation_batches(variations)]
        done, _ = await in_turn(batches, partial(self._send, lane=lane))
        told = {at: replace(one, kind=None) if one.kind == STRANGER else one for at, one in (found | done).items()}
        return as_frame(changes, told, self._http.redact)

    def _variation_batches(self, variations: list[_Change]) -> list[list[_Change]]:
        if self._mixed:
            return self._batches(variations)
        parents = {change.product: None for change in variations}
        return [batch for parent in parents for batch in self._batches([c for c in variations if c.product == parent])]

    def _batches(self, changes: list[_Change]) -> list[list[_Change]]:
        sizes = {change.at: min(self._limit, self._smaller.get(change.cell, BATCH)) for change in changes}
        batches = []
        for size in sorted(set(sizes.values()), reverse=True):
            same = [change for change in changes if sizes[change.at] == size]
            batches += [same[at : at + size] for at in range(0, len(same), size)]
        return batches

    async def _send(self, batch: Sequence[_Change], lane: Lane) -> Sent:
        """One batch: its results, and why the ones after it should not be tried."""
        path = f"products/{batch[0].product}/variations/batch" if batch[0].product else "products/batch"
        body = {"update": [change.item() for change in batch]}
        try:
            answer = await self._http.request("POST", API + path, json=body, lane=lane, idempotent=False)
        except CallFailed as failed:
            return self._failed(batch, failed)
        if answer.status == 413 and len(batch) > 1:
            return await self._halves(batch, lane)
        if answer.status != 200:
            return await self._apart(batch, self._all_refused(batch, answer), lane)
        for change in batch:
            self._smaller.pop(change.cell, None)
        return await self._apart(batch, _read_answer(batch, answer), lane)

    def _all_refused(self, batch: Sequence[_Change], answer: Answer) -> Results:
        """404: the address's product is gone, of which the other products' variations know nothing."""
        said, kind = Declined(self._name, self._http, answer).what, STRANGER if answer.status == 404 else None
        return all_of(batch, Result("refused", message=said, at=answer.server_time, kind=kind))

    def _failed(self, batch: Sequence[_Change], failed: CallFailed) -> Sent:
        if failed.reached:
            self._smaller |= {change.cell: max(1, len(batch) // 2) for change in batch}
        return all_of(batch, lost(failed)), stops(failed)

    async def _halves(self, batch: Sequence[_Change], lane: Lane) -> Sent:
        """413: nothing was applied; this host takes fewer at once."""
        self._limit = max(1, min(self._limit, len(batch) // 2))
        return await in_turn(self._smaller_ones(batch), partial(self._send, lane=lane))

    def _smaller_ones(self, batch: Sequence[_Change]) -> Iterator[Sequence[_Change]]:
        while batch:
            part, batch = batch[: self._limit], batch[self._limit :]  # the limit may fall again on the way
            yield part

    async def _apart(self, batch: Sequence[_Change], results: Results, lane: Lane) -> Sent:
        """A shop that does not know an item's own product calls it unknown under the address's. Nothing was applied to
        those: they go again, product by product, and if that helps it is remembered."""
        strangers = [c for c in batch if c.product != batch[0].product and results[c.at].kind == STRANGER]
        out: CallFailed | None = None
        for parent in dict.fromkeys(change.product for change in strangers):
            if out is None:
                done, out = await self._send([c for c in strangers if c.product == parent], lane)
                results |= done
        self._mixed = self._mixed and not any(results[c.at].outcome == "accepted" for c in strangers)
        return results, out


CELL = re.compile(r"product/(?P<product>\d{1,15})|variation/(?P<parent>\d{1,15})/(?P<id>\d{1,15})", re.ASCII)
STRANGER = "stranger"
"""Only between these functions: an item that was not found under the address's product."""
UNKNOWN = {"woocommerce_rest_product_invalid_id", "woocommerce_rest_product_variation_invalid_id",
           "woocommerce_rest_invalid_product_id", "woocommerce_rest_variation_invalid_id"}  # fmt: skip


def _change(at: int, cell: str, quantity: int | None, _: int | None) -> _Change | None:
    found = CELL.fullmatch(cell)
    if found is None or quantity is None or quantity < 0:
        return None
    return _Change(at, cell, int(found["product"] or found["id"]), int(found["parent"] or 0), quantity)


def _read_answer(batch: Sequence[_Change], answer: Answer) -> Results:
    """HTTP 200 says nothing about the items: each one is looked at, in its place, by its id (observed 035)."""
    items = records(record(answer.json).get("update"))
    by_id = {whole(item.get("id")): item for item in items}
    in_place = len(items) == len(batch)
    results = {}
    for at, change in enumerate(batch):
        item = items[at] if in_place and whole(items[at].get("id")) in (None, change.id) else by_id.get(change.id)
        results[change.at] = _judge(change, item, answer.server_time)
    return results


def _judge(change: _Change, item: Item | None, at: datetime) -> Result:
    if item is None:
        return Result("unknown", message=SILENT, at=at)
    if "error" in item:
        return _refusal(change, record(item["error"]), at)
    kept, quantity, _ = stock_of(item)
    parent = parent_of(item) or change.product
    if change.product and parent != change.product:
        moved = in_words("woocommerce.shop_now_keeps_variation", parent=parent)
        return Result("unknown", quantity, moved, at)
    problem = _unchanged(change, kept, quantity)
    return Result("refused" if problem else "accepted", quantity, problem, at)


def _unchanged(change: _Change, kept: str, quantity: int | None) -> str | None:
    """The push was taken with a friendly 200 and did nothing: why."""
    if kept == "no":
        return in_words("woocommerce.shop_does_not_count")
    if change.product and kept == "parent":
        return in_words("woocommerce.now_shares_stock_product")
    if quantity == change.quantity:
        return None
    return in_words("woocommerce.shows_after", shown=quantity, quantity=change.quantity)


def _refusal(change: _Change, error: Item, at: datetime) -> Result:
    code, said = text(error.get("code")), text(error.get("message")) or in_words("woocommerce.no_reason_given")
    if (whole(record(error.get("data")).get("status")) or 400) >= 500:
        return Result("unknown", message=in_words("woocommerce.shop_had_trouble_with", said=said), at=at)
    if code in UNKNOWN:
        kind = STRANGER if change.product else None
        return Result("refused", message=GONE, at=at, kind=kind)
    return Result("refused", message=in_words("woocommerce.shop_refused", said=said), at=at)
