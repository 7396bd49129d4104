"""Cuts what the practice Lazada declares out of the vendor's contract.

`python -m tests.practice.cut_lazada` writes `agent/practice/lazada/endpoints.json` anew: of each call its method, its
parameters, the fields of its answer and its table of errors; of a listing's SKU and of the payload, which no table
describes, the fields of the documents' own samples. Descriptions and prices of buyers' carts go.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT.parent / "shared" / "specs" / "lazada"
TARGET = ROOT / "agent" / "practice" / "lazada" / "endpoints.json"

KEPT = {
    "/auth/token/create": "post",
    "/auth/token/refresh": "post",
    "/seller/get": "get",
    "/products/get": "get",
    "/product/item/get": "get",
    "/product/stock/sellable/update": "post",
    "/orders/get": "get",
    "/orders/items/get": "get",
}
WAREHOUSES = "/seller/warehouse/get"
"""Only the guide to inventory has it, with a sample of its answer."""
SET = "/product/stock/sellable/update"
Tree = dict[str, Any]


def documents() -> Tree:
    """Path -> what is kept. Raises FileNotFoundError where the contract is not on this computer."""
    contract = json.loads((SPECS / "lazada-subset.openapi.json").read_text(encoding="utf-8"))
    tables = (SPECS / "lazada-api-extract.md").read_text(encoding="utf-8")
    guide = (SPECS / "lazada-guides-extract.md").read_text(encoding="utf-8")
    skus = _sku(tables)
    made = {}
    for path, method in KEPT.items():
        section = _section(tables, path)
        made[path] = {
            "method": method.upper(),
            "request": _asked(contract["paths"][path][method]),
            "answer": _with_skus(_fields(_schema(contract["paths"][path][method])), skus),
            "errors": sorted(set(re.findall(r"^\| `([^`]+)` \| (.*?)\s*\|", section, re.MULTILINE))),
        }
    made[SET]["payload"] = _payload(_section(tables, SET))
    (sample,) = re.findall(r'\{\s+"result": \{\s+"success": true.*?\n\}', guide, re.DOTALL)
    made[WAREHOUSES] = {
        "method": "GET", "request": {"addressTypes": "string!"}, "errors": [],
        "answer": {"result": _shape(json.loads(sample)["result"])},
    }  # fmt: skip
    return made


def _section(tables: str, path: str) -> str:
    (section,) = [each for each in tables.split("\n---\n") if f"- **Path**: `{path}`" in each]
    return section


def _asked(operation: Tree) -> dict[str, str]:
    """Name -> kind, with ! where it must be there."""
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        must = schema.get("required", ())
        return {name: each["type"] + "!" * (name in must) for name, each in schema["properties"].items()}
    return {each["name"]: each["schema"]["type"] + "!" * each["required"] for each in operation["parameters"]}


def _schema(operation: Tree) -> Tree:
    found: Tree = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return found


def _fields(schema: Tree) -> Any:
    """{field: kind}, [kind] for a list; `any` for an object whose fields the document does not say."""
    if schema["type"] == "array":
        return [_fields(schema["items"])]
    if schema["type"] != "object":
        return schema["type"]
    if "properties" not in schema:
        return "any"
    return {name: _fields(each) for name, each in schema["properties"].items()}


def _sku(tables: str) -> Any:
    """The fields of a SKU, as the samples of both calls show them, and what they say beside it."""
    found: Tree = {}
    for sample in re.findall(r"^data=(\{.*\"skus\".*\})$", tables, re.MULTILINE):
        told = json.loads(sample)
        found |= _shape((told.get("data") or told)["skus"][0])
    return found


def _shape(value: Any) -> Any:
    """The kinds of a sample."""
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()} or "any"
    if isinstance(value, list):
        return [_shape(value[0]) if value else "any"]
    return "boolean" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "string"


def _with_skus(fields: Any, sku: Any) -> Any:
    """The document's table says no more of `skus` than that they are objects, and of `images` that they are text,
    where its sample shows a list."""
    if isinstance(fields, list):
        return [_with_skus(each, sku) for each in fields]
    if not isinstance(fields, dict):
        return fields
    known = {
        "skus": [sku],
        "suspendedSkus": [sku],
        "images": ["string"],
        "marketImages": ["string"],
        "variation": "any",
    }
    made = {name: known.get(name, _with_skus(each, sku)) for name, each in fields.items()}
    if "skus" in fields:
        made |= {"variation": "any"}  # the sample of the list shows it, too
    return made


def _payload(section: str) -> Any:
    """The elements of the sample: {name: what is in it}."""
    (sample,) = re.findall(r"^payload=(<Request>.*</Request>)", section, re.MULTILINE)
    return {"Request": _inside(ElementTree.fromstring(sample))}


def _inside(element: ElementTree.Element) -> Any:
    found: Tree = {}
    for child in element:
        inside = _inside(child)
        found[child.tag] = {**found.get(child.tag, {}), **inside} if isinstance(inside, dict) else inside
    return found or "string"


def printed() -> str:
    """The file's content: one endpoint a line."""
    lines = [f"{json.dumps(path)}: {json.dumps(made, ensure_ascii=False)}" for path, made in documents().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(printed(), encoding="utf-8", newline="\n")
