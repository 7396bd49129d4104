"""WordPress's error answers: a code, a sentence, and `data.status`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class RestError(Exception):
    """An error answer, raised where it is found."""

    def __init__(self, status: int, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"code": code, "message": message, "data": {"status": status, **data}}


@dataclass(frozen=True, slots=True)
class Bad:
    """What is wrong with one parameter."""

    code: str
    message: str
    data: Any = None


def wrong_type(name: str, kind: str) -> Bad:
    """As observed: `stock_quantity is not of type integer.`"""
    return Bad("rest_invalid_type", f"{name} is not of type {kind}.", {"param": name})


def not_in(name: str, allowed: tuple[str, ...]) -> Bad:
    """As observed: `stock_status is not one of instock, outofstock, and onbackorder.`"""
    listed = " and ".join(allowed) if len(allowed) < 3 else f"{', '.join(allowed[:-1])}, and {allowed[-1]}"
    return Bad("rest_not_in_enum", f"{name} is not one of {listed}.")


def invalid_params(problems: Mapping[str, Bad]) -> RestError:
    """All wrong parameters at once, as WordPress reports them."""
    details = {name: {"code": bad.code, "message": bad.message, "data": bad.data} for name, bad in problems.items()}
    sentences = {name: bad.message for name, bad in problems.items()}
    message = f"Invalid parameter(s): {', '.join(problems)}"
    return RestError(400, "rest_invalid_param", message, params=sentences, details=details)


def invalid_id(kind: str, status: int) -> RestError:
    """`kind` is product, product_variation or shop_order."""
    return RestError(status, f"woocommerce_rest_{kind}_invalid_id", "Invalid ID.")


def broken() -> RestError:
    """PHP fell over."""
    link = "https://wordpress.org/documentation/article/faq-troubleshooting/"
    error = RestError(
        500,
        "internal_server_error",
        "<p>There has been a critical error on this website.</p>"
        f'<p><a href="{link}">Learn more about troubleshooting WordPress.</a></p>',
    )
    error.body["additional_errors"] = []
    return error


def unsupported(what: str) -> RestError:
    """A real shop can do this, the practice shop cannot: said loudly rather than answered wrongly."""
    return RestError(501, "practice_shop_unsupported", f"The practice shop does not do {what}.")
