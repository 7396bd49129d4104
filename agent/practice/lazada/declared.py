"""What Lazada's contract declares of each call, and what of an exchange is not as declared.

`endpoints.json` is cut out of the vendor's contract (`tests/practice/cut_lazada.py`). Its tables print most numbers of
answers as text and real answers do not, so that numbers and text are one kind there; names, lists and objects must be
as declared. What only sentences say (the most of a page, the words that a filter takes) stands here, with its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

FILE = Path(__file__).with_name("endpoints.json")
SET = "/product/stock/sellable/update"
SYSTEM = {"app_key", "timestamp", "sign_method", "sign"}
EXTRA = {"partner_id", "debug", "access_token"}
"""What the platform's own clients send with any call; all of it is signed."""
ENVELOPE = frozenset({"code", "type", "message", "detail", "request_id"})
MOST_SKUS = 50  # "The maximum number of products that can be updated is 50" (UpdateSellableQuantity)
MOST = {
    ("/products/get", "limit"): 50,  # "The maximum is 50"
    ("/products/get", "offset"): 10_000,  # "The maximum offset is 10000"
    ("/orders/get", "limit"): 100,  # "The supported maximum number is 100"
    ("/orders/get", "offset"): 5_000,  # "Maximum value: 5000" (guide to orders)
}
TAKES = {
    ("/products/get", "filter"): {"all", "live", "inactive", "deleted", "pending", "rejected", "sold-out"},
    ("/orders/get", "sort_direction"): {"ASC", "DESC"},
    ("/orders/get", "sort_by"): {"created_at", "updated_at"},
    # of the parameter's description and of error 6
    ("/orders/get", "status"): {
        "unpaid", "pending", "packed", "canceled", "ready_to_ship", "delivered", "returned", "shipped", "failed",
        "topack", "toship", "shipping", "lost", "lost_by_3pl", "damaged_by_3pl", "failed_delivery", "shipped_back",
        "shipped_back_success", "shipped_back_failed", "package_scrapped",
    },
}  # fmt: skip
TIMES = {
    "/products/get": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}",  # as in its sample: 2018-01-01T00:00:00+0800
    "/orders/get": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d",  # error 17: YYYY-MM-DDTHH:mm:ss±HH:MM
}
GATEWAY = (
    ("IllegalAccessToken", "The specified access token is invalid or expired"),
    ("IncompleteSignature", "The request signature does not conform to lazop standards"),
    ("MissingParameter", "the input parameter “*” that is mandatory for processing this request is not supplied"),
    ("ApiCallLimit", "Api access frequency exceeds the limit. this ban will last * seconds*"),  # questions on stock, 10
    ("ServiceTimeout", "*"),  # questions on stock, 11
    ("998", "To ensure stability of service, this API service is disabled*"),  # questions on stock, 7
    ("IllegalTimestamp", "*"),  # the clock's two hours are documented, the name of the error is not
    ("InsufficientPermission", "*"),  # seen by others, in no table
    ("501", "negative sellable on channel inventory"),  # questions on stock, 8; the rest of `detail` is not documented
)
"""Errors that any call may give; * stands for anything."""


@cache
def endpoints() -> dict[str, dict[str, Any]]:
    """Path -> method, request (name -> kind, ! where it must be there), answer, errors; of one call its payload."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def misfits_of_request(path: str, method: str, params: Sequence[tuple[str, str]]) -> list[str]:
    """What of a request the contract does not have: sentences, none where all is well. `params`: of query and form."""
    declared = endpoints().get(path)
    if declared is None:
        return [f"there is no call {path}"]
    faults = (
        [f"{path} is called with {declared['method']}, not {method}"]
        if method != declared["method"] and not (method == "GET" and path.startswith("/auth/"))
        else []
    )
    given = dict(params)
    needs = SYSTEM if path.startswith("/auth/") else SYSTEM | {"access_token"}
    faults += [f"parameter {name} is missing" for name in sorted(needs - given.keys())]
    faults += [f"parameter {name} is sent twice" for name in given if [each for each, _ in params].count(name) > 1]
    faults += [f"parameter {name} is empty" for name, value in params if not value]
    known = declared["request"]
    faults += [f"parameter {name} is missing" for name, kind in known.items() if kind[-1] == "!" and name not in given]
    at_ease = needs | EXTRA
    faults += [f"there is no parameter {name}" for name in given if name not in known and name not in at_ease]
    for name in known.keys() & given.keys():
        faults += _parameter(path, name, known[name].rstrip("!"), given[name])
    if path == "/orders/get" and not {"update_after", "created_after"} & given.keys():
        faults.append("either update_after or created_after must be there")
    return faults


def _parameter(path: str, name: str, kind: str, value: str) -> Iterator[str]:
    if kind == "array" and not re.fullmatch(r"\[\d+(,\d+){0,49}\]", value):
        yield f"{name}={value} is no list of up to 50 numbers in square brackets"
    if (kind == "integer" or (path, name) in MOST) and not re.fullmatch(r"\d{1,19}", value):
        yield f"{name}={value} is no whole number"
    elif (path, name) in MOST and int(value) > MOST[path, name]:
        yield f"{name} is more than {MOST[path, name]}"
    if (path, name) in TAKES and value not in TAKES[path, name]:
        yield f"{name} does not take {value}"
    if name.endswith(("_after", "_before")) and not re.fullmatch(TIMES[path], value):
        yield f"{name}={value} is no time as it must be"
    if name == "sku_seller_list" and not _is_list_of_names(value):
        yield f"{name} is no JSON list of up to 100 names"
    if name == "addressTypes" and value != '["warehouse"]':
        yield f"{name} does not take {value}"
    if name == "payload":
        yield from misfits_of_payload(value)


def _is_list_of_names(value: str) -> bool:
    try:
        found = json.loads(value)
    except ValueError:
        return False
    return isinstance(found, list) and 0 < len(found) <= 100 and all(isinstance(each, str) for each in found)


def misfits_of_payload(payload: str) -> list[str]:
    """What of the XML the document's sample does not have."""
    try:
        root = ElementTree.fromstring(payload)  # noqa: S314 - a practice shop reads what this computer wrote
    except ElementTree.ParseError:
        return ["the payload is no XML"]
    if root.tag != "Request":
        return [f"the payload's root is {root.tag}, not Request"]
    return list(_element("Request", root, endpoints()[SET]["payload"]["Request"]))


def _element(where: str, element: ElementTree.Element, known: Any) -> Iterator[str]:
    if known == "string":
        if len(element) or not (element.text or "").strip():
            yield f"{where} holds no value"
        elif element.tag in ("ItemId", "SkuId", "SellableQuantity") and not re.fullmatch(
            r"\d{1,19}", element.text or ""
        ):
            yield f"{where} = {element.text} is no whole number"
        return
    for child in element:
        if child.tag not in known:
            yield f"there is no element {where}.{child.tag}"
        else:
            yield from _element(f"{where}.{child.tag}", child, known[child.tag])


def misfits_of_answer(path: str, answer: Any) -> list[str]:
    """What of an answer the contract does not have."""
    if not isinstance(answer, dict):
        return ["the answer is no object"]
    if not isinstance(answer.get("code"), str) or not answer.get("request_id"):
        return ["the answer has no code, or no request_id"]
    known = endpoints()[path]["answer"]
    return list(
        _object("", known, {name: value for name, value in answer.items() if name not in ENVELOPE - set(known)})
    )


def documented(path: str, code: str, message: str) -> bool:
    """Whether an error with this code and sentence is one that the call may give."""
    said = _plain(message)
    return any(
        code == name and re.fullmatch(".*".join(map(re.escape, _plain(words).split("*"))), said)
        for name, words in [*endpoints()[path]["errors"], *GATEWAY]
    )


def _plain(words: str) -> str:
    return re.sub(r'^e\d+:\s*|"%s"\s*', "", words.strip().lower()).rstrip(".")


def _object(where: str, known: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    variations = _variations(found) | {"saleProp"}
    for name, value in found.items():
        if name in known:
            yield from _value(f"{where}{name}", known[name], value, variations)
        else:
            yield f"there is no field {where}{name}"


def _variations(item: Mapping[str, Any]) -> set[str]:
    """The names that an item gives to what its SKUs differ in: its SKUs have fields of these names."""
    told = item.get("variation")
    return {each["name"] for each in told.values()} if isinstance(told, dict) else set()


def _value(where: str, kind: Any, value: Any, own: set[str]) -> Iterator[str]:
    if value is None or kind == "any":
        return
    if isinstance(kind, list):
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for each in value:
            bare = {name: said for name, said in each.items() if name not in own} if where.endswith("kus") else each
            yield from _value(where, kind[0], bare, own)
    elif isinstance(kind, dict):
        if not isinstance(value, dict):
            yield f"{where} is no object"
            return
        yield from _object(f"{where}.", kind, value)
    elif isinstance(value, dict | list) or isinstance(value, bool) != (kind == "boolean"):
        yield f"{where} = {value!r} is no {kind}"
