"""Bulk operations: a whole list read in the background and fetched as a file of JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from graphql import execute_sync, parse

from agent.practice.shopify import bulk_rules
from agent.practice.shopify.context import Context, Info, field_of
from agent.practice.shopify.ids import gid, number
from agent.practice.shopify.reads import LOOK_UP
from agent.practice.shopify.shop import BulkOperation, Shop

AT_ONCE = 5
URL_LIFE = timedelta(days=7)
CANCELING_FOR = timedelta(seconds=1)
_RUNNING = {"CREATED", "RUNNING", "CANCELING"}


@field_of("Mutation", "bulkOperationRunQuery")
def run_query(_: Any, info: Info, query: str, groupObjects: bool = False) -> dict[str, Any]:  # noqa: N803
    """Begin one; the sixth at a time is refused."""
    shop: Shop = info.context.shop
    wrong = [_problem(["query"], "INVALID", each) for each in bulk_rules.problems(info.schema, query)]
    if wrong:
        return {"bulk_operation": None, "user_errors": wrong}
    busy = [each for each in shop.bulk.values() if status(shop, each) in _RUNNING]
    if len(busy) >= AT_ONCE:
        names = ", ".join(gid("BulkOperation", each.id) for each in busy)
        said = f"A bulk query operation for this app and shop is already in progress: {names}."
        return {"bulk_operation": None, "user_errors": [_problem(None, "OPERATION_IN_PROGRESS", said)]}
    operation = _begin(shop, info, query, groupObjects)
    shop.bulk[operation.id] = operation
    return {"bulk_operation": operation, "user_errors": []}


def _problem(path: list[str] | None, code: str, message: str) -> dict[str, Any]:
    return {"field": path, "message": message, "code": code}


def _begin(shop: Shop, info: Info, query: str, grouped: bool) -> BulkOperation:
    """The answer is that of now: what is sold while it runs is not in it."""
    context = Context(shop, info.context.base, unlimited=True)
    result = execute_sync(info.schema, parse(query), context_value=context)
    codes = [str((each.extensions or {}).get("code")) for each in result.errors or ()]
    fails = shop.faults.bulk_fails or ("ACCESS_DENIED" if "ACCESS_DENIED" in codes else None)
    fails = fails or ("INTERNAL_SERVER_ERROR" if codes else None)
    families = [] if fails else [list(_family(each, None)) for each in _roots(result.data or {})]
    rows = [row for family in families for row in family]
    if not grouped:  # since 2026-01 a child is not next to its parent
        rows.sort(key=lambda row: "__parentId" in row)
    lines = [json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in rows]
    now, key = shop.moment(), f"{shop.rng.getrandbits(64):016x}"
    due = now + timedelta(seconds=shop.faults.bulk_seconds)
    return BulkOperation(shop.new_id("BulkOperation"), query, now, due, lines, len(families), key, fails)


def _roots(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for value in data.values():
        if isinstance(value, dict) and "edges" in value:
            yield from (edge["node"] for edge in value["edges"])
        elif isinstance(value, dict):
            yield from _roots(value)


def _family(node: dict[str, Any], parent: str | None) -> Iterator[dict[str, Any]]:
    """A thing on a line of its own, without its connections; what those hold comes after it and names it."""
    row, children = _split(node)
    yield row if parent is None else {**row, "__parentId": parent}
    for child in children:
        yield from _family(child, str(node.get("id")))


def _split(node: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    row: dict[str, Any] = {}
    children: list[dict[str, Any]] = []
    for name, value in node.items():
        if isinstance(value, dict) and "edges" in value:
            children += [edge["node"] for edge in value["edges"]]
        elif isinstance(value, dict):
            row[name], inner = _split(value)
            children += inner
        else:
            row[name] = value
    return row, children


def status(shop: Shop, one: BulkOperation) -> str:
    """CREATED for a moment, RUNNING, then how it ended; EXPIRED when its file is gone."""
    now = shop.clock()
    if one.cancelled_at is not None:
        return "CANCELING" if now < one.cancelled_at + CANCELING_FOR else "CANCELED"
    if now < one.due:
        return "CREATED" if now < one.created_at + min(timedelta(seconds=1), one.due - one.created_at) else "RUNNING"
    return "FAILED" if one.fails else ("EXPIRED" if now >= one.due + URL_LIFE else "COMPLETED")


# -- asking ----------------------------------------------------------------------------------------------------------


@field_of("QueryRoot", "bulkOperation")
def operation(_: Any, info: Info, id: str) -> BulkOperation | None:
    shop: Shop = info.context.shop
    return shop.bulk.get(number(id, "BulkOperation"))


LOOK_UP["BulkOperation"] = operation


@field_of("QueryRoot", "currentBulkOperation")
def current(_: Any, info: Info, type: str = "QUERY") -> BulkOperation | None:
    """The newest one, whatever became of it."""
    shop: Shop = info.context.shop
    return next(reversed(shop.bulk.values()), None) if type == "QUERY" else None


@field_of("Mutation", "bulkOperationCancel")
def cancel(_: Any, info: Info, id: str) -> dict[str, Any]:
    shop: Shop = info.context.shop
    one = shop.bulk.get(number(id, "BulkOperation"))
    if one is None:  # the sentence was not recorded
        missing = {"field": ["id"], "message": "Bulk operation does not exist"}
        return {"bulk_operation": None, "user_errors": [missing]}
    if status(shop, one) in {"CREATED", "RUNNING"}:
        one.cancelled_at = shop.clock()
    return {"bulk_operation": one, "user_errors": []}


@field_of("BulkOperation", "status")
def shown_status(one: BulkOperation, info: Info) -> str:
    return status(info.context.shop, one)


@field_of("BulkOperation", "type")
def kind(one: BulkOperation, info: Info) -> str:
    return "QUERY"


@field_of("BulkOperation", "errorCode")
def error_code(one: BulkOperation, info: Info) -> str | None:
    return one.fails if status(info.context.shop, one) == "FAILED" else None


@field_of("BulkOperation", "completedAt")
def completed_at(one: BulkOperation, info: Info) -> datetime | None:
    return one.due if status(info.context.shop, one) in {"COMPLETED", "FAILED", "EXPIRED"} else None


def _done(one: BulkOperation, info: Info) -> bool:
    return status(info.context.shop, one) == "COMPLETED"


@field_of("BulkOperation", "objectCount")
def object_count(one: BulkOperation, info: Info) -> int:
    return len(one.lines) if _done(one, info) else 0


@field_of("BulkOperation", "rootObjectCount")
def root_object_count(one: BulkOperation, info: Info) -> int:
    return one.roots if _done(one, info) else 0


@field_of("BulkOperation", "fileSize")
def file_size(one: BulkOperation, info: Info) -> int | None:
    return len(one.content) if _done(one, info) and one.lines else None


@field_of("BulkOperation", "url")
def url(one: BulkOperation, info: Info) -> str | None:
    """None while it runs, and for a list with nothing in it. A real one is at a storage host, and signed as well."""
    return f"{info.context.base}{path(one)}" if _done(one, info) and one.lines else None


@field_of("BulkOperation", "partialDataUrl")
def partial_url(one: BulkOperation, info: Info) -> None:
    return None


def path(one: BulkOperation) -> str:
    return f"/bulk-results/{one.id}-{one.key}.jsonl"


def download(shop: Shop, wanted: str) -> bytes | None:
    """The file at that path, as long as it is kept; no token is asked for."""
    for one in shop.bulk.values():
        if path(one) == wanted and status(shop, one) == "COMPLETED":
            return one.content
    return None
