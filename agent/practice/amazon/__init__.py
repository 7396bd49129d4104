"""A practice account that speaks Amazon's Selling Partner API, for what a seller ships and what Amazon keeps.

Written from the vendor's models (`contract.json` is cut out of them). How it is used:

    shop = Shop(clock=clock, rng=random.Random(1))        # country="DE" for another marketplace
    shop.add_simple("MUG", "Mug", 5)                      # its SKU; quantity None: Amazon keeps and ships it (FBA)
    shop.add_simple("MUG-FBM", "Mug", 3, asin=...)        # the twin of a product that the seller ships
    parent, (small, large) = shop.add_product("Shirt", [{"sku": "S-S", "name": "Shirt, S", "quantity": 3}, ...])
    order = shop.sell("MUG", 2)                           # its number; None where too few are shown
    shop.pay(order); shop.ship(order); shop.ship(order, 1); shop.cancel(order, by="BUYER"); shop.touch_order(order)
    shop.type_quantity("MUG", 9); shop.send_to_amazon("MUG"); shop.remove("MUG"); shop.revoke(); shop.end_tokens()
    shop.faults.apply_after = 90                          # see `faults`; shop.limits, shop.roles, shop.behind as well

Known from the vendor's words: a search shows no order that changed within two minutes; a patch of a SKU that does not
exist is accepted; units come back on the offer where the buyer cancelled, and not where the seller had none left.
Not documented, and assumed: nextToken stays good while the list moves; an order's `quantityOrdered` stays when lines of
it are cancelled; deleted orders are answered with 404.

Read in this order: `offers`, `orders`, `sales` and `shop` (what people do), `faults`, then the wire: `routes`,
`declared`, `tokens` (the door), `wording`, `listing_calls`, `order_calls`, `inbound_calls`, `file_calls`.
"""

from __future__ import annotations

from agent.practice.amazon.demo import main, stock
from agent.practice.amazon.faults import Faults
from agent.practice.amazon.routes import handle, opens
from agent.practice.amazon.shop import Shop
from agent.practice.wire import ConnectionLost, Request, Response

__all__ = [
    "ConnectionLost", "Faults", "Request", "Response", "Shop", "app", "handle", "main", "serve", "stock", "transport",
]  # fmt: skip

app, transport, serve = opens.app, opens.transport, opens.serve
