"""`@idempotent(key:)`: from 2026-04 a must for what writes inventory; the same key does nothing twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from graphql import GraphQLError, get_directive_values

from agent.practice.shopify.context import Info
from agent.practice.shopify.shop import Kept, Shop

KEPT_FOR = timedelta(hours=24)  # how long a real shop remembers a key was not recorded


def once(info: Info, asked: Mapping[str, Any], run: Callable[[], Any], mismatch: Any) -> Any:
    """What `run` answers, or what it answered when this key was first used; `mismatch` where it was for other input."""
    shop: Shop = info.context.shop
    key = (info.field_name, _key(info))
    printed = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
    _forget(shop)
    kept = shop.kept.get(key)
    if kept is None:
        kept = shop.kept[key] = Kept(printed, run(), shop.clock())
    return kept.answer if kept.asked == printed else mismatch


def _key(info: Info) -> str:
    directive = info.schema.get_directive("idempotent")
    assert directive is not None
    found = get_directive_values(directive, info.field_nodes[0], info.variable_values)
    if found is None:
        said = "The @idempotent directive is required for this mutation but was not provided."
        raise GraphQLError(said, extensions={"code": "BAD_REQUEST"})
    key = str(found["key"])
    if not key.strip():  # the contract's description forbids it; the sentence was not recorded
        raise GraphQLError("The idempotency key cannot be blank.", extensions={"code": "BAD_REQUEST"})
    return key


def _forget(shop: Shop) -> None:
    """The oldest come first."""
    for key, kept in list(shop.kept.items()):
        if shop.clock() - kept.at < KEPT_FOR:
            break
        del shop.kept[key]
