"""Judges exchanges with Google by Google's discovery documents, as google-api-python-client brings them.

Every path, query parameter, and name in a request or an answer must be one that the documents know, of the right type.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import googleapiclient
from jsonschema import Draft202012Validator

from agent.practice.google import Google, Request, Response

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
# Sent by gspread; Google takes no notice of it.
EXTRA_QUERY = {"drive.files.get": {"includeItemsFromAllDrives"}}
EXTRA_BODY = {"drive.permissions.create": {"withLink"}}


@dataclass(frozen=True)
class Method:
    """One method of an API."""

    id: str
    verb: str
    path: re.Pattern[str]
    query: frozenset[str]
    request: Draft202012Validator | None
    response: Draft202012Validator | None


def _strict(schema: Any) -> Any:
    """A schema of a discovery document as a JSON schema that lets nothing else in."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind = schema.get("type")
    if kind == "any" or kind is None:
        return {}
    found: dict[str, Any] = {"type": kind}
    if kind == "object":
        found["properties"] = {name: _strict(each) for name, each in schema.get("properties", {}).items()}
        found["additionalProperties"] = _strict(schema.get("additionalProperties", False))
    elif kind == "array":
        found["items"] = _strict(schema.get("items", {}))
    elif kind == "string" and "enum" in schema:
        found["enum"] = schema["enum"]
    elif kind == "string" and schema.get("format") in {"int64", "uint64"}:
        found |= {"pattern": r"^-?[0-9]+$"}
    elif kind == "integer" and schema.get("format") == "int32":
        found |= {"minimum": -(2**31), "maximum": 2**31 - 1}
    return found


def _methods(document: dict[str, Any]) -> list[Method]:
    definitions = {name: _strict(each) for name, each in document["schemas"].items()}
    common = set(document["parameters"])

    def validator(of: dict[str, Any] | None) -> Draft202012Validator | None:
        if of is None:
            return None
        return Draft202012Validator({"$ref": f"#/$defs/{of['$ref']}", "$defs": definitions})

    def walk(resources: dict[str, Any]) -> list[Method]:
        found = []
        for resource in resources.values():
            for each in resource.get("methods", {}).values():
                path = "/" + document["servicePath"] + each.get("flatPath", each["path"])
                pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+?", path.replace("$", r"\$")))
                query = {n for n, p in each.get("parameters", {}).items() if p["location"] == "query"} | common
                query |= EXTRA_QUERY.get(each["id"], set())
                asked, told = validator(each.get("request")), validator(each.get("response"))
                found.append(Method(each["id"], each["httpMethod"], pattern, frozenset(query), asked, told))
            found += walk(resource.get("resources", {}))
        return found

    return walk(document["resources"])


@cache
def methods() -> tuple[Method, ...]:
    """Every method of Sheets v4 and Drive v3."""
    documents = [json.loads((DOCUMENTS / f"{name}.json").read_text("utf-8")) for name in ("sheets.v4", "drive.v3")]
    return tuple(method for document in documents for method in _methods(document))


def method_of(request: Request) -> Method | None:
    """The method that a request calls; None where it is none of the two APIs'."""
    path = request.path if request.path.startswith(("/v4", "/drive")) else f"/drive/v3{request.path}"
    found = [each for each in methods() if each.verb == request.method and each.path.fullmatch(path)]
    return max(found, key=lambda each: len(each.path.pattern), default=None)


def without_nulls(thing: Any) -> Any:
    """The same without nulls, which Google takes as not sent; those in lists of values mean something."""
    if isinstance(thing, dict):
        return {name: without_nulls(value) for name, value in thing.items() if value is not None}
    return [without_nulls(each) for each in thing] if isinstance(thing, list) else thing


@dataclass
class Judge:
    """Listens to a practice Google, and keeps what is wrong in `problems`; `seen`: how many exchanges it judged."""

    problems: list[str] = field(default_factory=list)
    seen: int = 0
    bad_requests: bool = True  # whether a request that breaks the contract is a problem, or only a wrong answer to it

    def listen(self, google: Google) -> Judge:
        """From now on to this one."""
        google.on_exchange = self
        return self

    def __call__(self, request: Request, response: Response) -> None:
        method = method_of(request)
        if method is None:
            return
        self.seen += 1
        problems = list(self._request(method, request))
        if self.bad_requests or response.status < 400:
            self.problems += problems
        kind = response.headers.get("Content-Type", "")
        if response.status < 300 and response.body and kind.startswith("application/json"):
            self.problems += list(_errors(method.response, json.loads(response.body), f"{method.id} answer"))

    def _request(self, method: Method, request: Request) -> list[str]:
        unknown = {unquote(name) for name, _ in request.query} - method.query
        found = [f"{method.id}: unknown parameter {name}" for name in sorted(unknown)]
        if request.body.strip() and method.request is not None:
            sent = without_nulls(json.loads(request.body))
            known = {name: value for name, value in sent.items() if name not in EXTRA_BODY.get(method.id, ())}
            found += _errors(method.request, known, f"{method.id} request")
        return found


def _errors(validator: Draft202012Validator | None, thing: Any, where: str) -> list[str]:
    if validator is None:
        return []
    return [f"{where} {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(thing)]
