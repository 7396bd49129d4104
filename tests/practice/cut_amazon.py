"""Cuts the contract of the practice Amazon out of the vendor's models (Selling Partner API, Apache-2.0).

`python -m tests.practice.cut_amazon` writes `agent/practice/amazon/contract.json` anew: the calls that are served, and
the definitions that they need. Names, types, what is required, enumerations and limits stay as the vendor has them;
descriptions and examples go.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT.parent / "shared" / "specs" / "amazon"
TARGET = ROOT / "agent" / "practice" / "amazon" / "contract.json"
KEPT = {
    "sellers": ("sellers.json", {"getMarketplaceParticipations"}),
    "listings": ("listingsItems_2021-08-01.json", {"searchListingsItems", "getListingsItem", "patchListingsItem"}),
    "orders": ("orders_2026-01-01.json", {"searchOrders", "getOrder"}),
    "reports": ("reports_2021-06-30.json", {"createReport", "getReport", "getReportDocument"}),
    "fba": ("fbaInventory.json", {"getInventorySummaries"}),
    "feeds": ("feeds_2021-06-30.json", {"createFeedDocument", "createFeed", "getFeed", "getFeedDocument"}),
}
FILES = {
    "feed": "listings-feed-schema-v2.json",
    "report": "listings-feed-processing-report-schema-v2.json",
}
"""What stands in the files of a feed."""
_WORDS = {"description", "example", "examples", "title", "$comment", "x-example", "default"}
_QUERY = ("type", "required", "enum", "items", "maxItems", "maximum", "minimum", "format", "collectionFormat")


def cut() -> dict[str, Any]:
    """The contract."""
    calls: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for model, (file, wanted) in KEPT.items():
        document = json.loads((SPECS / file).read_text(encoding="utf-8"))
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if isinstance(operation, dict) and operation.get("operationId") in wanted:
                    calls[operation["operationId"]] = _call(model, method, path, operation)
        _define(model, document["definitions"], json.dumps(calls), definitions)
    files = {
        name: _plain(json.loads((SPECS / "schemas" / file).read_text("utf-8")), "") for name, file in FILES.items()
    }
    return {"calls": dict(sorted(calls.items())), "definitions": dict(sorted(definitions.items())), "files": files}


def _call(model: str, method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = operation.get("parameters", [])
    body = next((each["schema"] for each in parameters if each["in"] == "body"), None)
    answers = {
        status: _plain(each["schema"], model) for status, each in operation["responses"].items() if "schema" in each
    }
    query = {
        each["name"]: {name: _plain(each[name], model) for name in _QUERY if name in each}
        for each in parameters if each["in"] == "query"
    }  # fmt: skip
    return {
        "method": method.upper(), "path": path, "query": query, "body": _plain(body, model) if body else None,
        "answers": answers,
    }  # fmt: skip


def _plain(schema: Any, model: str) -> Any:
    """Without words; references by the model's name."""
    if isinstance(schema, list):
        return [_plain(each, model) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {}
    for name, each in schema.items():
        if name == "properties":
            found[name] = {key: _plain(value, model) for key, value in each.items()}
        elif name == "$ref" and model:
            found[name] = f"#/definitions/{model}.{each.rpartition('/')[2]}"
        elif name not in _WORDS and not name.startswith("x-"):
            found[name] = _plain(each, model)
    return found


def _define(model: str, known: dict[str, Any], text: str, found: dict[str, Any]) -> None:
    """Those that a text refers to, and those that they refer to."""
    for name, schema in known.items():
        key = f"{model}.{name}"
        if key not in found and f'"#/definitions/{key}"' in text:
            found[key] = _plain(schema, model)
            _define(model, known, json.dumps(found[key]), found)


def printed() -> str:
    """As the file holds it: one line a call, a definition, a file."""
    parts = []
    for room, named in cut().items():
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(each)}" for name, each in named.items())
        parts.append(f"{json.dumps(room)}: {{\n{lines}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(printed(), encoding="utf-8")
