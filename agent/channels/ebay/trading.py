"""The older half of eBay's interface, the Trading API: questions and answers in XML, one address for all calls.

An answer becomes plain values, as JSON would: text for a leaf, a record for what has children, a list where a name
comes more than once, and `Price@currencyID` beside `Price` for an attribute. Nothing outside the text is ever looked
up: declarations of a document type, and with them all entities, are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from agent.channels.answers import NONSENSE
from agent.channels.values import records

PATH = "ws/api.dll"
NAMESPACE = "urn:ebay:apis:eBLBaseComponents"
LEVEL = "1451"
"""Of the interface: what a call knows and answers."""
SITE = "0"
"""eBay.com: in its language errors are told. Every account's listings are seen from every site."""
Value = str | int | Mapping[str, "Value"] | Sequence["Value"]


def headers(call: str) -> dict[str, str]:
    """What each call says beside its token."""
    return {
        "Content-Type": "text/xml; charset=utf-8",
        "Accept": "text/xml",
        "X-EBAY-API-CALL-NAME": call,
        "X-EBAY-API-SITEID": SITE,
        "X-EBAY-API-COMPATIBILITY-LEVEL": LEVEL,
    }


def written(call: str, fields: Mapping[str, Value]) -> bytes:
    """A request. A list stands for its name as often as it has members."""
    root = etree.Element(f"{{{NAMESPACE}}}{call}Request", nsmap={None: NAMESPACE})
    for name, value in fields.items():
        _put(root, name, value)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def _put(parent: Any, name: str, value: Value) -> None:
    if isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            _put(parent, name, each)
        return
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if isinstance(value, Mapping):
        for inner, each in value.items():
            _put(element, inner, each)
    else:
        element.text = str(value)


def parsed(body: bytes) -> object:
    """An answer as plain values, or NONSENSE where it is not one of the Trading API."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return NONSENSE
    if root.getroottree().docinfo.doctype or not isinstance(root.tag, str) or not _plain(root).endswith("Response"):
        return NONSENSE
    return _values(root)


def _values(element: Any) -> object:
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in children:
        name, value = _plain(child), _values(child)
        found[name] = [*many(found[name]), value] if name in found else value
        for attribute, said in child.attrib.items():
            found[f"{name}@{attribute}"] = str(said)
    return found


def _plain(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def many(value: object) -> list[object]:
    """What may stand once or several times, or not at all."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def many_records(value: object) -> list[dict[str, object]]:
    """The same of what has children."""
    return records(many(value))
