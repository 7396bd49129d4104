"""Feeds, reports, and the store of files beside them, whose addresses need no key and last five minutes."""

from __future__ import annotations

import gzip
import json
from typing import Any

from agent.practice.amazon.declared import contract, misfits
from agent.practice.amazon.listing_calls import Path, Told, problems, take, told_time
from agent.practice.amazon.offers import OWN, Offer
from agent.practice.amazon.shop import Job, Shop
from agent.practice.amazon.wording import absent, invalid
from agent.practice.wire import Request, Response

FEED, REPORT = "JSON_LISTINGS_FEED", "GET_MERCHANT_LISTINGS_ALL_DATA"
COLUMNS = (
    "item-name", "item-description", "listing-id", "seller-sku", "price", "quantity", "open-date", "product-id-type",
    "asin1", "product-id", "pending-quantity", "fulfillment-channel", "status",
)  # fmt: skip


def files(shop: Shop, request: Request) -> Response:
    """PUT and GET of a file at the address that was given for it."""
    file, until = shop.addresses.get(request.path.rpartition("/")[2], ("", shop.clock()))
    if not file or shop.clock() >= until:
        return Response(403, b"<Error><Code>AccessDenied</Code></Error>", {"Content-Type": "application/xml"})
    if "x-amz-access-token" in request.headers or "authorization" in request.headers:
        text = b"<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>"
        return Response(400, text, {"Content-Type": "application/xml"})
    if request.method == "GET":
        return Response(200, shop.files[file], {"Content-Type": "application/octet-stream"})
    if shop.faults.strikes("upload_fails", shop.rng):
        return Response(503, b"<Error><Code>SlowDown</Code></Error>", {"Content-Type": "application/xml"})
    shop.files[file] = request.body
    return Response(200)


# --- feeds ------------------------------------------------------------------------------------------------------------


def create_feed_document(shop: Shop, request: Request, path: Path) -> Told:
    """POST /feeds/2021-06-30/documents."""
    file = shop.store(b"")
    return {"feedDocumentId": file, "url": shop.address(request.base, file)}


def create_feed(shop: Shop, request: Request, path: Path) -> Told:
    """POST /feeds/2021-06-30/feeds."""
    body = request.json()
    if body["feedType"] != FEED:
        raise invalid(f"Invalid feedType: {body['feedType']}")
    if not shop.files.get(body["inputFeedDocumentId"]):
        raise invalid("The feed document was not uploaded.")
    job = shop.begin(FEED, shop.faults.feed_seconds, shop.faults.feed_ends, source=body["inputFeedDocumentId"],
                     marketplaces=body["marketplaceIds"])  # fmt: skip
    return {"feedId": job.id}


def get_feed(shop: Shop, request: Request, path: Path) -> Told:
    """GET /feeds/2021-06-30/feeds/{feedId}."""
    job = _job(shop, path["feedId"], FEED)
    told = {"feedId": job.id, "feedType": job.kind, "marketplaceIds": job.marketplaces,
            "createdTime": told_time(job.created), "processingStatus": _state(shop, job)}  # fmt: skip
    return {**told, **({"resultFeedDocumentId": job.document} if job.document else {})}


def document(shop: Shop, request: Request, path: Path) -> Told:
    """GET .../documents/{id}: where the file can be fetched."""
    ((name, id_),) = path.items()
    if id_ not in shop.files:
        raise absent(f"Document {id_}")
    zipped = {"compressionAlgorithm": "GZIP"} if shop.files[id_][:2] == b"\x1f\x8b" else {}
    return {name: id_, "url": shop.address(request.base, id_), **zipped}


def work_off(shop: Shop) -> None:
    """Feeds and reports that are ready by now."""
    for job in shop.jobs.values():
        if not job.started and shop.clock() >= job.ready:
            job.started = True
            if job.ends == "DONE" and job.kind == FEED:
                job.document = shop.store(_packed(shop, json.dumps(_feed(shop, job)).encode()))
            elif job.ends == "DONE":
                job.document = shop.store(_packed(shop, _report(shop)))
    shop.land()


def _feed(shop: Shop, job: Job) -> Told:
    """Carry out what the file says; the processing report."""
    told = json.loads(shop.files[job.source])
    faults = list(misfits(told, contract()["files"]["feed"], "feed"))
    messages = [] if faults or told["header"]["sellerId"] != shop.seller_id else told["messages"]
    issues: list[Told] = [] if messages else [
        {"code": "4000000", "severity": "ERROR", "message": f"The feed is invalid: {'; '.join(faults[:3])}"}
    ]  # fmt: skip
    bad = 0
    for message in messages:
        found = problems(shop, message["sku"], message["patches"])
        bad += bool(found)
        issues += [
            {"messageId": message["messageId"], "sku": message["sku"],
             **{name: each[name] for name in ("code", "severity", "message")}}
            for each in found
        ]  # fmt: skip
        if not found:
            take(shop, message["sku"], message["patches"], shop.faults.apply_after)
    summary = {"errors": len(issues), "warnings": 0, "messagesProcessed": len(messages),
               "messagesAccepted": len(messages) - bad, "messagesInvalid": bad}  # fmt: skip
    return {"header": {"sellerId": shop.seller_id, "version": "2.0", "feedId": job.id}, "issues": issues,
            "summary": summary}  # fmt: skip


# --- reports ----------------------------------------------------------------------------------------------------------


def create_report(shop: Shop, request: Request, path: Path) -> Told:
    """POST /reports/2021-06-30/reports."""
    body = request.json()
    if body["reportType"] != REPORT or body["marketplaceIds"] != [shop.marketplace]:
        raise invalid("Invalid reportType or marketplaceIds.")
    job = shop.begin(REPORT, shop.faults.report_seconds, shop.faults.report_ends, marketplaces=body["marketplaceIds"])
    return {"reportId": job.id}


def get_report(shop: Shop, request: Request, path: Path) -> Told:
    """GET /reports/2021-06-30/reports/{reportId}."""
    job = _job(shop, path["reportId"], REPORT)
    told = {"reportId": job.id, "reportType": job.kind, "marketplaceIds": job.marketplaces,
            "createdTime": told_time(job.created), "processingStatus": _state(shop, job)}  # fmt: skip
    return {**told, **({"reportDocumentId": job.document} if job.document else {})}


def _report(shop: Shop) -> bytes:
    """A line an offer, in tabs. The quantity of what Amazon keeps is left empty."""
    lines = ["\t".join(COLUMNS), *("\t".join(map(str, _cells(offer))) for offer in shop.offers.values())]
    return "\r\n".join(lines).encode(shop.encoding, errors="replace")


def _cells(offer: Offer) -> list[Any]:
    units = offer.channels.get(OWN)
    keeper = next((code for code in offer.channels if code != OWN), OWN)
    ended = "Active" if offer.buyable else "Inactive"
    return [
        offer.name, "", f"1122{offer.sku}", offer.sku, offer.price, "" if units is None else units,
        f"{offer.created:%Y-%m-%d %H:%M:%S} PST", 4 if offer.barcode else 1, offer.asin, offer.barcode or offer.asin, 0,
        keeper, ended,
    ]  # fmt: skip


def _job(shop: Shop, id_: str, kind: str) -> Job:
    if id_ not in shop.jobs or shop.jobs[id_].kind != kind:
        raise absent(id_)
    return shop.jobs[id_]


def _state(shop: Shop, job: Job) -> str:
    return job.ends if job.started else "IN_PROGRESS" if shop.clock() > job.created else "IN_QUEUE"


def _packed(shop: Shop, content: bytes) -> bytes:
    return gzip.compress(content, mtime=0) if shop.zipped else content
