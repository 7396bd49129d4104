"""What the Trading API's pages declare of the calls that the shop knows, and what of an exchange is not as declared.

There is no contract in a form for programs at hand: the elements stand here as the vendor's pages name them. `*`: any
number of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from agent.practice.wire import Request, Response

Shape = Any
"""str, int or a record of shapes; a name that ends in * may come more than once."""

_ERROR = {"ShortMessage": str, "LongMessage": str, "ErrorCode": int, "SeverityCode": str,
          "ErrorParameters*": {"Value": str}, "ErrorClassification": str}  # fmt: skip
_COMMON = {"Timestamp": str, "Ack": str, "Version": int, "Errors*": _ERROR}
_STATUS = {"ItemID": int, "SKU": str, "StartPrice": str, "Quantity": int}
_ITEM = {
    "ItemID": int, "Title": str, "SKU": str, "ListingType": str, "Quantity": int, "QuantityAvailable": int,
    "ListingDetails": {"ViewItemURL": str},
    "SellingStatus": {"CurrentPrice": str, "QuantitySold": int, "ListingStatus": str},
    "Variations": {"Variation*": {
        "SKU": str, "StartPrice": str, "Quantity": int, "SellingStatus": {"QuantitySold": int},
        "VariationSpecifics": {"NameValueList*": {"Name": str, "Value*": str}},
    }},
    "Seller": {"UserID": str, "Email": str},
}  # fmt: skip
_PAGED = {"Include": str, "Pagination": {"EntriesPerPage": int, "PageNumber": int}}
CALLS: Mapping[str, tuple[Shape, Shape]] = {
    "GetMyeBaySelling": (
        {"OutputSelector*": str, "ActiveList": _PAGED},
        {**_COMMON, "ActiveList": {
            "ItemArray": {"Item*": _ITEM},
            "PaginationResult": {"TotalNumberOfPages": int, "TotalNumberOfEntries": int},
        }},
    ),
    "GetItem": ({"OutputSelector*": str, "ItemID": int}, {**_COMMON, "Item": _ITEM}),
    "ReviseInventoryStatus": ({"InventoryStatus*": _STATUS}, {**_COMMON, "InventoryStatus*": _STATUS}),
    "GetUserPreferences": (
        {"ShowOutOfStockControlPreference": str}, {**_COMMON, "OutOfStockControlPreference": str},
    ),
}  # fmt: skip
"""Call -> what is asked, what is answered."""


def faults_of(request: Request, response: Response) -> list[str]:
    """All that is wrong with an exchange of the Trading API; [] for answers that are no data, such as a web page."""
    call = request.headers.get("x-ebay-api-call-name", "")
    if call not in CALLS:
        return [f"there is no call {call}"]
    asked, answered = CALLS[call]
    root = etree.fromstring(request.body)
    faults = list(_misfits(root, asked, call))
    if etree.QName(root).localname != f"{call}Request":
        faults.append(f"{etree.QName(root).localname} in a call of {call}")
    faults += [f"no {name}" for name in ("x-ebay-api-siteid", "x-ebay-api-compatibility-level") if name not in
               request.headers]  # fmt: skip
    faults += [f"unknown selector {each.text}" for each in root if etree.QName(each).localname == "OutputSelector"
               and not _selects(answered, (each.text or "").split("."))]  # fmt: skip
    if "xml" in response.headers.get("Content-Type", ""):
        faults += _misfits(etree.fromstring(response.body), answered, f"{call}Response")
    return faults


def _selects(shape: Shape, path: list[str]) -> bool:
    for name in path:
        if not isinstance(shape, dict) or not {name, f"{name}*"} & shape.keys():
            return False
        shape = shape.get(name, shape.get(f"{name}*"))
    return True


def _misfits(element: Any, shape: Shape, place: str) -> Iterator[str]:
    if not isinstance(shape, dict):
        if len(element):
            yield f"{place} has something in it"
        elif shape is int and not (element.text or "").isdecimal():
            yield f"{place} = {element.text!r} is no whole number"
        return
    seen: set[str] = set()
    for child in element:
        name = etree.QName(child).localname
        if name not in shape and f"{name}*" not in shape:
            yield f"unknown element {place}.{name}"
            continue
        if name in seen and f"{name}*" not in shape:
            yield f"{place}.{name} comes twice"
        seen.add(name)
        yield from _misfits(child, shape.get(name, shape.get(f"{name}*")), f"{place}.{name}")
