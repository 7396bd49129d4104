"""Cuts what the practice Etsy declares out of the vendor's contract (OpenAPI).

`python -m tests.practice.cut_etsy` writes `agent/practice/etsy/contract.json` anew. Names, types, what is required, the
values that a parameter takes and the limits of a number stay as the vendor has them; descriptions go, and what is only
attached to a listing on request (images, translations and the like), which is never asked for.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT.parent / "shared" / "specs" / "etsy" / "etsy_openapi_v3_2026-08.json"
TARGET = ROOT / "agent" / "practice" / "etsy" / "contract.json"

KEPT = (
    "getMe",
    "getShop",
    "tokenScopes",
    "getListingsByShop",
    "getListing",
    "getListingsInventoryByListingIds",
    "updateListing",
    "updateListingInventory",
    "getShopReceipts",
    "getShopReceipt",
)
ATTACHED = frozenset({
    "shipping_profile", "user", "shop", "images", "videos", "production_partners", "translations", "personalization",
    "buyer_price",
})  # fmt: skip
"""Of a listing: only where they are asked for."""
_FACTS = ("type", "enum", "minimum", "maximum", "nullable", "required", "$ref")


def cut(document: dict[str, Any]) -> dict[str, Any]:
    """What is kept of the contract: path -> method -> operation, and the schemas that these name."""
    paths: dict[str, Any] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict) and operation.get("operationId") in KEPT:
                paths.setdefault(path, {})[method] = _operation(operation)
    return {"paths": paths, "schemas": _named(document, paths)}


def _operation(found: dict[str, Any]) -> dict[str, Any]:
    body = next(iter((found.get("requestBody") or {"content": {}})["content"].items()), None)
    scopes = [scope for each in found.get("security") or () for scope in each.get("oauth2", ())]
    return {
        "query": {
            each["name"]: {**_schema(each["schema"]), **({"needed": True} if each.get("required") else {})}
            for each in found.get("parameters", ()) if each["in"] == "query"
        },
        "body": {"as": body[0], "schema": _schema(body[1]["schema"])} if body else None,
        "answers": {
            status: _schema(next(iter(each["content"].values()))["schema"])
            for status, each in found["responses"].items() if each.get("content")
        },
        "scopes": scopes,
    }  # fmt: skip


def _schema(found: dict[str, Any]) -> dict[str, Any]:
    told = {name: found[name] for name in _FACTS if name in found}
    if "oneOf" in found:
        told |= _schema(found["oneOf"][0])
    if "items" in found:
        told["items"] = _schema(found["items"])
    if "properties" in found:
        told["properties"] = {name: _schema(each) for name, each in found["properties"].items() if name not in ATTACHED}
    return told


def _named(document: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    wanted = _references(paths)
    while wanted - known.keys():
        for name in wanted - known.keys():
            known[name] = _schema(document["components"]["schemas"][name])
        wanted = _references(known) | wanted
    return dict(sorted(known.items()))


def _references(found: Any) -> set[str]:
    if isinstance(found, list):
        return set().union(*map(_references, found)) if found else set()
    if not isinstance(found, dict):
        return set()
    own = {str(found["$ref"]).rpartition("/")[2]} if "$ref" in found else set()
    return own.union(*(_references(each) for each in found.values()))


def told() -> str:
    """The file's content."""
    return json.dumps(cut(json.loads(SPEC.read_text(encoding="utf-8"))), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(told(), encoding="utf-8")
