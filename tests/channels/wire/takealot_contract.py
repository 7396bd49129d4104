"""Takealot's swagger of the Seller API v2 as a judge of exchanges, and the known facts of the Marketplace API v1.

Without the vendor's files what the practice shop itself declares still judges: a field or parameter that no call has is
an error there, too.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import yaml  # type: ignore[import-untyped]

from agent.practice.takealot import Request, Response
from agent.practice.takealot.declared import faults_of

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs" / "takealot"
SWAGGER, FACTS = SPECS / "seller-api-v1v2.openapi.yml", SPECS / "marketplace-api-v1.facts.json"
LIMITS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


@cache
def swagger() -> dict[str, Any] | None:
    """The vendor's contract, made strict; None, with a loud warning, where it is not at hand."""
    if not SWAGGER.exists():
        warnings.warn("Takealot's swagger (../shared) is not here: only declared fields are judged", stacklevel=2)
        return None
    loaded: dict[str, Any] = _strict(yaml.safe_load(SWAGGER.read_text(encoding="utf-8")))
    return loaded


@cache
def facts() -> dict[str, Any] | None:
    """What is known of v1; None where it is not at hand."""
    return json.loads(FACTS.read_text(encoding="utf-8")) if FACTS.exists() else None


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
    faults = faults_of(request, response)
    if request.path.startswith("/v2/"):
        return faults + (list(_by_swagger(request, response)) if swagger() else [])
    return faults + (list(_by_facts(request, response)) if facts() else [])


def _by_swagger(request: Request, response: Response) -> Iterator[str]:
    contract = swagger()
    assert contract is not None
    path, operation = _operation(contract["paths"], request)
    if operation is None:
        yield f"the swagger has no {request.method} {request.path}"
        return
    parameters = {each["name"]: each for each in operation.get("parameters", ()) if each["in"] == "query"}
    yield from (f"{path}: unknown parameter {name}" for name, _ in request.query if name not in parameters)
    body = next((each["schema"] for each in operation.get("parameters", ()) if each["in"] == "body"), None)
    if bool(request.body) != (body is not None):
        yield f"{path}: a body that is wanted is missing, or one is not wanted"
    elif body is not None:
        yield from _misfits(json.loads(request.body), body, contract, "request")
    answers = operation["responses"]
    if "json" in response.headers["Content-Type"] and str(response.status) in answers:
        yield from _misfits(json.loads(response.body), answers[str(response.status)]["schema"], contract, "answer")
    elif "json" in response.headers["Content-Type"] and response.status not in (429, 500):
        yield f"{path}: the swagger has no answer {response.status}"
    told = [name for name in response.headers if name.lower() in LIMITS]
    if told and len(told) != len(LIMITS):
        yield f"{path}: of the limit headers only {told}"


def _operation(paths: Mapping[str, Any], request: Request) -> tuple[str, Any]:
    plain = [path for path in paths if "{" not in path.removeprefix("/{version}")]
    for path in [*plain, *(each for each in paths if each not in plain)]:
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.path) and request.method.lower() in paths[path]:
            return path, paths[path][request.method.lower()]
    return request.path, None


def _misfits(found: Any, schema: Any, contract: Mapping[str, Any], side: str) -> Iterator[str]:
    judged = jsonschema.Draft4Validator({**schema, "definitions": contract["definitions"]})
    yield from (f"{side} {'/'.join(map(str, error.path))}: {error.message}" for error in judged.iter_errors(found))


def _by_facts(request: Request, response: Response) -> Iterator[str]:
    """Paths, parameters, expands and the envelope of lists, as they were written down of the page."""
    known = facts()
    assert known is not None
    rest = request.path.removeprefix("/v1")
    calls = [each for each in known["endpoints"] if each["p"] == rest and request.method in each["m"].split("|")]
    if not calls:
        yield f"no {request.method} {rest} among the facts"
        return
    allowed = {*known["collections"]["params"], *calls[0].get("filters", ()), "expands"}
    yield from (f"{rest}: unknown parameter {name}" for name, _ in request.query if name not in allowed)
    expands = [value for name, value in request.query if name == "expands"]
    yield from (f"{rest}: unknown expand {each}" for each in expands if each not in calls[0].get("expands", ()))
    names = [name for name, _ in request.query]
    if "continuation_token" in names and len(names) > 1:
        yield f"{rest}: a continuation token is sent alone, not with {names}"
    limits = [int(value) for name, value in request.query if name == "limit"]
    if limits and limits[0] > known["collections"]["params"]["limit"]["max"]:
        yield f"{rest}: limit {limits[0]}"
    if request.headers.get("x-api-key") is None:
        yield f"{rest}: no {known['auth']['header']}"
    if response.status == 200 and rest in ("/offers", "/sales"):
        envelope = {each.split()[0] for each in known["collections"]["envelope"]}
        yield from (f"{rest}: unknown field {name}" for name in json.loads(response.body) if name not in envelope)
