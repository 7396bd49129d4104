"""Cuts what the practice TikTok Shop declares out of the vendor's operation documents.

`python -m tests.practice.cut_tiktok` writes `agent/practice/tiktok/endpoints.json` anew. Names, types, what is
required, the values that a field takes and the most that a list may hold stay as the vendor has them; descriptions go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT.parent / "shared" / "specs" / "tiktok_shop"
TARGET = ROOT / "agent" / "practice" / "tiktok" / "endpoints.json"

KEPT = (
    "getAuthorizedShops",
    "getWarehouseList",
    "searchProducts",
    "getProduct",
    "inventorySearch",
    "updateInventory",
    "getOrderList",
    "getOrderDetail",
    "searchReturns",
)
_CHOSEN = ("status", "order_status", "return_types", "return_status")
"""Fields whose document lists the words that they take."""
SIMPLE = ("str", "int", "bool", "list[str]", "list[int]")
_VALUE = re.compile(r"^ *- *`?([A-Z][A-Z_]+)`?", re.MULTILINE)
_MOST = re.compile(r"Max (?:IDs|count): (\d+)")


def cut(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of one operation."""
    inside = re.findall(r"\{(\w+)\}", document["path"])
    query = {name: _parameter(each) for name, each in document["params"].items() if name not in inside}
    return {
        "method": document["method"],
        "path": document["path"],
        "cipher": document["requiresShopCipher"],
        "query": query,
        "body": None if document["request_body"] is None else _fields(document["request_body"], asked=True),
        "answer": _fields(document["response"], asked=False),
    }


def _parameter(each: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter may be left out where its type says `Unset`; a type that is a class of its own stands for words."""
    kind = each["type"].removeprefix("<class '").removesuffix("'>").partition(" | ")[0]
    made: dict[str, Any] = {"type": kind if kind in SIMPLE else "str"}
    return made if "Unset" in each["type"] else {**made, "required": True}


def _fields(fields: Mapping[str, Any], *, asked: bool) -> dict[str, Any]:
    return {name.rstrip("_"): _field(name, each, asked=asked) for name, each in fields.items()}


def _field(name: str, each: Mapping[str, Any], *, asked: bool) -> dict[str, Any]:
    kind = each["type"].removesuffix(" | Unset")
    inner = each.get("fields")
    if kind.endswith("object]") and not inner:
        kind = "list[str]"  # of words
    elif kind == "object" and not inner:
        kind = "str"  # a word
    made: dict[str, Any] = {"type": kind}
    said = each.get("description") or ""
    if asked and each.get("required"):
        made["required"] = True
    if asked and name in _CHOSEN and (values := _VALUE.findall(said)):
        made["values"] = sorted(set(values))
    if asked and (most := _MOST.search(said)):
        made["most"] = int(most[1])
    return {**made, "fields": _fields(inner, asked=asked)} if inner else made


def documents() -> dict[str, dict[str, Any]]:
    """Operation -> what is kept of its document. Raises FileNotFoundError where they are not on this computer."""
    return {name: cut(json.loads((SPECS / f"{name}.json").read_text(encoding="utf-8"))) for name in KEPT}


def printed() -> str:
    """The file's content: one operation a line."""
    lines = [f"{json.dumps(name)}: {json.dumps(made, ensure_ascii=False)}" for name, made in documents().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(printed(), encoding="utf-8", newline="\n")
