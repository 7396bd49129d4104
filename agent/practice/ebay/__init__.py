"""A practice account that speaks both halves of eBay's interface: REST (Inventory, Fulfillment, Identity, Analytics),
and the Trading API.

REST is written from the vendor's contracts, the Trading API from the vendor's pages. How it is used:

    shop = Shop(clock=clock, rng=random.Random(1))        # model="inventory": made with the Inventory API
    mug = shop.add_simple("MUG-1", "Mug", 5)              # its number; quantity None: an auction
    small, large = shop.add_product("Shirt", [{"sku": "S-S", "options": {"Size": "S"}, "quantity": 3}, ...])
    order = shop.sell(mug, 2)                             # its id; None where too few are shown
    shop.ship(order); shop.cancel(order); shop.refund(order); shop.pay(shop.book_order([(mug, 1)], "UNPAID").id)
    shop.out_of_stock_control = False                     # then a listing at 0 ends
    shop.counts.trading.limit = 100                       # calls a day
    code = shop.authorise(); shop.unlink(); shop.end_access_tokens()

Not documented, and assumed: units are taken when somebody commits to buy, and not put back by a cancel (`restocks` says
otherwise); ids of orders that are not there are left out; a day of revisions begins at midnight UTC.

Read in this order: `stock`, `catalogue`, `sales` and `shop` (what people do), `faults`, then the wire: `rest`,
`trading`, `declared` (of the Trading API), `routes`.
"""

from __future__ import annotations

from agent.practice.ebay.demo import main, stock
from agent.practice.ebay.faults import Faults
from agent.practice.ebay.routes import handle, opens
from agent.practice.ebay.shop import Shop
from agent.practice.wire import ConnectionLost, Request, Response

__all__ = [
    "ConnectionLost", "Faults", "Request", "Response", "Shop", "app", "handle", "main", "serve", "stock", "transport",
]  # fmt: skip

app, transport, serve = opens.app, opens.transport, opens.serve
