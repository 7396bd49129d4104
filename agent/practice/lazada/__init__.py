"""A practice shop that speaks Lazada's Open Platform.

Written from the vendor's API documents and guides (`endpoints.json` is cut out of them). How it is used:

    shop = Shop(clock=clock, rng=random.Random(1))        # one place; or warehouses={code: name, ...}
    mug = shop.add_simple("MUG-1", "Mug", 5)              # its key; quantity None: Lazada keeps and ships it
    small, large = shop.add_product("Shirt", [{"sku": "S-S", "options": {"Size": "S"}, "quantity": 3}, ...])
    order = shop.sell(mug, 2)                             # its number; None where too few are shown
    shop.pay(order); shop.pack(order); shop.ready(order); shop.ship(order); shop.cancel(order, "Out of Stock")
    shop.cancel_units(order, 0, 1); shop.send_back(order, 0, 1); shop.fail_delivery(order); shop.come_back(order)
    shop.campaign(mug, locked=4); shop.mega = True; shop.type_quantity(mug, 9); shop.remove(mug)
    code = shop.authorise(); shop.unlink(); shop.end_access_tokens()
    shop.faults.too_many = 2                              # see `faults`; shop.faults.whole_call, .nameless as well

Not documented, and assumed: what is right in a refused call is set all the same (a fault says otherwise); a refresh
token is good once, and does not lengthen the yes; neither a sale nor a quantity moves an item's time of change; a
campaign's sales come off what it has locked; what the Seller Center's tabs hold; most sentences of `detail`.

Read in this order: `stock`, `catalogue`, `orders`, `sales` and `shop` (what people do), `faults`, then the wire:
`routes`, `declared` (what the documents say), `tokens` (the door), `wording`, `reads`, `stock_writes`.
"""

from __future__ import annotations

from agent.practice.lazada.demo import main, stock
from agent.practice.lazada.faults import Faults
from agent.practice.lazada.routes import handle, opens
from agent.practice.lazada.shop import Shop
from agent.practice.wire import ConnectionLost, Request, Response

__all__ = [
    "ConnectionLost", "Faults", "Request", "Response", "Shop", "app", "handle", "main", "serve", "stock", "transport",
]  # fmt: skip

app, transport, serve = opens.app, opens.transport, opens.serve
