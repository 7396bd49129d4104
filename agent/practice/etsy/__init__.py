"""A practice shop that speaks Etsy's Open API v3.

Written from the vendor's contract (`contract.json` is cut out of it). How it is used:

    shop = Shop(clock=clock, rng=random.Random(1))
    mug = shop.add_simple("MUG-1", "Mug", 5)              # its id; quantity None: a download
    _, (small, large) = shop.add_product("Shirt", [{"sku": "S-S", "options": {"Size": "S"}, "quantity": 3}, ...])
    shop.add_product("Ring", [...], on=[])                # all its variations share one quantity
    order = shop.sell(mug, 2)                             # its id; None where too few are shown
    shop.pay(order); shop.ship(order); shop.cancel(order); shop.refund_all(order); shop.refund_part(order, 500)
    shop.type_quantity(mug, 9); shop.deactivate(mug); shop.activate(mug); shop.fees; shop.remove(mug)
    code = shop.authorise(challenge); shop.unlink(); shop.end_access_tokens()
    shop.faults.conflict = 1                              # see `faults`

Not declared, and assumed: units are taken when the order is placed, and never given back by itself; a write gives new
ids to products, offerings and values; a listing whose last unit is sold is sold out, and stays so when a quantity is
typed; `POST /scopes` answers `{"scopes": [...]}`; refusals in words that are on record.

Read in this order: `stock`, `catalogue`, `orders`, `sales` and `shop` (what people do), `faults`, then the wire:
`routes`, `declared` (what the contract says), `tokens` (the door), `wording`, `reads`, `writes`.
"""

from __future__ import annotations

from agent.practice.etsy.demo import main, stock
from agent.practice.etsy.faults import Faults
from agent.practice.etsy.routes import handle, opens
from agent.practice.etsy.shop import Shop
from agent.practice.wire import ConnectionLost, Request, Response

__all__ = [
    "ConnectionLost", "Faults", "Request", "Response", "Shop", "app", "handle", "main", "serve", "stock", "transport",
]  # fmt: skip

app, transport, serve = opens.app, opens.transport, opens.serve
