"""A practice shop that speaks WooCommerce's REST API v3.

Written from the contract of WooCommerce 8.6.0 and the recorded answers of a real WooCommerce 11.0.1. Read in this
order: `stock` (one product and what its stock shows), `orders`, `catalogue` and `shop` (what people do), `faults`
(what goes wrong), then the wire: `call` (one on its way) and `routes` (all of them), `errors`, `query`, `auth`,
`product_reads`, `product_writes`, `product_changes`, `order_calls`, `site_calls`, `site_pages`, `render` and
`render_orders`.
"""

from __future__ import annotations

from agent.practice.wire import ConnectionLost, Request, Response
from agent.practice.woocommerce.demo import main, stock
from agent.practice.woocommerce.faults import Faults
from agent.practice.woocommerce.routes import handle, opens
from agent.practice.woocommerce.shop import Key, Shop

__all__ = [
    "ConnectionLost", "Faults", "Key", "Request", "Response", "Shop",
    "app", "handle", "main", "serve", "stock", "transport",
]  # fmt: skip

app, transport, serve = opens.app, opens.transport, opens.serve
