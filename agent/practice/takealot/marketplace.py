"""Marketplace API v1: `X-API-Key`; collections by continuation token, 1,000 at the most."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from agent.practice.takealot.faults import plain
from agent.practice.takealot.offers import REGIONS, Offer
from agent.practice.takealot.sales import Order
from agent.practice.takealot.shop import Shop
from agent.practice.wire import Request, Response

SAST = timezone(timedelta(hours=2))
MOST, USUAL = 1000, 100
Query = Mapping[str, Sequence[str]]
Json = dict[str, Any]


class Wrong(Exception):
    """A question that cannot be answered: 422."""


@dataclass(frozen=True)
class Page:
    """What a list is asked for: by its own parameters, or by those that its token remembers."""

    query: Query
    after: tuple[str, int]
    first: bool

    @property
    def limit(self) -> int:
        limit = int(self.query.get("limit", [str(USUAL)])[0])
        if not 1 <= limit <= MOST:
            raise Wrong("limit must be between 1 and 1000")
        return limit


def respond(shop: Shop, request: Request) -> Response:
    """The answer to a call under `/v1`."""
    if request.headers.get("x-api-key") != shop.api_key:
        return plain(401, {"errors": [{"status": "401", "title": "Unauthorized"}]})
    query: dict[str, list[str]] = {}
    for name, value in request.query:
        query.setdefault(name, []).append(value)
    try:
        if request.method == "GET" and request.path == "/v1/seller":
            return plain(200, _seller(shop, query))
        if request.method == "GET" and request.path == "/v1/offers":
            return plain(200, _offers(shop, _page(query)))
        if request.method == "GET" and request.path == "/v1/sales":
            return plain(200, _sales(shop, _page(query)))
    except (Wrong, ValueError) as wrong:
        return plain(422, {"errors": [{"status": "422", "title": str(wrong)}]})
    return plain(404, {"title": "Not Found"})


def _page(query: Query) -> Page:
    """A token is sent alone: other parameters are passed over, and no count is given."""
    token = query.get("continuation_token")
    if token is None:
        return Page(query, ("", 0), first=True)
    try:
        kept = json.loads(base64.urlsafe_b64decode(token[0]))
    except ValueError:
        raise Wrong("continuation_token is not valid") from None
    return Page(kept["query"], (kept["after"][0], kept["after"][1]), first=False)


def _listed(page: Page, found: Sequence[tuple[tuple[str, int], Json]], stops: bool) -> Json:
    """One page of what was found, in the order of its keys."""
    left = [each for each in found if each[0] > page.after]
    shown, rest = left[: page.limit], left[page.limit :]
    listed: Json = {"items": [item for _, item in shown], "limit": page.limit}
    if page.first and page.query.get("include_count") == ["true"]:
        listed["count"] = len(found)
    if rest and not stops:
        kept = {"query": dict(page.query), "after": shown[-1][0]}
        listed["continuation_token"] = base64.urlsafe_b64encode(json.dumps(kept).encode()).decode()
    return listed


def _seller(shop: Shop, query: Query) -> Json:
    found: Json = {
        "seller_id": shop.seller_id, "uuid": f"00000000-0000-0000-0000-{shop.seller_id:012d}",
        "display_name": shop.name, "legal_name": f"{shop.name} (Pty) Ltd", "countries": ["ZA"],
        "account_verified": shop.active, "on_vacation": shop.on_vacation, "leadtime_enabled": shop.leadtime_enabled,
    }  # fmt: skip
    if "warehouses" in query.get("expands", ()):
        found["warehouses"] = [{"seller_warehouse_id": id_, "name": name} for id_, name in shop.warehouses.items()]
    return found


def _offers(shop: Shop, page: Page) -> Json:
    """With pages of 100 the second one names no third one: a known bug of Takealot's."""
    only = {int(each) for each in page.query.get("offer_id__in", ())}
    offers = [offer for offer in shop.offers.values() if not only or offer.id in only]
    expands = page.query.get("expands", ())
    found = sorted((("", offer.id), _offer(offer, expands)) for offer in offers) if offers else []
    stops = (page.limit <= USUAL and not page.first) or shop.faults.strikes("stops_early", shop.rng)
    return _listed(page, found, stops)


def _offer(offer: Offer, expands: Sequence[str]) -> Json:
    found: Json = {
        "offer_id": offer.id, "tsin_id": offer.tsin, "sku": offer.sku or "", "barcode": offer.barcode,
        "title": offer.title, "selling_price": offer.price, "rrp": offer.price, "status": offer.status,
        "minimum_leadtime_days": offer.leadtime_days, "productline_id": offer.productline, "image_url": None,
        "created_at": _said(offer.created), "updated_at": _said(offer.updated),
        "disabled_by_seller": offer.disabled_by_seller, "disabled_by_takealot": offer.disabled_by_takealot,
        "affected_by_vacation": False,
    }  # fmt: skip
    if "seller_warehouse_stock" in expands:
        stock = offer.stock.items() if offer.leadtime_days is not None else ()
        found["seller_warehouse_stock"] = [{"seller_warehouse_id": at, "quantity_available": n} for at, n in stock]
    if "takealot_warehouse_stock" in expands:
        found["takealot_warehouse_stock"] = [
            {
                "region": dc,
                "quantity_available": offer.at_takealot.get(dc, 0),
                "stock_on_way": offer.on_the_way.get(dc, 0),
            }
            for dc in REGIONS
        ]
    return found


def _sales(shop: Shop, page: Page) -> Json:
    """By the day of the order, in South African time; both ends are included."""
    wanted = page.query.get("order_id")
    begin, end = (_day(page.query, f"order_date__{side}") for side in ("gte", "lte"))
    found = []
    for order in shop.late.readable().values():
        day = order.placed.astimezone(SAST).date()
        if (wanted and int(wanted[0]) != order.id) or (begin and day < begin) or (end and day > end):
            continue
        found += [((order.placed.isoformat(), sale.id), _sale(order, sale)) for sale in order.sales]
    return _listed(page, sorted(found, key=lambda each: each[0]), stops=False)


def _day(query: Query, name: str) -> date | None:
    said = query.get(name)
    return datetime.fromisoformat(said[0]).date() if said else None


def _sale(order: Order, sale: Any) -> Json:
    return {
        "order_id": order.id, "order_item_id": sale.id, "order_date": _said(order.placed), "sale_status": sale.status,
        "offer_id": sale.offer, "tsin_id": sale.tsin, "sku": sale.sku, "quantity": sale.quantity,
        "selling_price": sale.price, "sales_region": order.region, "stock_source_region": sale.source or None,
    }  # fmt: skip


def _said(moment: datetime) -> str:
    return moment.astimezone(SAST).isoformat(timespec="seconds")
