"""Which SKUs there are, by a report (GET_MERCHANT_LISTINGS_ALL_DATA): for accounts with more than a search shows.

Asked for, made within minutes, laid ready at another address for five of them: lines in tabs, mostly packed. It tells
SKUs and barcodes here, and nothing else: Amazon may hand out one that is hours old.
"""

from __future__ import annotations

import csv
import io
import zlib

from agent.channels.amazon.reader import Reader
from agent.channels.answers import CallFailed
from agent.channels.http import TRY_AGAIN
from agent.channels.values import text
from agent.words import in_words

KIND = "GET_MERCHANT_LISTINGS_ALL_DATA"
WAITS = (5.0, 10.0, 15.0, 30.0, *(60.0,) * 14)
"""Seconds between two questions whether it is ready: a quarter of an hour altogether."""
LARGEST = 1024**3
SKU, CODE, CODE_KIND = "seller-sku", "product-id", "product-id-type"
BARCODES = frozenset({"2", "3", "4", "5"})
"""Kinds of product-id that are barcodes (1 is Amazon's own number)."""


async def every_sku(ask: Reader) -> dict[str, str | None]:
    """SKU -> barcode. Raises CallFailed where it is not made, or cannot be read."""
    body = {
        "reportType": KIND, "marketplaceIds": [ask.seller.market.id],
        "reportOptions": {"preferredReportDocumentLocale": "en_US"},
    }  # fmt: skip
    path = "reports/2021-06-30/reports"
    answer = await ask.doors.call("make report", "POST", path, json=body, lane=ask.lane, idempotent=False)
    ask.look.saw(answer)
    made = answer.json.get("reportId") if isinstance(answer.json, dict) else None
    document = await _ready(ask, f"{path}/{made}")
    found = await ask.get("report file", f"reports/2021-06-30/documents/{document}")
    content = await ask.doors.fetch(str(found.get("url")))
    try:
        plain = unpacked(content, found.get("compressionAlgorithm"))
        return skus_of(decoded(plain, ask.seller.market.encoding))
    except ValueError as wrong:
        raise _failed(ask, str(wrong)) from None


async def _ready(ask: Reader, path: str) -> str:
    """Waits for it; gives the document's id."""
    for seconds in WAITS:
        await ask.doors.pause(seconds)
        report = await ask.get("report", path)
        state, document = text(report.get("processingStatus")), text(report.get("reportDocumentId"))
        if state == "DONE" and document:
            return document
        if state not in ("IN_QUEUE", "IN_PROGRESS"):
            raise _failed(ask, in_words("amazon.ended_as", state=state or "?"))
    raise _failed(ask, in_words("amazon.took_too_long"))


def _failed(ask: Reader, why: str) -> CallFailed:
    return CallFailed("host", in_words("amazon.report_failed", name=ask.name, why=why), TRY_AGAIN, reached=False)


def unpacked(content: bytes, how: object) -> bytes:
    """Raises ValueError where it cannot be unpacked, or opens to something too big (R18)."""
    if how is None:
        return content
    try:
        opener = zlib.decompressobj(wbits=31)
        found = opener.decompress(content, LARGEST)
    except zlib.error:
        raise ValueError(in_words("amazon.not_packed")) from None
    if opener.unconsumed_tail or not opener.eof:
        raise ValueError(in_words("amazon.not_packed"))
    return found


def decoded(content: bytes, fallback: str) -> str:
    """As UTF-8 where it is that; else as that country's reports are written."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(fallback, errors="replace")


def skus_of(content: str) -> dict[str, str | None]:
    """SKU -> barcode, by the headings. Raises ValueError where there is no column of SKUs: no empty account (I11)."""
    rows = csv.DictReader(io.StringIO(content), delimiter="\t", quoting=csv.QUOTE_NONE)
    if SKU not in (rows.fieldnames or ()):
        raise ValueError(in_words("amazon.no_sku_column"))
    found: dict[str, str | None] = {}
    for row in rows:
        if (sku := row[SKU] or "").strip():
            found[sku] = text(row.get(CODE)) if row.get(CODE_KIND) in BARCODES else None
    return found
