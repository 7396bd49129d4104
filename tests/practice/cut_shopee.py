"""Cuts what the practice Shopee declares out of the vendor's endpoint documents.

`python -m tests.practice.cut_shopee` writes `agent/practice/shopee/endpoints.json` anew. Names, types, what is
required, the values that a parameter takes and the most that a list may hold stay as the vendor has them; descriptions
go.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT.parent / "shared" / "specs" / "shopee"
TARGET = ROOT / "agent" / "practice" / "shopee" / "endpoints.json"

KEPT = (
    "v2.public.get_access_token",
    "v2.public.refresh_access_token",
    "v2.shop.get_shop_info",
    "v2.shop.get_shop_holiday_mode",
    "v2.shop.get_warehouse_detail",
    "v2.product.get_item_list",
    "v2.product.get_item_base_info",
    "v2.product.get_model_list",
    "v2.product.get_item_promotion",
    "v2.product.update_stock",
    "v2.order.get_order_list",
    "v2.order.get_order_detail",
)
METHODS = {1: "POST", 2: "GET"}
_VALUES = re.compile(r"Available values?:\s*(\w+(?:\s*[,/]\s*\w+)*)|^(\w+(?:/\w+)+)")
_MOST = re.compile(r"Max=(\d+)|limit \[\d+,(\d+)\]|1 (?:to|and) (\d+)")
_CHOSEN = ("item_status", "time_range_field", "order_status", "response_optional_fields")
"""Parameters whose document lists the values that they take."""


def cut(document: dict[str, Any]) -> dict[str, Any]:
    """What is kept of one document."""
    return {
        "method": METHODS[document["method"]],
        "kind": document["api_type"].lower(),
        "common": [each["name"] for each in document["common_params"]],
        "request": [_field(each, asked=True) for each in document["request_params"]],
        "answer": [_field(each) for each in document["response_params"]],
        "errors": sorted(_errors(document)),
    }


def _errors(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Of its lists, and of its examples."""
    listed = document["error_list"] + (document.get("common_error_list") or [])
    shown = [each["value"] for each in document.get("error_example") or [] if isinstance(each["value"], dict)]
    return {(each["name"], each["description"]) for each in listed} | {(e["error"], e["message"]) for e in shown}


def _field(each: dict[str, Any], *, asked: bool = False) -> dict[str, Any]:
    said = each.get("description") or ""
    kept: dict[str, Any] = {"name": each["name"], "type": each["type"]}
    if asked and each.get("required") == "True":
        kept["required"] = True
    if asked and each["name"] in _CHOSEN and (values := _VALUES.search(said)):
        kept["values"] = sorted(set(re.split(r"\s*[,/]\s*", values[1] or values[2])))
    if asked and (most := _MOST.search(said)):
        kept["most"] = int(next(filter(None, most.groups())))
    if each.get("children"):
        kept["children"] = [_field(child, asked=asked) for child in each["children"]]
    return _unprinted(kept)


def _unprinted(field: dict[str, Any]) -> dict[str, Any]:
    """Where the document's own sample shows that its table is printed wrongly, the sample counts."""
    if field["name"] == "promotion_stock_info_v2":
        (summary, reserved) = field["children"]
        field["children"] = [{**summary, "children": [reserved]}]
    inner = {each["name"]: each for each in field.get("children", ())}
    if {"item_list", "stock_info_v2"} <= inner.keys():  # they stand in each item, not beside the list
        items = inner.pop("item_list")
        field["children"] = [{**items, "children": [*items["children"], *inner.values()]}]
    return field


def documents() -> dict[str, dict[str, Any]]:
    """Path -> what is kept of its document. Raises FileNotFoundError where they are not on this computer."""
    read = [json.loads((SPECS / f"{name}.json").read_text(encoding="utf-8")) for name in KEPT]
    return {each["path"]: cut(each) for each in read}


def printed() -> str:
    """The file's content: one endpoint a line."""
    lines = [f"{json.dumps(path)}: {json.dumps(made, ensure_ascii=False)}" for path, made in documents().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(printed(), encoding="utf-8", newline="\n")
