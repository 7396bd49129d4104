"""The Trading API: XML in, XML out, one address, the call's name in a header; errors with status 200.

Written from the vendor's pages (GetMyeBaySelling, GetItem, ReviseInventoryStatus, GetUserPreferences, OutputSelector)
and from answers that others recorded. As with the real one, an element that a call does not know is passed over without
a word; `declared.faults_of` says it, for tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from agent.practice.ebay.shop import BASE, Shop
from agent.practice.ebay.stock import Listing, Variation
from agent.practice.wire import Request, Response, whole

NAMESPACE = "urn:ebay:apis:eBLBaseComponents"
_N = f"{{{NAMESPACE}}}"
VERSION = "1451"
Node = Any
Tree = Mapping[str, Any]


class Refused(Exception):
    """A call that is refused as a whole: number, words, and the values that it names."""

    def __init__(self, number: int, message: str, *about: str, system: bool = False) -> None:
        super().__init__(message)
        self.number, self.message, self.about, self.system = number, message, about, system


def respond(shop: Shop, request: Request) -> Response:
    """The answer to a call."""
    call = request.headers.get("x-ebay-api-call-name", "")
    try:
        _admit(shop, request, call)
        root = etree.fromstring(request.body)
        body = _CALLS[call](shop, root)
    except Refused as refused:
        body = {"Ack": "Failure", "Errors": [_error(refused)]}
    except etree.XMLSyntaxError:
        body = {"Ack": "Failure", "Errors": [_error(Refused(5, "XML Parse error."))]}
    return _xml(call or "Unknown", {"Timestamp": _said(shop.moment()), **body, "Version": VERSION})


def _admit(shop: Shop, request: Request, call: str) -> None:
    grant = shop.grant(request.headers.get("x-ebay-api-iaf-token", ""))
    if call not in _CALLS or request.headers.get("x-ebay-api-compatibility-level") is None:
        raise Refused(2, "Unsupported API call.")
    if request.headers.get("x-ebay-api-siteid") is None:
        raise Refused(10009, "Site ID is missing.")
    if grant is None or grant.refresh is None or shop.faults.strikes("expired_token", shop.rng):
        raise Refused(21917053, "IAF token supplied is expired.")
    if BASE not in grant.scopes:
        raise Refused(21916984, "Invalid IAF token.")
    if shop.faults.strikes("trading_busy", shop.rng):
        raise Refused(10007, "Internal error to the application.", system=True)
    if not shop.count("trading") or shop.faults.strikes("usage_limit", shop.rng):
        raise Refused(518, "Call usage limit has been reached.")


# --- reading ----------------------------------------------------------------------------------------------------------


def _selling(shop: Shop, root: Node) -> Tree:
    """The container is left out where nothing is for sale."""
    wanted = root.find(f"{_N}ActiveList")
    if wanted is None or not _true(wanted.findtext(f"{_N}Include", "true")):
        return {"Ack": "Success"}
    size = whole(wanted.findtext(f"{_N}Pagination/{_N}EntriesPerPage", "25"))
    number = whole(wanted.findtext(f"{_N}Pagination/{_N}PageNumber", "1"))
    if size is None or not 1 <= size <= 200 or not number:
        raise Refused(340, "Page number or entries per page is out of range.")
    active = shop.active()
    if not active:
        return {"Ack": "Success"}
    shown = active[(number - 1) * size : number * size]
    if shop.faults.strikes("stops_early", shop.rng):
        shown = shown[:-1]
    body = {"Ack": "Success", "ActiveList": {
        "ItemArray": {"Item": [_item(each, listed=True) for each in shown]},
        "PaginationResult": {"TotalNumberOfPages": -(-len(active) // size), "TotalNumberOfEntries": len(active)},
    }}  # fmt: skip
    return _selected(root, body)


def _true(said: str) -> bool:
    return said.strip().lower() in ("true", "1")


def _get_item(shop: Shop, root: Node) -> Tree:
    id_ = root.findtext(f"{_N}ItemID", "")
    listing = shop.listings.get(whole(id_) or 0)
    if listing is None:
        raise Refused(17, "This item cannot be accessed: it has been deleted, or you are not the seller.", id_)
    return _selected(root, {"Ack": "Success", "Item": _item(listing, listed=False)})


def _item(listing: Listing, *, listed: bool) -> Tree:
    """`Quantity` has what was sold in it; only the list has `QuantityAvailable`."""
    sold, available = sum(each.sold for each in listing.shown), sum(each.available for each in listing.shown)
    found: dict[str, Any] = {
        "ItemID": listing.id,
        "ListingDetails": {"ViewItemURL": f"https://www.ebay.com/itm/{listing.id}"},
        "ListingType": listing.kind,
        "Quantity": available + sold,
        "SellingStatus": {"CurrentPrice": ("USD", listing.variations[0].price), "QuantitySold": sold},
        "Title": listing.title,
    }
    if listed:
        found["QuantityAvailable"] = available
    else:
        found["SellingStatus"]["ListingStatus"] = listing.status
        found["Seller"] = {"UserID": "practice-seller", "Email": "Invalid Request"}
    if not listing.varied and listing.variations[0].sku is not None:
        found["SKU"] = listing.variations[0].sku
    if listing.varied:
        found["Variations"] = {"Variation": [_variation(each) for each in listing.shown]}
    return found


def _variation(each: Variation) -> Tree:
    named = [{"Name": name, "Value": value} for name, value in each.specifics.items()]
    sku = {} if each.sku is None else {"SKU": each.sku}
    return {
        **sku,
        "StartPrice": ("USD", each.price),
        "Quantity": each.available + each.sold,
        "SellingStatus": {"QuantitySold": each.sold},
        "VariationSpecifics": {"NameValueList": named},
    }


def _preferences(shop: Shop, root: Node) -> Tree:
    if not _true(root.findtext(f"{_N}ShowOutOfStockControlPreference", "")):
        return {"Ack": "Success"}
    return {"Ack": "Success", "OutOfStockControlPreference": "true" if shop.out_of_stock_control else "false"}


def _selected(root: Node, body: Tree) -> Tree:
    """Only what the selectors name, with all that is in it."""
    wanted = [tuple(path.strip().split(".")) for each in root.findall(f"{_N}OutputSelector")
              for path in (each.text or "").split(",")]  # fmt: skip
    if not wanted:
        return body
    cuts = {name: _cut(value, [path[1:] for path in wanted if path[0] == name]) for name, value in body.items()}
    return {"Ack": body["Ack"], **{name: cut for name, cut in cuts.items() if cut is not None}}


def _cut(value: Any, wanted: Sequence[tuple[str, ...]]) -> Any:
    if not wanted:
        return None
    if () in wanted:
        return value
    if isinstance(value, list):
        return [_cut(each, wanted) for each in value]
    if not isinstance(value, dict):
        return None
    parts = {name: _cut(inner, [p[1:] for p in wanted if p[0] == name]) for name, inner in value.items()}
    return {name: inner for name, inner in parts.items() if inner is not None}


# --- writing ----------------------------------------------------------------------------------------------------------


def _revise(shop: Shop, root: Node) -> Tree:
    asked = root.findall(f"{_N}InventoryStatus")
    if not 1 <= len(asked) <= 4:
        raise Refused(21916285, "The number of inventory statuses must be between 1 and 4.")
    keys = [(each.findtext(f"{_N}ItemID"), each.findtext(f"{_N}SKU")) for each in asked]
    if len(set(keys)) < len(keys):
        raise Refused(21916562, "The same item was named twice.")
    errors: list[Refused] = []
    work: list[tuple[Node, Listing, Variation, int]] = []
    for each in asked:
        try:
            work.append((each, *_meant(shop, each)))
        except Refused as refused:
            errors.append(refused)
    if errors and (shop.faults.whole_call or not work):
        return {"Ack": "Failure", "Errors": [_error(each) for each in errors]}
    warnings = [_revised(shop, listing, variation, units) for _, listing, variation, units in work]
    done = [{"ItemID": listing.id, "SKU": each.findtext(f"{_N}SKU") or "", "StartPrice": ("USD", variation.price),
             "Quantity": units + variation.sold} for each, listing, variation, units in work]  # fmt: skip
    redundant = [_redundant() for each in warnings if each]
    ack = "PartialFailure" if errors else "Warning" if redundant else "Success"
    return {"Ack": ack, "Errors": [_error(each) for each in errors] + redundant, "InventoryStatus": done}


def _meant(shop: Shop, asked: Node) -> tuple[Listing, Variation, int]:
    id_, sku = asked.findtext(f"{_N}ItemID", ""), asked.findtext(f"{_N}SKU")
    listing = shop.listings.get(whole(id_) or 0)
    if listing is None:
        raise Refused(231, "Item not found.", id_)
    if listing.status != "Active":
        raise Refused(21916750, f'You are not allowed to revise an ended item "{id_}".', id_)
    if listing.kind != "FixedPriceItem":
        raise Refused(21916286, "Valid Listing type for fixedprice apis are FixedPriceItem and StoresFixedPrice.", id_)
    if listing.inventory:
        raise Refused(21919474, "Inventory-based listing management is not currently supported by this tool.", id_)
    if listing.varied and not sku:
        raise Refused(21916664, "Variation level SKU is required for a multi-variation listing.", id_)
    found = listing.by_sku(sku)
    if len(found) != 1:
        raise Refused(21916799, "SKU Mismatch.", sku or "")
    units = asked.findtext(f"{_N}Quantity", "")
    if whole(units) is None:
        raise Refused(515, "The quantity must be a valid number.", id_)
    if listing.id in shop.faults.reject:
        raise Refused(240, "The item cannot be listed or modified.", id_)
    if shop.revised_too_often(listing):
        raise Refused(21919165, "You have exceeded the number of times this listing may be revised in a day.", id_)
    return listing, found[0], int(units)


def _revised(shop: Shop, listing: Listing, variation: Variation, units: int) -> bool:
    """True: it stood there already."""
    same = variation.available == units
    if listing.id not in shop.faults.eat_writes:
        shop.revise(listing, variation, units)
    return same


# --- words ------------------------------------------------------------------------------------------------------------


def _redundant() -> Tree:
    return {"ShortMessage": "Requested Quantity revision is redundant.", "ErrorCode": 21917092,
            "LongMessage": "The existing quantity is the same as the requested one.", "SeverityCode": "Warning",
            "ErrorClassification": "RequestError"}  # fmt: skip


def _error(refused: Refused) -> Tree:
    return {
        "ShortMessage": refused.message.partition(".")[0] + ".", "LongMessage": refused.message,
        "ErrorCode": refused.number, "SeverityCode": "Error",
        "ErrorParameters": [{"Value": each} for each in refused.about],
        "ErrorClassification": "SystemError" if refused.system else "RequestError",
    }  # fmt: skip


def _xml(call: str, body: Tree) -> Response:
    inner = "".join(_written(name, value) for name, value in body.items())
    text = f'<?xml version="1.0" encoding="UTF-8"?><{call}Response xmlns="{NAMESPACE}">{inner}</{call}Response>'
    return Response(200, text.encode(), {"Content-Type": "text/xml;charset=utf-8"})


def _written(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_written(name, each) for each in value)
    if isinstance(value, tuple):
        return f'<{name} currencyID="{value[0]}">{value[1]}</{name}>'
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_pairs(value.items()))}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"


def _pairs(items: Iterable[tuple[str, Any]]) -> Iterable[str]:
    return (_written(name, value) for name, value in items)


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


_CALLS = {
    "GetMyeBaySelling": _selling, "GetItem": _get_item, "ReviseInventoryStatus": _revise,
    "GetUserPreferences": _preferences,
}  # fmt: skip
