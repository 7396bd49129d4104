"""Many quantities in one file (JSON_LISTINGS_FEED): three calls to hand it in, whatever the number up to 25,000.

Amazon works it off within minutes, and then says of each message what became of it. What it has not said within a
minute is `sent`, and the next read shows it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.channels.amazon.doors import Doors
from agent.channels.amazon.reader import Item, Seller
from agent.channels.amazon.reports import decoded, unpacked
from agent.channels.answers import CallFailed
from agent.channels.base import Lane
from agent.channels.values import record, records, text, whole
from agent.words import in_words

KIND = "JSON_LISTINGS_FEED"
LARGEST = 25_000
CONTENT = "application/json; charset=UTF-8"
PATH = "feeds/2021-06-30"
ASKED_AFTER = (10.0, 20.0, 30.0)
"""Seconds until it is asked how it went, again and again: other quantities of the channel wait meanwhile."""


@dataclass(frozen=True)
class Message:
    """One quantity of a feed."""

    sku: str
    kind: str
    """The product type."""
    patches: list[Item]


@dataclass(frozen=True)
class Ended:
    """How a feed ended. `state`: DONE, FATAL, CANCELLED, or "" where that is not known yet."""

    state: str = ""
    refused: dict[int, str] = field(default_factory=dict)
    """Message, counted from 1 -> why it was not taken."""
    all_refused: str = ""
    """Why none of it was taken."""


class Feeds:
    """Hands in feeds."""

    def __init__(self, doors: Doors, seller: Seller) -> None:
        self._doors, self._seller = doors, seller

    async def hand_in(self, messages: Sequence[Message], lane: Lane) -> str | None:
        """Gives its id; None where Amazon does not say it. Raises CallFailed: `reached` only where it was the last call
        whose answer is lost, for what lies ready changes nothing yet."""
        try:
            made = await self._call("feed file", "POST", f"{PATH}/documents", lane, {"contentType": CONTENT})
            document, url = text(made.get("feedDocumentId")), made.get("url")
            if document is None or not isinstance(url, str):
                raise CallFailed("host", in_words("amazon.unclear", name=self._doors.name), "", reached=False)
            await self._doors.upload(url, self._file(messages), CONTENT)
        except CallFailed as failed:
            raise CallFailed(
                failed.kind, failed.what, failed.fix, failed.retry_after, reached=False, answered=failed.answered
            ) from None
        asked: Item = {
            "feedType": KIND, "marketplaceIds": [self._seller.market.id], "inputFeedDocumentId": document,
        }  # fmt: skip
        return text((await self._call("send feed", "POST", f"{PATH}/feeds", lane, asked)).get("feedId"))

    def _file(self, messages: Sequence[Message]) -> bytes:
        told = [
            {"messageId": number, "sku": each.sku, "operationType": "PATCH", "productType": each.kind,
             "patches": each.patches}
            for number, each in enumerate(messages, 1)
        ]  # fmt: skip
        header = {"sellerId": self._seller.id, "version": "2.0", "issueLocale": "en_US"}
        return json.dumps({"header": header, "messages": told}, ensure_ascii=False, separators=(",", ":")).encode()

    async def ended(self, feed: str, lane: Lane) -> Ended:
        """How it went, as far as Amazon says within a minute. Never raises: it was taken."""
        for seconds in ASKED_AFTER:
            await self._doors.pause(seconds)
            try:
                told = await self._call("feed", "GET", f"{PATH}/feeds/{feed}", lane)
                state = text(told.get("processingStatus")) or ""
                if state == "DONE":
                    return await self._report(text(told.get("resultFeedDocumentId")) or "", lane)
                if state in ("FATAL", "CANCELLED"):
                    return Ended(state)
            except CallFailed:
                continue
        return Ended()

    async def _report(self, document: str, lane: Lane) -> Ended:
        found = await self._call("feed result", "GET", f"{PATH}/documents/{document}", lane)
        content = await self._doors.fetch(str(found.get("url")))
        try:
            report = record(json.loads(decoded(unpacked(content, found.get("compressionAlgorithm")), "utf-8")))
        except ValueError:
            return Ended("DONE")
        return judged(report)

    async def _call(self, operation: str, method: str, path: str, lane: Lane, body: Item | None = None) -> Item:
        answer = await self._doors.call(
            operation, method, path, json=body, lane=lane, idempotent=operation != "send feed"
        )
        return record(answer.json)


def judged(report: Item) -> Ended:
    """What a processing report says. Warnings keep nothing from being taken."""
    refused: dict[int, str] = {}
    whole_feed = ""
    for issue in records(report.get("issues")):
        if issue.get("severity") != "ERROR":
            continue
        message, why = whole(issue.get("messageId")), text(issue.get("message")) or text(issue.get("code")) or "?"
        if message is None:
            whole_feed = whole_feed or why
        else:
            refused.setdefault(message, why)
    nothing = whole(record(report.get("summary")).get("messagesAccepted")) == 0
    return Ended("DONE", refused, whole_feed if nothing else "")
