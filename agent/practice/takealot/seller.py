"""Seller API v2: `Authorization: Key ...`; leadtime stock of one offer, or of 10,000 of them in a batch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agent.practice.takealot.catalogue import Batch
from agent.practice.takealot.changes import change, errors_of, identified, rendered
from agent.practice.takealot.faults import plain
from agent.practice.takealot.shop import Shop
from agent.practice.wire import Request, Response

LARGEST = 10_000
PENDING, SUCCESS, FAILURE = (
    {"id": 1, "description": "Pending"}, {"id": 2, "description": "Success"}, {"id": 3, "description": "Failure"},
)  # fmt: skip
NO_ACCESS = "You do not have access to this resource"


def respond(shop: Shop, request: Request) -> Response:
    """The answer to a call under `/v2`."""
    if request.headers.get("authorization") != f"Key {shop.api_key}":
        return plain(403, {"message": NO_ACCESS})
    rest = request.path.removeprefix("/v2/offers/")
    if request.method == "GET" and rest == "count":
        return plain(200, {"count": len(shop.offers)})
    if request.method == "POST" and rest == "batch":
        return _submit(shop, request)
    if request.method == "GET" and rest.startswith("batch/"):
        return _batch(shop, rest.removeprefix("batch/"))
    if rest.startswith("offer/"):
        return _one(shop, request, rest.removeprefix("offer/"))
    return plain(404, {"message": "The requested URL was not found on the server."})


# --- one offer --------------------------------------------------------------------------------------------------------


def _one(shop: Shop, request: Request, identifier: str) -> Response:
    offer = identified(shop, identifier)
    if offer is None:
        return plain(404, {"message": "Offer not found"})
    if request.method == "GET":
        return plain(200, rendered(shop, offer))
    body = _json(request)
    if request.method != "PATCH" or not isinstance(body, dict):
        return plain(400, {"message": "Invalid input"})
    codes = change(shop, offer, body)
    return plain(200, {"offer": rendered(shop, offer), "validation_errors": errors_of(codes)})


def _json(request: Request) -> Any:
    try:
        return request.json()
    except ValueError:
        return None


# --- batches ----------------------------------------------------------------------------------------------------------


def _submit(shop: Shop, request: Request) -> Response:
    items = _json(request)
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        return plain(400, {"message": "Invalid input: a list of offers is expected"})
    if len(items) > LARGEST:
        return plain(400, {"message": f"Batch size limit exceeded: {LARGEST}"})
    due = shop.clock() + timedelta(seconds=shop.faults.batch_seconds)
    batch = Batch(str(shop.new_id()), items, due)
    shop.batches[batch.id] = batch
    return plain(200, {"batch_id": batch.id, "status": PENDING, "result": []})


def _batch(shop: Shop, id_: str) -> Response:
    batch = shop.batches.get(id_)
    if batch is None:
        return plain(404, {"message": "Batch not found"})
    status = FAILURE if batch.failed else PENDING if batch.results is None else SUCCESS
    return plain(200, {"batch_id": batch.id, "status": status, "result": batch.results or []})
