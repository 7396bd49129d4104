"""WooCommerce's contract as a judge of exchanges: `validate_exchange` fails on a call that the real API does not have.

A client's suite hands every exchange of the practice shop to it (`watch(shop)` collects them). Unknown or mistyped
query parameters and body fields of a request are errors, and so is an answer that has fields no real shop has sent.
The contract is that of WooCommerce 8.6.0; fields known only from the answers recorded of 11.0.1 are allowed as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema  # type: ignore[import-untyped]
import pytest

from agent.practice.woocommerce import Request, Response, Shop

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs" / "woocommerce"
DOCUMENT = SPECS / "woocommerce_v3_8.6.0_derived_openapi.json"
RECORDED = SPECS / "recorded_11.0.1"

_AUTH = {"consumer_key", "consumer_secret"}
# Known from the recordings of 11.0.1, or long accepted and merely missing from the derived document.
_MORE_PARAMETERS: dict[str, dict[str, Any]] = {
    "/wp-json/wc/v3/products": {"include_types": {"type": "array"}, "exclude_types": {"type": "array"}},
}
_MORE_FIELDS: dict[str, dict[str, Any]] = {
    "products": {
        "backorders": {"type": "string", "enum": ["no", "notify", "yes"]},
        "global_unique_id": {"type": "string"},
    },
    "variations": {"global_unique_id": {"type": "string"}, "product_id": {"type": "integer"}},
}
_NOT_IN_DOCUMENT = re.compile(r"/wp-json/?|/wp-json/wc/v3/settings/(general|products)(/woocommerce_\w+)?")
_INDEX_FIELDS = {
    "name",
    "description",
    "url",
    "home",
    "gmt_offset",
    "timezone_string",
    "namespaces",
    "authentication",
    "routes",
}
_SETTING_FIELDS = {"id", "label", "description", "type", "default", "value", "group_id", "tip", "options", "_links"}


class Exchange(NamedTuple):
    """One request and its answer."""

    request: Request
    response: Response


class ContractError(AssertionError):
    """The exchange is not one a real shop could have had; lists everything that is wrong."""


def watch(shop: Shop) -> list[Exchange]:
    """Collect every exchange of the shop from now on."""
    seen: list[Exchange] = []
    shop.on_exchange = lambda request, response: seen.append(Exchange(request, response))
    return seen


def validate_exchange(exchange: tuple[Request, Response]) -> None:
    """Raise ContractError naming every fault; skip the test, loudly, where the contract is not on this computer."""
    request, response = exchange
    faults = list(_faults(request, response))
    if faults:
        listed = "\n  ".join(faults)
        raise ContractError(f"{request.method} {request.path}\n  {listed}")


def document() -> dict[str, Any]:
    if not DOCUMENT.exists():
        pytest.skip(f"WooCommerce's contract is not on this computer ({DOCUMENT.name}); nothing was validated")
    return _document()


@cache
def _document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    for name in ("Product", "Variation"):
        properties = loaded["components"]["schemas"][name]["properties"]
        properties["manage_stock"] = {"enum": [True, False, "parent"]}
        properties["total_sales"] = {"type": ["integer", "string"]}
    # A list of products found by SKU has variations in it, and `image` may be null there.
    loaded["components"]["schemas"]["Product"]["properties"]["type"] = {"type": "string"}
    contract: dict[str, Any] = _nullable(loaded)
    return contract


def _nullable(schema: Any) -> Any:
    """OpenAPI's `nullable` in the words of JSON Schema."""
    if isinstance(schema, list):
        return [_nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _nullable(each) for name, each in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


def _faults(request: Request, response: Response) -> Iterator[str]:
    contract = document()
    if response.status == 501:
        yield f"the practice shop does not serve this: {response.body.decode()}"
    if _NOT_IN_DOCUMENT.fullmatch(request.path):
        yield from _outside(request)
        return
    template, operation = _operation(contract, request)
    if operation is None:
        yield "there is no such path and method in the contract"
        return
    yield from _parameter_faults(template, operation, request)
    yield from _body_faults(template, operation, request)
    yield from _answer_faults(contract, operation, request, response)


def _outside(request: Request) -> Iterator[str]:
    """The index and the settings: read only, and only by fields that were seen there."""
    known = _SETTING_FIELDS if "settings" in request.path else _INDEX_FIELDS
    if request.writes:
        yield "this may only be read"
    for name in _wanted(request) - known:
        yield f"_fields names {name}, which is not there"


def _operation(contract: Mapping[str, Any], request: Request) -> tuple[str, dict[str, Any] | None]:
    templates = sorted(contract["paths"], key=lambda path: path.count("{"))
    for template in templates:
        pattern = re.sub(r"\\?\{\w+\\?\}", "[0-9]+", template)
        if re.fullmatch(pattern, request.path):
            return template, contract["paths"][template].get(request.method.lower())
    return "", None


# -- the query -----------------------------------------------------------------------------------------------------


def _parameter_faults(template: str, operation: Mapping[str, Any], request: Request) -> Iterator[str]:
    known = {each["name"]: each["schema"] for each in operation.get("parameters", []) if each["in"] == "query"}
    known |= _MORE_PARAMETERS.get(template, {})
    for name, raw in request.query:
        plain = re.sub(r"\[\d*\]$", "", name)
        if plain in _AUTH or plain.startswith("oauth_"):
            continue
        if plain not in known:
            yield f"there is no query parameter {name}"
        elif plain != "_fields":
            yield from (f"{name}={raw}: {fault}" for fault in _raw_faults(known[plain], raw, plain))


def _raw_faults(schema: Mapping[str, Any], raw: str, name: str) -> Iterator[str]:
    schema = schema["anyOf"][0] if "anyOf" in schema else schema
    if schema.get("type") == "array" or name == "status":
        items = schema.get("items", schema)
        for each in raw.split(","):
            yield from _raw_faults(items if items.get("type") != "array" else {}, each, "")
        return
    if name in {"after", "before", "modified_after", "modified_before"} and not _DATE.fullmatch(raw):
        yield "not a date and time"
    value = _typed(schema.get("type"), raw)
    yield from (fault.message for fault in jsonschema.Draft202012Validator(schema).iter_errors(value))


_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")


def _typed(kind: str | None, raw: str) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d+", raw):
        return int(raw)
    if kind == "boolean" and raw in {"true", "false", "1", "0"}:
        return raw in {"true", "1"}
    return raw


# -- the body of a request -----------------------------------------------------------------------------------------


def _body_faults(template: str, operation: Mapping[str, Any], request: Request) -> Iterator[str]:
    declared = operation.get("requestBody")
    if not request.body:
        return
    if declared is None:
        yield "a body where none is known"
        return
    if not request.headers.get("content-type", "").startswith("application/json"):
        yield "the body is not sent as application/json, and would not be looked at"
    try:
        body = json.loads(request.body)
    except ValueError:
        yield "the body is not JSON"
        return
    yield from _object_faults(template, declared["content"]["application/json"]["schema"], body)


def _object_faults(template: str, schema: Mapping[str, Any], body: Any) -> Iterator[str]:
    if not isinstance(body, dict):
        yield "the body is not an object"
    elif template.endswith("/batch"):
        yield from _batch_faults(template, body)
    else:
        yield from _field_faults("", body, schema["properties"] | _more(template))


def _more(template: str) -> dict[str, Any]:
    kind = "variations" if "variations" in template else "products" if "products" in template else ""
    return _MORE_FIELDS.get(kind, {})


def _batch_faults(template: str, body: Mapping[str, Any]) -> Iterator[str]:
    """An item of a batch has the fields of a single write, and its id."""
    paths = document()["paths"]
    single = paths[template.replace("/batch", "/{id}")]["put"]["requestBody"]["content"]["application/json"]["schema"]
    fields = single["properties"] | _more(template) | {"id": {"type": "integer"}}
    for name, items in body.items():
        if name not in {"create", "update", "delete"} or not isinstance(items, list):
            yield f"a batch has lists create, update, delete; not {name}"
            continue
        for at, item in enumerate(items if name != "delete" else []):
            yield from _item_faults(f"{name}[{at}]", item, fields, name)


def _item_faults(where: str, item: Any, fields: Mapping[str, Any], name: str) -> Iterator[str]:
    if not isinstance(item, dict):
        yield f"{where} is not an object"
        return
    if name == "update" and "id" not in item:
        yield f"{where} has no id: items are addressed by id only"
    yield from _field_faults(f"{where}.", item, fields)


def _field_faults(where: str, body: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[str]:
    for name, value in body.items():
        if name not in fields:
            yield f"there is no field {where}{name}"
        elif value is None and name in {"stock_quantity", "manage_stock"}:
            yield f"{where}{name} is null, which means 0 or nothing, depending on the call"
        else:
            validator = jsonschema.Draft202012Validator(fields[name])
            yield from (f"{where}{name}: {fault.message}" for fault in validator.iter_errors(value))
    if body.get("stock_quantity") is not None and isinstance(body["stock_quantity"], bool):
        yield f"{where}stock_quantity is a yes or no"


# -- the answer ----------------------------------------------------------------------------------------------------


def _answer_faults(
    contract: Mapping[str, Any], operation: Mapping[str, Any], request: Request, response: Response
) -> Iterator[str]:
    if not response.headers.get("Content-Type", "").startswith("application/json"):
        if response.status < 400:
            yield "an answer that is not JSON"
        return
    body = json.loads(response.body)
    declared = operation["responses"].get(str(response.status))
    if response.status >= 400:
        schema: dict[str, Any] = {"$ref": "#/components/schemas/Error"}
    elif declared is None:
        yield f"the contract has no answer with status {response.status}"
        return
    else:
        schema = declared["content"]["application/json"]["schema"]
        yield from _unseen_names(operation, request, body)
    if body != []:  # PHP writes an empty object as a list
        whole = schema | {"components": contract["components"]}
        for fault in jsonschema.Draft202012Validator(whole).iter_errors(body):
            yield f"answer {'.'.join(map(str, fault.absolute_path))}: {fault.message[:200]}"


def _unseen_names(operation: Mapping[str, Any], request: Request, body: Any) -> Iterator[str]:
    known = _known_names(request.path)
    for name in _wanted(request) - known:
        yield f"_fields names {name}, which no real shop has sent"
    if request.path.endswith("/batch"):
        items: Iterable[Any] = [item for part in body.values() for item in part] if body else []
        known = known | {"error"}
    else:
        items = body if isinstance(body, list) else [body]
    for name in sorted({name for item in items for name in item} - known):
        yield f"the answer has a field {name} that no real shop has sent"


def _wanted(request: Request) -> set[str]:
    """The top-level names of `_fields`; of a batch they are create, update and delete."""
    raw = dict(request.query).get("_fields", "")
    return {each.strip().split(".")[0] for each in raw.split(",") if each.strip()}


def _known_names(path: str) -> set[str]:
    kind = _kind(path)
    names = set(document()["components"]["schemas"][_COMPONENT[kind]].get("properties", {}))
    extra = {"parent_id"} if kind == "refunds" else set()
    return names | extra | recorded_names().get(kind, set())


_COMPONENT = {
    "products": "Product",
    "variations": "Variation",
    "orders": "Order",
    "refunds": "Refund",
    "system_status": "SystemStatus",
    "webhooks": "Webhook",
}


def _kind(path: str) -> str:
    return next(
        kind for kind in ("refunds", "variations", "orders", "products", "system_status", "webhooks") if kind in path
    )


@cache
def recorded_names() -> dict[str, set[str]]:
    """The top-level names in the recorded answers, by kind."""
    names: dict[str, set[str]] = {}
    for file in sorted(RECORDED.glob("*.json")):
        entry = json.loads(file.read_text(encoding="utf-8"))
        path = entry.get("request", {}).get("url", "").split("?")[0]
        if "/wc/v3/" in path and entry["response"]["status"] < 300 and "settings" not in path:
            names.setdefault(_kind(path), set()).update(_top(entry["response"]["body"]))
    return names


def _top(body: Any) -> set[str]:
    if isinstance(body, dict) and body.keys() <= {"create", "update", "delete"}:
        body = [item for part in body.values() for item in part]
    items = body if isinstance(body, list) else [body]
    return {name for item in items if isinstance(item, dict) for name in item} - {"error"}
