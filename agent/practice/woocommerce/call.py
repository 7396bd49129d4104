"""One call on its way through the shop, and its answer before it becomes bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.practice.wire import Request
from agent.practice.woocommerce.errors import RestError
from agent.practice.woocommerce.query import Spec
from agent.practice.woocommerce.shop import Shop


@dataclass(frozen=True, slots=True)
class Call:
    """A request that found its route: the ids in its path and its checked query parameters."""

    shop: Shop
    request: Request
    ids: Mapping[str, int]
    values: Mapping[str, Any]

    @property
    def base(self) -> str:
        return self.request.base

    def body(self) -> dict[str, Any]:
        """The JSON body. Without a JSON content type WordPress does not look at it at all."""
        kind = self.request.headers.get("content-type", "")
        if not self.request.body or not kind.lower().startswith("application/json"):
            return {}
        try:
            parsed = self.request.json()
        except ValueError:
            raise RestError(
                400,
                "rest_invalid_json",
                "Invalid JSON body passed.",
                json_error_code=4,
                json_error_message="Syntax error",
            ) from None
        return parsed if isinstance(parsed, dict) else {}


@dataclass(slots=True)
class Reply:
    """A JSON answer."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What one method of a route does, the parameters it knows, and what a visitor without a key is told."""

    run: Callable[[Call], Reply]
    denied: tuple[str, str] | None
    spec: Spec = field(default_factory=dict)


LIST = ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
VIEW = ("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource.")
CREATE = ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources.")
EDIT = ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource.")
DELETE = ("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource.")
BATCH = ("woocommerce_rest_cannot_batch", "Sorry, you are not allowed to batch manipulate this resource.")
