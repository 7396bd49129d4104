"""eBay's contracts as judges of exchanges: OpenAPI for the REST half, what the pages declare for the Trading API.

The contracts are made strict: no field beyond those that are named, in requests and in answers. Without the vendor's
files the Trading half is still judged.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema  # type: ignore[import-untyped]

from agent.practice.ebay import Request, Response
from agent.practice.ebay.declared import faults_of

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs" / "ebay"
FILES = {
    "/sell/inventory/v1": "sell_inventory_v1_oas3.json",
    "/sell/fulfillment/v1": "sell_fulfillment_v1_oas3.json",
    "/commerce/identity/v1": "commerce_identity_v1_oas3.json",
    "/developer/analytics/v1_beta": "developer_analytics_v1_beta_oas3.json",
}
TOKEN = "/identity/v1/oauth2/token"
TOKEN_FIELDS = {
    "authorization_code": {"grant_type", "code", "redirect_uri"},
    "refresh_token": {"grant_type", "refresh_token", "scope"},
    "client_credentials": {"grant_type", "scope"},
}


@cache
def contract(base: str) -> dict[str, Any] | None:
    """One contract, made strict; None, with a loud warning, where it is not at hand."""
    file = SPECS / FILES[base]
    if not file.exists():
        warnings.warn(f"eBay's {FILES[base]} (../shared) is not here: its calls are not judged", stacklevel=2)
        return None
    strict: dict[str, Any] = _strict(json.loads(file.read_text(encoding="utf-8")))
    return strict


def _strict(schema: Any) -> Any:
    """No field beyond those that are named."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: _strict(each) for name, each in schema.items()}
    named = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    return {**strict, "additionalProperties": False} if named else strict


def judge(request: Request, response: Response) -> list[str]:
    """All that is wrong with an exchange."""
    if request.path == "/ws/api.dll":
        return faults_of(request, response)
    if request.path == TOKEN:
        return list(_of_token(request))
    base = next((each for each in FILES if request.path.startswith(f"{each}/")), None)
    if base is None:
        return [f"there is no {request.path}"]
    found = contract(base)
    return list(_by_contract(found, base, request, response)) if found else []


def _of_token(request: Request) -> Iterator[str]:
    asked = dict(parse_qsl(request.body.decode()))
    wanted = TOKEN_FIELDS.get(asked.get("grant_type", ""), set())
    if set(asked) != wanted or request.headers.get("content-type") != "application/x-www-form-urlencoded":
        yield f"the token call has {sorted(asked)}, not {sorted(wanted)}"
    if not request.headers.get("authorization", "").startswith("Basic "):
        yield "the token call is not signed"


def _by_contract(found: Mapping[str, Any], base: str, request: Request, response: Response) -> Iterator[str]:
    path, operation = _operation(found["paths"], request, request.path.removeprefix(base))
    if operation is None:
        yield f"the contract has no {request.method} {request.path}"
        return
    known = {each["name"]: each for each in operation.get("parameters", ()) if each["in"] == "query"}
    yield from (f"{path}: unknown parameter {name}" for name, _ in request.query if name not in known)
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if bool(request.body) != (body is not None):
        yield f"{path}: a body that is wanted is missing, or one is not wanted"
    elif body is not None:
        yield from _misfits(json.loads(request.body), body, found, f"{path} request")
        if request.headers.get("content-type") != "application/json":
            yield f"{path}: the content is not called JSON"
    yield from _answer_misfits(found, path, operation, response)


def _answer_misfits(
    found: Mapping[str, Any], path: str, operation: Mapping[str, Any], response: Response
) -> Iterator[str]:
    """Of what was done; of an error, the shape of the errors."""
    if "json" not in response.headers.get("Content-Type", "") or response.status in (401, 403, 429):
        return
    told = json.loads(response.body)
    declared = operation["responses"].get(str(response.status))
    if declared is None:
        yield f"{path}: the contract has no answer {response.status}"
    elif response.status < 300:
        usual = operation["responses"]["200"]["content"]["application/json"]["schema"]
        yield from _misfits(told, usual, found, f"{path} answer")
    elif "errors" not in told:
        yield f"{path}: an error without errors"


def _operation(paths: Mapping[str, Any], request: Request, rest: str) -> tuple[str, Any]:
    plain = [path for path in paths if "{" not in path]
    for path in [*plain, *(each for each in paths if each not in plain)]:
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), rest) and request.method.lower() in paths[path]:
            return path, paths[path][request.method.lower()]
    return request.path, None


def _misfits(found: Any, schema: Any, whole: Mapping[str, Any], side: str) -> Iterator[str]:
    judged = jsonschema.Draft4Validator({**schema, "components": whole["components"]})
    yield from (f"{side} {'/'.join(map(str, error.path))}: {error.message}" for error in judged.iter_errors(found))
