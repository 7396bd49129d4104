"""A practice shop that speaks TikTok Shop's Open API (202309 and later).

Written from the vendor's operation documents (`endpoints.json` is cut out of them). How it is used:

    shop = Shop(clock=clock, rng=random.Random(1))        # warehouses={"7068...": "North", ...} for several
    mug = shop.add_simple("MUG-1", "Mug", 5)              # its SKU id; quantity None: TikTok keeps and ships it
    _, (small, large) = shop.add_product("Shirt", [{"sku": "S-S", "options": {"Size": "S"}, "quantity": 3}, ...])
    gift = shop.add_bundle("GIFT", "Gift box", {mug: 2})  # a virtual bundle
    order = shop.sell(mug, 2)                             # its id; None where too few are shown
    shop.pay(order); shop.arrange(order); shop.ship(order); shop.cancel(order); shop.cancel_units(order, mug, 1)
    shop.ask_cancel(order); shop.send_back(order, mug, 1); shop.lose_delivery(order); shop.fail_pickup(order)
    shop.allocate(mug, 4); shop.type_quantity(mug, 9); shop.remove(mug); shop.skus[mug].auto_restock = False
    code = shop.authorise(); shop.unlink(); shop.end_access_tokens(); shop.missing.add("searchReturns")
    shop.faults.often = 2                                 # see `faults`; shop.gateway_status, shop.item_status as well

Not documented, and assumed: units are taken when the order is placed and given back when it is cancelled before it was
collected, where auto-restock is on; a change of stock does not move a product's update_time; a refresh token is good
once; TikTok's own warehouse stands in a SKU's inventory and not among the seller's; a total below what campaigns and
creators have is refused (12052055); 0 is taken (the documents' range begins at 1: `faults.no_zero`); orders that are
not there are left out; parameters that are not known are refused (36009004).

Read in this order: `stock`, `catalogue`, `orders`, `sales` and `shop` (what people do), `faults`, then the wire:
`routes`, `declared` (what the documents say), `tokens` (the door), `wording`, `reads`, `order_reads`, `stock_writes`.
"""

from __future__ import annotations

from agent.practice.tiktok.demo import main, stock
from agent.practice.tiktok.faults import Faults
from agent.practice.tiktok.routes import handle, opens
from agent.practice.tiktok.shop import Named, Shop
from agent.practice.wire import ConnectionLost, Request, Response

__all__ = [
    "ConnectionLost", "Faults", "Named", "Request", "Response", "Shop",
    "app", "handle", "main", "serve", "stock", "transport",
]  # fmt: skip

app, transport, serve = opens.app, opens.transport, opens.serve
