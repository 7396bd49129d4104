"""`spreadsheets.batchUpdate`: requests by their kinds, one after another, all or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.practice.google import (
    batch_cells,
    batch_lines,
    batch_moves,
    batch_ranges,
    batch_tables,
    batch_tabs,
)
from agent.practice.google.errors import Refused, unknown_name
from agent.practice.google.guards import Writer
from agent.practice.google.nulls import without_nulls

Body = Mapping[str, Any]
Handler = Callable[[Writer, Body], dict[str, Any]]

KINDS: dict[str, Handler] = {
    **batch_tabs.KINDS,
    **batch_cells.KINDS,
    **batch_lines.KINDS,
    **batch_moves.KINDS,
    **batch_ranges.KINDS,
    **batch_tables.KINDS,
}


def run(writer: Writer, requests: list[Any]) -> list[dict[str, Any]]:
    """The replies to the requests; refused as a whole where one is, and then nothing is changed."""
    if not requests:
        raise Refused("Must specify at least one request.")
    asked = [_kind(request, at) for at, request in enumerate(requests)]
    kept = writer.book.checkpoint()
    try:
        replies = [_one(writer, kind, body, at) for at, (kind, body) in enumerate(asked)]
    except BaseException:
        writer.book.restore(kept)
        raise
    writer.book.settle()
    return replies


def _kind(request: Any, at: int) -> tuple[str, Body]:
    found = [(kind, body) for kind, body in request.items() if body is not None] if isinstance(request, Mapping) else []
    for kind, _ in found:
        if kind not in KINDS:
            raise unknown_name(kind, f"requests[{at}]")
    if not found:
        raise Refused(f"Invalid requests[{at}]: No request set.")
    if len(found) > 1:
        raise Refused(f"Invalid requests[{at}]: Only one request may be set.")
    return found[0]


def _one(writer: Writer, kind: str, body: Body, at: int) -> dict[str, Any]:
    try:
        reply = KINDS[kind](writer, without_nulls(body))
    except Refused as refused:
        raise Refused(f"Invalid requests[{at}].{kind}: {refused.message}", refused.code) from None
    writer.book.sums.forget()
    return reply
