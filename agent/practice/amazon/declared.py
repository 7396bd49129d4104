"""What Amazon's models declare of each call, and what of a request is not as declared.

`contract.json` is cut out of the vendor's models (`tests/practice/cut_amazon.py`): parameters, bodies, answers, and the
files of a feed. A field or a parameter that nobody declared is a misfit, whatever the real one would say to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from agent.practice.wire import Request, whole

FILE = Path(__file__).with_name("contract.json")
Schema = Mapping[str, Any]
_KINDS = {"string": str, "array": list, "object": dict, "boolean": bool}
UNKNOWN = "there is no field"
EXTRA = {"MarketplaceId", "MarketplaceIds", "marketplaceIds", "marketplace_ids", "path"}
"""What python-amazon-sp-api puts into the query or the body of every call, declared or not."""
_EXTRA_FIELDS = {f"{UNKNOWN} body.{name}" for name in EXTRA}


@cache
def contract() -> dict[str, Any]:
    """calls: operation -> method, path, query, body, answers; definitions; files (of feeds)."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


@cache
def _patterns() -> dict[str, tuple[str, re.Pattern[str], tuple[str, ...]]]:
    found = {}
    for name, call in contract()["calls"].items():
        names = tuple(re.findall(r"\{(\w+)\}", call["path"]))
        plain = re.sub(r"\{(?!sku)\w+\}", "([^/]+)", call["path"]).replace("{sku}", "(.+)")
        found[name] = (call["method"], re.compile(plain), names)
    return found


def operation_of(request: Request) -> tuple[str, dict[str, str]] | None:
    """Which call it is, and what stands in its path; None where there is none of that method and path."""
    for name, (method, pattern, names) in _patterns().items():
        if method == request.method and (found := pattern.fullmatch(request.path)):
            return name, {key: unquote(value) for key, value in zip(names, found.groups(), strict=True)}
    return None


def misfits_of_request(operation: str, request: Request, *, strict: bool = True) -> list[str]:
    """What of a request is not as declared: sentences, none where all is well. Not `strict`: what a client in use
    adds to every call is passed over, as Amazon does."""
    call = contract()["calls"][operation]
    query = [(name, value) for name, value in request.query if strict or name in call["query"] or name not in EXTRA]
    faults = list(_query(call["query"], query))
    if call["body"] is None:
        return faults + (["there is a body where none is wanted"] if request.body else [])
    try:
        body = request.json()
    except ValueError:
        return [*faults, "the body is not JSON"]
    found = faults + list(misfits(body, call["body"], "body"))
    return [each for each in found if strict or each not in _EXTRA_FIELDS]


def _query(declared: Mapping[str, Schema], query: Sequence[tuple[str, str]]) -> Iterator[str]:
    given = [name for name, _ in query]
    yield from (f"{name} is missing" for name, each in declared.items() if each.get("required") and name not in given)
    yield from (f"{name} is given twice" for name in set(given) if given.count(name) > 1)
    for name, raw in query:
        if name not in declared:
            yield f"there is no parameter {name}"
            continue
        schema = declared[name]
        values = raw.split(",") if schema["type"] == "array" else [raw]
        allowed = schema.get("enum") or schema.get("items", {}).get("enum")
        yield from (
            f"{name} does not take {value}" for value in values if not value or (allowed and value not in allowed)
        )
        if len(values) > schema.get("maxItems", len(values)):
            yield f"{name} has {len(values)} values"
        if schema["type"] == "integer" and ((size := whole(raw)) is None or size > schema.get("maximum", size)):
            yield f"{name} does not take {raw}"


def misfits(found: Any, schema: Schema, place: str) -> Iterator[str]:
    """Where a value has fields that the schema does not have, lacks some, or is of another kind."""
    while "$ref" in schema:
        schema = contract()["definitions"][schema["$ref"].rpartition("/")[2]]
    kind = schema.get("type")
    if kind == "integer":
        if isinstance(found, bool) or not isinstance(found, int) or found < schema.get("minimum", found):
            yield f"{place} is no such whole number"
    elif kind in _KINDS and not isinstance(found, _KINDS[kind]):
        yield f"{place} is no {kind}"
    elif "enum" in schema and found not in schema["enum"]:
        yield f"{place} does not take {found}"
    elif isinstance(found, dict) and "properties" in schema:
        yield from (f"{place}.{name} is missing" for name in schema.get("required", ()) if name not in found)
        for name, value in found.items():
            if name not in schema["properties"]:
                yield f"{UNKNOWN} {place}.{name}"
            else:
                yield from misfits(value, schema["properties"][name], f"{place}.{name}")
    elif isinstance(found, list):
        if not schema.get("minItems", 0) <= len(found) <= schema.get("maxItems", len(found)):
            yield f"{place} has {len(found)} entries"
        for each in found:
            yield from misfits(each, schema.get("items", {}), f"{place}[]")
