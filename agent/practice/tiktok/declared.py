"""What TikTok Shop's documents declare of each operation, and what of an exchange is not as declared.

`endpoints.json` is cut out of the vendor's documents (`tests/practice/cut_tiktok.py`): names, types, what is required,
the words that a field takes and the most that a list may hold. The two token calls have no such document: they stand
here as they were seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from agent.practice.wire import parsed

FILE = Path(__file__).with_name("endpoints.json")
Field = Mapping[str, Any]
COMMON = ("app_key", "timestamp", "sign")
LARGEST_PAGE = 100
TOKENS: dict[str, dict[str, Any]] = {
    name: {
        "method": "GET",
        "path": path,
        "cipher": False,
        "query": {each: {"type": "str", "required": True} for each in ("app_key", "app_secret", wanted, "grant_type")},
        "body": None,
        "answer": {
            "code": {"type": "int"}, "message": {"type": "str"}, "request_id": {"type": "str"},
            "data": {"type": "object", "fields": {
                "access_token": {"type": "str"}, "access_token_expire_in": {"type": "int"},
                "refresh_token": {"type": "str"}, "refresh_token_expire_in": {"type": "int"},
                "open_id": {"type": "str"}, "seller_name": {"type": "str"}, "seller_base_region": {"type": "str"},
                "user_type": {"type": "int"}, "granted_scopes": {"type": "list[str]"},
            }},
        },
    }
    for name, path, wanted in (
        ("getToken", "/api/v2/token/get", "auth_code"), ("refreshToken", "/api/v2/token/refresh", "refresh_token"),
    )
}  # fmt: skip


@cache
def endpoints() -> dict[str, dict[str, Any]]:
    """Operation -> method, path, whether it takes the shop's cipher, fields of query, body and answer."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {**found, **TOKENS}


def operation_of(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """The operation that is called, and what stands in the braces of its path."""
    for name, declared in endpoints().items():
        found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", declared["path"]), path)
        if found and method == declared["method"]:
            return name, found.groupdict()
    return None


def misfits_of_request(method: str, path: str, query: Sequence[tuple[str, str]], body: bytes) -> list[str]:
    """What of a request the document does not have: sentences, none where all is well."""
    called = operation_of(method, path)
    if called is None:
        return [f"there is no operation {method} {path}"]
    declared = endpoints()[called[0]]
    common = () if called[0] in TOKENS else (*COMMON, *(["shop_cipher"] if declared["cipher"] else []))
    faults = [f"parameter {name} is missing" for name in common if name not in dict(query)]
    own = [(name, value) for name, value in query if name not in common]
    faults += list(_query(declared["query"], own))
    return faults + (list(_body(declared["body"], body)) if declared["body"] is not None else _no_body(body))


def _no_body(body: bytes) -> list[str]:
    return ["it has no body"] if body else []


def misfits_of_answer(operation: str, answer: Any) -> list[str]:
    """What of an answer the document does not have."""
    if not isinstance(answer, dict):
        return ["the answer is no object"]
    if not {"code", "message", "request_id"} <= answer.keys():
        return ["the answer is not in TikTok Shop's envelope"]
    return list(_object("", endpoints()[operation]["answer"], answer, asked=False))


def _query(fields: Mapping[str, Field], query: Sequence[tuple[str, str]]) -> Iterator[str]:
    given = {name for name, _ in query}
    yield from (f"parameter {name} is missing" for name, each in fields.items() if each.get("required") and
                name not in given)  # fmt: skip
    if len(given) < len(query):
        yield "a parameter is given twice"
    for name, raw in query:
        if name not in fields:
            yield f"there is no parameter {name}"
        elif raw == "":
            yield f"{name} is empty"
        elif (fields[name]["type"] == "int" or name == "page_size") and not re.fullmatch(r"\d{1,19}", raw):
            yield f"{name}={raw} is no whole number"
        elif name == "page_size" and not 1 <= int(raw) <= LARGEST_PAGE:
            yield f"page_size is not between 1 and {LARGEST_PAGE}"


def _body(fields: Mapping[str, Field], body: bytes) -> Iterator[str]:
    try:
        found = parsed(body)
    except ValueError:
        yield "the body is not JSON"
        return
    if not isinstance(found, dict):
        yield "the body is no object"
        return
    yield from _object("", fields, found, asked=True)


def _object(where: str, fields: Mapping[str, Field], found: Mapping[str, Any], *, asked: bool) -> Iterator[str]:
    yield from (f"{where}{name} is missing" for name, each in fields.items() if each.get("required") and
                name not in found)  # fmt: skip
    for name, value in found.items():
        if name not in fields:
            yield f"there is no field {where}{name}"
        else:
            yield from _value(f"{where}{name}", fields[name], value, asked=asked)


def _value(where: str, field: Field, value: Any, *, asked: bool) -> Iterator[str]:
    kind = field["type"]
    if kind.startswith("list["):
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        if len(value) > field.get("most", len(value)) or (asked and not value):
            yield f"{where} has {len(value)} entries"
        for each in value:
            yield from _value(where, {**field, "type": kind[5:-1]}, each, asked=asked)
    elif kind == "object":
        if isinstance(value, dict):
            yield from _object(f"{where}.", field.get("fields", {}), value, asked=asked)
        else:
            yield f"{where} is no object"
    elif not _fits(kind, value):
        yield f"{where} = {value!r} is no {kind}"
    elif value not in field.get("values", (value,)):
        yield f"{where} does not take {value}"


def _fits(kind: str, value: Any) -> bool:
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if kind == "bool" else str)
