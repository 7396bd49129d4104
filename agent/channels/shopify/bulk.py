"""One question about everything, answered by Shopify with a file (bulk operation): for big shops.

It costs hardly a point, but may take minutes, and five at most run at once in a shop (recorded: OPERATION_IN_PROGRESS).
"""

from __future__ import annotations

from agent.channels.answers import NONSENSE, CallFailed, parse
from agent.channels.http import TRY_AGAIN
from agent.channels.shopify.queries import BULK_POLL, BULK_RUN, bulk_variants, number
from agent.channels.shopify.reader import Asking, Item
from agent.channels.values import record, records, text, whole
from agent.ports import Clock
from agent.words import in_words

PATIENCE = 600.0
FIRST_WAIT, LONGEST_WAIT = 1.0, 10.0


async def bulk_read(ask: Asking, location: str, clock: Clock) -> list[Item]:
    """All variants. Raises CallFailed `host` where it did not come to an end; then they are read in pages."""
    data = await ask.data(BULK_RUN, {"query": bulk_variants(location)})
    started = record(data.get("bulkOperationRunQuery"))
    id_ = record(started.get("bulkOperation")).get("id")
    if number(id_) is None:
        said = next((text(each.get("message")) for each in records(started.get("userErrors"))), None)
        raise _failed(ask, said or in_words("shopify.not_begun"))
    url, wanted = await _ready(ask, str(id_), clock)
    found: list[Item] = []
    await ask.reader.http.download(url, lambda line: _take(line, found, ask))
    if len(found) < wanted:
        raise _failed(ask, in_words("shopify.file_holds_variants", count=len(found), wanted=wanted))
    return found


async def _ready(ask: Asking, id_: str, clock: Clock) -> tuple[str, int]:
    """Waits for the file; gives its address, and how many variants it holds."""
    until, wait = clock.monotonic() + PATIENCE, FIRST_WAIT
    while clock.monotonic() < until:
        await clock.sleep(wait)
        wait = min(LONGEST_WAIT, wait * 1.5)
        state = record((await ask.data(BULK_POLL, {"id": id_})).get("bulkOperation"))
        if state.get("status") in ("CREATED", "RUNNING"):
            continue
        url = state.get("url")
        if state.get("status") == "COMPLETED" and isinstance(url, str):
            return url, whole(state.get("rootObjectCount")) or 0
        ended = in_words("shopify.ended_as", status=text(state.get("status")), code=text(state.get("errorCode")))
        raise _failed(ask, ended)
    raise _failed(ask, in_words("shopify.took_too_long"))


def _take(line: str, found: list[Item], ask: Asking) -> None:
    node = parse(line.encode())
    if node is NONSENSE:
        raise _failed(ask, in_words("shopify.line_file_cannot_read"))
    if isinstance(node, dict) and "__parentId" not in node:
        found.append(node)


def _failed(ask: Asking, why: str) -> CallFailed:
    return CallFailed("host", in_words("shopify.did_not_answer_bulk", ask=ask.name, why=why), TRY_AGAIN, reached=False)
