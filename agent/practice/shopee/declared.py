"""What Shopee's documents declare of each endpoint, and what of an exchange is not as declared.

`endpoints.json` is cut out of the vendor's documents (`tests/practice/cut_shopee.py`): names, types, what is required,
the values that a parameter takes, the most that a list may hold, and the documented errors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from agent.practice.wire import parsed, whole

FILE = Path(__file__).with_name("endpoints.json")
Field = Mapping[str, Any]
WHOLE = frozenset({"int", "int32", "int64", "uint64", "timestamp"})
ENVELOPE = frozenset({"error", "message", "request_id", "warning"})


@cache
def endpoints() -> dict[str, dict[str, Any]]:
    """Path -> method, kind, common parameters, fields of request and answer, documented errors."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def misfits_of_request(path: str, method: str, query: Sequence[tuple[str, str]], body: bytes) -> list[str]:
    """What of a request the document does not have: sentences, none where all is well."""
    declared = endpoints().get(path)
    if declared is None:
        return [f"there is no endpoint {path}"]
    faults = [f"{path} is called with {declared['method']}, not {method}"] if method != declared["method"] else []
    faults += [f"parameter {name} is missing" for name in declared["common"] if name not in dict(query)]
    own = [(name, value) for name, value in query if name not in declared["common"]]
    if declared["method"] == "GET":
        return faults + list(_query(declared["request"], own)) + (["a GET has no body"] if body else [])
    return faults + [f"there is no query parameter {name}" for name, _ in own] + list(_body(declared["request"], body))


def misfits_of_answer(path: str, answer: Any) -> list[str]:
    """What of an answer the document does not have."""
    if not isinstance(answer, dict):
        return ["the answer is no object"]
    known = {each["name"] for each in endpoints()[path]["answer"]}
    bare = {name: value for name, value in answer.items() if name not in ENVELOPE - known}
    return list(_object("", endpoints()[path]["answer"], bare, asked=False))


def documented(path: str, error: str, message: str) -> bool:
    """Whether an error with these words stands in the endpoint's document (`{...}` there stands for anything)."""
    return any(
        error.rpartition(".")[2] == name.rpartition(".")[2] and _words(said).fullmatch(_plain(message))
        for name, said in endpoints()[path]["errors"]
    )


def _words(said: str) -> re.Pattern[str]:
    parts = re.split(r"\{+[^{}]*\}+", _plain(said))
    return re.compile(".*".join(map(re.escape, parts)) + ".*")


def _plain(text: str) -> str:
    return text.replace("\xa0", " ").strip().rstrip(".").lower()


def _query(fields: Sequence[Field], query: Sequence[tuple[str, str]]) -> Iterator[str]:
    known = {each["name"]: each for each in fields}
    given = {name for name, _ in query}
    yield from (
        f"parameter {name} is missing" for name, each in known.items() if each.get("required", False) > (name in given)
    )
    for name, raw in query:
        if name not in known:
            yield f"there is no parameter {name}"
        else:
            yield from _raw(known[name], raw)


def _raw(field: Field, raw: str) -> Iterator[str]:
    name, kind = field["name"], field["type"]
    single = kind.removesuffix("[]")
    each = (
        raw.split(",") if kind.endswith("[]") or name.endswith("_list") or name == "response_optional_fields" else [raw]
    )
    if raw == "" and name != "cursor":
        yield f"{name} is empty"
        return
    for value in each:
        if single in WHOLE and whole(value) is None:
            yield f"{name}={value} is no whole number"
        elif single == "boolean" and value not in ("true", "false"):
            yield f"{name}={value} is neither true nor false"
        elif "values" in field and value not in field["values"]:
            yield f"{name} does not take {value}"
    size = (whole(raw) or 0) if name == "page_size" else len(each)
    if size > field.get("most", size):
        yield f"{name} is more than {field['most']}"


def _body(fields: Sequence[Field], body: bytes) -> Iterator[str]:
    try:
        found = parsed(body)
    except ValueError:
        yield "the body is not JSON"
        return
    if not isinstance(found, dict):
        yield "the body is no object"
        return
    yield from _object("", fields, found, asked=True)


def _object(where: str, fields: Sequence[Field], found: Mapping[str, Any], *, asked: bool) -> Iterator[str]:
    known = {each["name"]: each for each in fields}
    for name, each in known.items():
        if each.get("required") and name not in found:
            yield f"{where}{name} is missing"
    for name, value in found.items():
        if name not in known:
            yield f"there is no field {where}{name}"
        elif value is not None or asked:
            yield from _value(f"{where}{name}", known[name], value, asked=asked)


def _value(where: str, field: Field, value: Any, *, asked: bool) -> Iterator[str]:
    kind = field["type"]
    if kind.endswith("[]"):
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        if len(value) > field.get("most", len(value)) or (asked and not value):
            yield f"{where} has {len(value)} entries"
        for each in value:
            yield from _value(where, {**field, "type": kind.removesuffix("[]")}, each, asked=asked)
    elif kind == "object":
        if isinstance(value, dict):
            yield from _object(f"{where}.", field.get("children", ()), value, asked=asked)
        else:
            yield f"{where} is no object"
    elif not _fits(kind, value):
        yield f"{where} = {value!r} is no {kind}"


def _fits(kind: str, value: Any) -> bool:
    if kind in WHOLE:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, bool if kind == "boolean" else str)
