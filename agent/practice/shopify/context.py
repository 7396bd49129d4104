"""What a running query knows: the shop, the caller's scopes, and what is to be said beside the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from agent.practice.shopify.pages import Key, Page, page
from agent.practice.shopify.search import Fields, search
from agent.practice.shopify.shop import Shop

Resolver = Callable[..., Any]
RESOLVERS: dict[tuple[str, str], Resolver] = {}


@dataclass(slots=True)
class Context:
    """One call. A bulk operation's has no limit to its pages."""

    shop: Shop
    base: str = ""
    unlimited: bool = False
    searches: list[dict[str, Any]] = field(default_factory=list)

    @property
    def scopes(self) -> list[str]:
        return self.shop.scopes


Info = GraphQLResolveInfo[Context]


def field_of(kind: str, *names: str) -> Callable[[Resolver], Resolver]:
    """Registers what resolves these fields of a type; all others are attributes of what they are asked of."""

    def register(run: Resolver) -> Resolver:
        for name in names:
            RESOLVERS[kind, name] = run
        return run

    return register


def matching(things: Iterable[Any], info: Info, asked: dict[str, Any], fields: Fields) -> list[Any]:
    """The things that a list's `query` argument finds; warnings go beside the answer."""
    context = info.context
    understood = search(asked.get("query"), fields, context.shop.offset)
    if understood.warnings:
        said = {"path": info.path.as_list(), "query": understood.query, "parsed": understood.parsed}
        context.searches.append({**said, "warnings": understood.warnings})
    return [each for each in things if understood.matches(each)]


def found(things: Iterable[Any], info: Info, asked: dict[str, Any], fields: Fields, key: Key) -> Page:
    """The page of what is found."""
    return page(matching(things, info, asked, fields), key, asked, unlimited=info.context.unlimited)


def counted(have: int, limit: int | None = None) -> dict[str, Any]:
    """A Count; beyond its limit it says only `at least`."""
    short = limit is not None and have > limit
    return {"count": limit if short else have, "precision": "AT_LEAST" if short else "EXACT"}


def listed(things: Iterable[Any], info: Info, asked: dict[str, Any]) -> Page:
    """A page of things in the order of their ids."""
    return page(things, by_id, asked, unlimited=info.context.unlimited)


def by_id(each: Any) -> int:
    return int(each.id)


def sort_key(asked: dict[str, Any], default: str, keys: dict[str, Key]) -> Key:
    """What `sortKey` sorts by; a real shop has more of them."""
    wanted = asked.get("sortKey", default)
    if wanted not in keys:
        said = f"The practice shop does not sort by {wanted}."
        raise GraphQLError(said, extensions={"code": "PRACTICE_SHOP_UNSUPPORTED"})
    return keys[wanted]


def shown_moment(value: Any) -> str:
    """`2026-06-25T01:33:55Z`."""
    moment: datetime = value
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


ALL_ORDERS = timedelta(days=60)  # what read_orders alone shows
