"""Every call that the shop knows: its parameters, and the fields of its body and of its answer.

The Seller API v2 (`/v2`) is the vendor's swagger in short. Of the Marketplace API v1 (`/v1`) no contract in a form for
programs is at hand: what stands here is what is known of its page and seen in answers. As with the real one, what is
not known to a call is passed over without a word; `faults_of` says it, for tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.practice.wire import Request, Response

Shape = Any
"""str, int, float, bool; {field: shape}; [shape] for a list; a tuple of shapes: one of them; None: null."""

_ERROR = {"message": str}
_RESULT = {"message": str, "code": str}
_STOCK = {"merchant_warehouse": {"warehouse_id": int, "name": str}, "quantity_available": int}
_AT_TAKEALOT = {"warehouse": {"warehouse_id": int, "name": str}, "quantity_available": int}
_OFFER_V2 = {
    "tsin_id": int, "offer_id": int, "sku": str, "barcode": str, "selling_price": int, "rrp": int, "leadtime_days": int,
    "leadtime_stock": [_STOCK], "status": str, "title": str, "offer_url": str, "stock_at_takealot_total": int,
    "stock_at_takealot": [_AT_TAKEALOT], "stock_on_way": [_AT_TAKEALOT], "total_stock_on_way": int, "date_created": str,
}  # fmt: skip
_CHANGE = {
    "sku": str, "selling_price": int, "rrp": int, "leadtime_days": int,
    "leadtime_stock": [{"merchant_warehouse_id": int, "quantity": int}], "status_action": str,
}  # fmt: skip
_BATCH = {
    "batch_id": str, "status": {"id": int, "description": str},
    "result": [{"validation_errors": [_RESULT], "offer": {
        name: _OFFER_V2[name] for name in ("selling_price", "rrp", "leadtime_days", "leadtime_stock",
                                           "stock_at_takealot", "status", "sku", "offer_id")}}],
}  # fmt: skip
_OFFER_V1 = {
    "offer_id": int, "tsin_id": int, "sku": str, "barcode": (str, None), "title": str, "selling_price": (int, None),
    "rrp": (int, None), "minimum_leadtime_days": (int, None), "status": str, "created_at": str, "updated_at": str,
    "image_url": (str, None), "productline_id": int, "disabled_by_seller": bool, "disabled_by_takealot": bool,
    "affected_by_vacation": bool,
    "seller_warehouse_stock": [{"seller_warehouse_id": int, "quantity_available": int}],
    "takealot_warehouse_stock": [{"region": str, "quantity_available": int, "stock_on_way": int}],
}  # fmt: skip
_SALE = {
    "order_item_id": int, "order_id": int, "order_date": str, "sale_status": str, "offer_id": int, "tsin_id": int,
    "sku": (str, None), "selling_price": int, "quantity": int, "sales_region": str, "stock_source_region": (str, None),
}  # fmt: skip
_SELLER = {
    "seller_id": int, "uuid": str, "display_name": str, "legal_name": str, "countries": [str], "account_verified": bool,
    "on_vacation": bool, "leadtime_enabled": bool, "warehouses": [{"seller_warehouse_id": int, "name": str}],
}  # fmt: skip
_PAGED = {"limit": int, "continuation_token": str, "include_count": bool, "fields": str, "expands": str}
_ERRORS_V1 = {"message": str, "title": str, "errors": [{"status": str, "title": str}]}


def _list(item: Shape) -> Shape:
    return {"items": [item], "limit": int, "count": int, "continuation_token": str}


@dataclass(frozen=True)
class Declared:
    """One call."""

    method: str
    path: re.Pattern[str]
    answer: Shape
    query: Mapping[str, Shape] = field(default_factory=dict)
    body: Shape = None
    expands: frozenset[str] = frozenset()


def _call(method: str, path: str, answer: Shape, **more: Any) -> Declared:
    return Declared(method, re.compile(path), answer, **more)


EXPANDS = frozenset({"seller_warehouse_stock", "takealot_warehouse_stock", "leadtime_stock", "offer_charges",
                     "replenishment_blocks"})  # fmt: skip
CALLS = (
    _call("GET", "/v1/seller", _SELLER, query={"expands": str, "fields": str}, expands=frozenset({"warehouses"})),
    _call("GET", "/v1/offers", _list(_OFFER_V1), query={**_PAGED, "offer_id__in": int}, expands=EXPANDS),
    _call("GET", "/v1/sales", _list(_SALE), query={
        **{name: kind for name, kind in _PAGED.items() if name != "expands"}, "order_id": int, "order_date__gte": str,
        "order_date__lte": str, "stock_source_region": str,
    }),
    _call("GET", "/v2/offers/count", {"count": int}, query={"offer_statuses": str}),
    _call("GET", "/v2/offers/offer/[^/]+", _OFFER_V2),
    _call("PATCH", "/v2/offers/offer/[^/]+", {"offer": _OFFER_V2, "validation_errors": [_RESULT]}, body=_CHANGE),
    _call("POST", "/v2/offers/batch", _BATCH, body=[{**_CHANGE, "offer_id": int, "barcode": str}]),
    _call("GET", "/v2/offers/batch/[^/]+", _BATCH),
)  # fmt: skip


def call_of(method: str, path: str) -> Declared | None:
    """The call of that name; None where there is none."""
    return next((call for call in CALLS if call.method == method and call.path.fullmatch(path)), None)


def faults_of(request: Request, response: Response) -> list[str]:
    """All that is wrong with an exchange; [] for answers that are no data, such as a web page."""
    call = call_of(request.method, request.path)
    if call is None:
        return [f"there is no {request.method} {request.path}"]
    faults = [f"unknown parameter {name}" for name, _ in request.query if name not in call.query]
    for name, value in request.query:
        if call.query.get(name) is int and not value.isdecimal():
            faults.append(f"{name} is no number")
        if name == "expands" and value not in call.expands:
            faults.append(f"unknown expand {value}")
    if bool(request.body) != (call.body is not None):
        faults.append("no body" if call.body is not None else "a body where there is none")
    elif request.body:
        faults += misfits(request.json(), call.body, "body")
    if not response.headers["Content-Type"].startswith("application/json"):
        return faults
    errors = _ERRORS_V1 if request.path.startswith("/v1/") else {**_ERROR, "errors": [{"status": str, "title": str}]}
    return faults + list(
        misfits(json.loads(response.body), call.answer if response.status == 200 else errors, "answer")
    )


def misfits(found: Any, shape: Shape, place: str) -> Iterator[str]:
    """Where a value has fields that the shape does not know, or values of another kind."""
    if isinstance(shape, tuple):
        if all(any(True for _ in misfits(found, each, place)) for each in shape):
            yield f"{place} is {type(found).__name__}"
    elif isinstance(shape, dict) and isinstance(found, dict):
        yield from (f"unknown field {place}.{name}" for name in found if name not in shape)
        for name in found.keys() & shape.keys():
            yield from misfits(found[name], shape[name], f"{place}.{name}")
    elif isinstance(shape, list) and isinstance(found, list):
        for each in found:
            yield from misfits(each, shape[0], f"{place}[]")
    elif shape is None or isinstance(shape, dict | list):
        if found is not None or shape is not None:
            yield f"{place} is {type(found).__name__}"
    elif not isinstance(found, shape) or (shape is int and isinstance(found, bool)):
        yield f"{place} is {type(found).__name__}, not {shape.__name__}"
