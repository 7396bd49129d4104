"""What Etsy's contract declares of each call, and what of an exchange is not as declared.

`contract.json` is cut out of the vendor's OpenAPI document (`tests/practice/cut_etsy.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from agent.practice.wire import Request, Response

FILE = Path(__file__).with_name("contract.json")
FORM = "application/x-www-form-urlencoded"
EXCHANGE = "/v3/public/oauth/token"
BEYOND = frozenset({401, 403, 429, 503})
"""Answers of the gateway, that each call may get."""
Schema = Mapping[str, Any]
_KINDS: dict[str, tuple[type, ...]] = {
    "integer": (int,), "number": (int, float), "string": (str,), "boolean": (bool,), "array": (list,),
    "object": (dict,),
}  # fmt: skip


@cache
def contract() -> dict[str, Any]:
    """Paths with their operations, and the schemas that these name."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def operation(request: Request) -> tuple[str, dict[str, Any] | None]:
    """The path as the contract writes it, and what is declared of this method; None: there is no such call."""
    for path in sorted(contract()["paths"], key=lambda each: each.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", r"[1-9]\\d{0,18}", path), request.path):
            return path, contract()["paths"][path].get(request.method.lower())
    return request.path, None


def misfits_of_request(request: Request) -> list[str]:
    """What of a request the contract does not have: sentences, none where all is well."""
    _, declared = operation(request)
    if declared is None:
        return [f"there is no {request.method} {request.path}"]
    return [*_query(declared["query"], request), *_body(declared["body"], request)]


def misfits_of_answer(request: Request, response: Response) -> list[str]:
    """What of an answer the contract does not have."""
    _, declared = operation(request)
    if declared is None or "json" not in response.headers.get("Content-Type", ""):
        return []
    schema = declared["answers"].get(str(response.status))
    if schema is None:
        return [] if response.status in BEYOND else [f"there is no answer {response.status}"]
    if schema.get("$ref", "").endswith("/Scopes"):
        return []  # declared as an object of nothing
    told = json.loads(response.body)
    if response.status >= 400:
        told.pop("error_description", None)  # told of tokens, as is on record, and not declared
    return list(_value("answer", schema, told))


def _query(declared: Mapping[str, Schema], request: Request) -> Iterator[str]:
    given = dict(request.query)
    if len(given) < len(request.query):
        yield "a parameter is there twice"
    yield from (
        f"parameter {name} is missing" for name, each in declared.items() if each.get("needed") and name not in given
    )
    for name, raw in given.items():
        if name in declared:
            yield from _value(name, declared[name], _read(declared[name], raw))
        else:
            yield f"there is no parameter {name}"


def _body(declared: Schema | None, request: Request) -> Iterator[str]:
    if declared is None:
        if request.body:
            yield "there is a body where none is known"
        return
    if not request.headers.get("content-type", "").startswith(declared["as"]):
        yield f"the body must be {declared['as']}"
        return
    if declared["as"] == FORM:
        fields = declared["schema"]["properties"]
        found: Any = {name: _read(fields.get(name, {}), raw) for name, raw in request.form()}
    else:
        try:
            found = request.json()
        except ValueError:
            yield "the body is not JSON"
            return
    yield from _value("body", declared["schema"], found)


def _read(schema: Schema, raw: str) -> Any:
    """A value out of an address or a form."""
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"-?\d{1,18}", raw):
        return int(raw)
    if kind == "boolean" and raw in ("true", "false"):
        return raw == "true"
    if kind == "array":
        return [_read(schema["items"], each) for each in raw.split(",")]
    return raw


def _value(where: str, schema: Schema, value: Any) -> Iterator[str]:
    if value is None and schema.get("nullable"):
        return
    if "$ref" in schema:
        yield from _value(where, contract()["schemas"][schema["$ref"].rpartition("/")[2]], value)
        return
    if not isinstance(value, _KINDS[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean"):
        yield f"{where} is no {schema['type']}: {value!r:.60}"
        return
    yield from _within(where, schema, value)
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from _value(f"{where}[{number}]", schema["items"], each)
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        yield from (f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value)
        for name, each in value.items():
            if name in known:
                yield from _value(f"{where}.{name}", known[name], each)
            else:
                yield f"there is no field {where}.{name}"


def _within(where: str, schema: Schema, value: Any) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} does not take {value}"
    if not isinstance(value, int | float):
        return
    if value < schema.get("minimum", value) or value > schema.get("maximum", value):
        yield f"{where} is out of its limits: {value}"
