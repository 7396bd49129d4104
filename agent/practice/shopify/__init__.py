"""A practice shop that speaks Shopify's Admin GraphQL API, version 2026-10.

Written from the vendor's schema and from recorded answers of real shops. How it is used:

    shop = Shop(clock=clock, rng=random.Random(1))    # one location, the permanent token "shpat_practice"
    mug = shop.add_simple("MUG-1", "Mug", 5)          # a variant's id; quantity None: nobody tracks it
    _, (small, large) = shop.add_product("Shirt", [
        {"sku": "S-S", "options": {"Size": "S"}, "quantity": 3},
        {"sku": "S-L", "options": {"Size": "L"}, "quantity": {location: 2}},      # {location id: units}
    ])
    order = shop.sell(mug, 2)                         # None where the storefront refuses; `place_order` for several
    shop.fulfil(order); shop.cancel(order, restock=True); shop.refund(order, {line: 1})
    shop.edit_order(order, {line: 0}); shop.pay(order); shop.hold(order); shop.send_from(order, location)
    shop.type_quantity(mug, 9); shop.rename_sku(mug, "MUG-2"); shop.set_tracked(mug, False); shop.delete_variant(mug)
    shop.quantity(mug); shop.quantity(mug, location, "on_hand"); shop.orders[order].lines
    shop.faults.throttled = 2                         # see `faults`; shop.stock_touches_variant, shop.scopes as well
    fill_many(shop, 400); fill(shop, world.shops[name])                       # a grown shop; the demo's
    client = httpx.AsyncClient(transport=transport(shop), base_url="http://practice")   # or `serve(shop)` for a port

All ids in Python are plain numbers; on the wire they are `gid://shopify/<Kind>/<number>` (`gid` of `ids`).
Calls go to POST /admin/api/2026-10/graphql.json and POST /admin/oauth/access_token.

Read in this order: `stock` (a variant and what is counted of it), `catalogue`, `orders`, `sales` and `shop`
(what people do), `faults` (what goes wrong), then the wire: `routes`, `execute` (one call), `cost`, `wording`,
`schema`, and what resolves it: `context`, `access`, `search`, `filters`, `pages`, `reads`, `inventory_reads`,
`order_reads`, `sending_reads`, `quantities`, `writes`, `idempotency`, `bulk_calls`, `bulk_rules`.
"""

from __future__ import annotations

from agent.practice.shopify.demo import fill, fill_many, main
from agent.practice.shopify.faults import Faults
from agent.practice.shopify.ids import gid
from agent.practice.shopify.routes import handle, opens
from agent.practice.shopify.shop import Shop
from agent.practice.wire import ConnectionLost, Request, Response

__all__ = [
    "ConnectionLost", "Faults", "Request", "Response", "Shop",
    "app", "fill", "fill_many", "gid", "handle", "main", "serve", "transport",
]  # fmt: skip

app, transport, serve = opens.app, opens.transport, opens.serve
