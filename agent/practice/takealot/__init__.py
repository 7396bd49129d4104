"""A practice shop that speaks both of Takealot's interfaces: Marketplace API v1 (`/v1`) and Seller API v2 (`/v2`).

Written from the vendor's swagger of the Seller API v2, the facts that are known of the Marketplace API v1, and the
vendor's help pages on stock; where nobody says what Takealot does, a switch of the shop says it (`Habits`). Read in
this order: `offers`, `catalogue`, `changes` (of stock, one or in a batch), `sales` and `shop` (what people do),
`faults` (what goes wrong), then the wire: `declared` (every call and field), `marketplace` (v1), `seller` (v2),
`routes`.
"""

from __future__ import annotations

from agent.practice.takealot.demo import main, stock
from agent.practice.takealot.faults import Faults
from agent.practice.takealot.offers import Offer
from agent.practice.takealot.routes import handle, opens
from agent.practice.takealot.sales import Sale
from agent.practice.takealot.shop import Habits, Shop
from agent.practice.wire import ConnectionLost, Request, Response

__all__ = [
    "ConnectionLost", "Faults", "Habits", "Offer", "Request", "Response", "Sale", "Shop",
    "app", "handle", "main", "serve", "stock", "transport",
]  # fmt: skip

app, transport, serve = opens.app, opens.transport, opens.serve
