"""A practice shop that speaks Shopee's Open Platform v2.

Written from the vendor's endpoint documents (`endpoints.json` is cut out of them). How it is used:

    shop = Shop(clock=clock, rng=random.Random(1))        # one place; warehouses={"SGA": "North", ...} for several
    mug = shop.add_simple("MUG-1", "Mug", 5)              # its id; quantity None: Shopee keeps and ships it
    _, (small, large) = shop.add_product("Shirt", [{"sku": "S-S", "options": {"Size": "S"}, "quantity": 3}, ...])
    order = shop.sell(mug, 2)                             # its number; None where too few are shown
    shop.pay(order); shop.arrange(order); shop.ship(order); shop.cancel(order); shop.cancel_units(order, 0, 1)
    shop.ask_cancel(order); shop.send_back(order, 0, 1); shop.lose_delivery(order); shop.fail_pickup(order)
    shop.campaign(mug, reserved=4); shop.holiday = True; shop.type_quantity(mug, 9); shop.remove(mug)
    code = shop.authorise(); shop.unlink(); shop.end_access_tokens()
    shop.faults.often = 2                                 # see `faults`; shop.gateway_status, shop.item_status as well

Not documented, and assumed: units are taken when the order is placed and given back when it is cancelled before
pick-up; units sent back are not put up again; a list is in the order of its times; refusals of who calls have status
403 and refusals of what is asked 200 (both can be set); Shopee refuses parameters that it does not know.

Read in this order: `stock`, `catalogue`, `orders`, `sales` and `shop` (what people do), `faults`, then the wire:
`routes`, `declared` (what the documents say), `tokens` (the door), `wording`, `reads`, `stock_writes`.
"""

from __future__ import annotations

from agent.practice.shopee.demo import main, stock
from agent.practice.shopee.faults import Faults
from agent.practice.shopee.routes import handle, opens
from agent.practice.shopee.shop import Shop
from agent.practice.wire import ConnectionLost, Request, Response

__all__ = [
    "ConnectionLost", "Faults", "Request", "Response", "Shop", "app", "handle", "main", "serve", "stock", "transport",
]  # fmt: skip

app, transport, serve = opens.app, opens.transport, opens.serve
