"""A practice shop that speaks WooCommerce's REST API v3.

Written from the contract of WooCommerce 8.6.0 and the recorded answers of a real WooCommerce 11.0.1. Read in this
order: `stock` (one product and what its stock shows), `orders`, `catalogue` and `shop` (what people do), `faults`
(what goes wrong), then the wire: `routes` (the table of calls), `query`, `auth`, `product_reads`, `product_writes`,
`product_changes`, `order_calls`, `site_calls`, `render` and `render_orders`.
"""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette

from agent.practice import serve as _serve
from agent.practice.wire import ConnectionLost, LocalTransport, Request, Response
from agent.practice.woocommerce.demo import main, stock
from agent.practice.woocommerce.faults import Faults
from agent.practice.woocommerce.routes import answer, handle
from agent.practice.woocommerce.shop import Key, Shop

__all__ = [
    "ConnectionLost",
    "Faults",
    "Key",
    "Request",
    "Response",
    "Shop",
    "answer",
    "app",
    "handle",
    "main",
    "serve",
    "stock",
    "transport",
]


def app(shop: Shop) -> Starlette:
    """The shop as an ASGI application."""
    return _serve.application(partial(answer, shop))


def transport(shop: Shop) -> LocalTransport:
    """The shop as an httpx transport, without a socket."""
    return LocalTransport(partial(answer, shop))


async def serve(shop: Shop, host: str = "127.0.0.1", port: int = 0) -> tuple[int, _serve.Stop]:
    """The shop on a socket, in the running loop: the bound port, and a function that stops it."""
    return await _serve.serve(app(shop), host, port)
