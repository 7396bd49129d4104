"""What is sold: offers by their SKU, who keeps their stock, and what has been submitted and not taken effect yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from agent.practice.base import Base, Clock

OWN = "DEFAULT"
"""The fulfilment channel of the seller's own stock; Amazon's are called AMAZON_NA, AMAZON_EU and so on."""


@dataclass(slots=True, eq=False)
class Offer:
    """One SKU. `channels`: fulfilment channel -> units (None: Amazon counts them and does not say)."""

    sku: str
    asin: str
    name: str
    created: datetime
    updated: datetime
    channels: dict[str, int | None]
    product_type: str = "HOME"
    price: str = "9.99"
    barcode: str = ""
    parent: str = ""
    children: list[str] = field(default_factory=list)
    suppressed: bool = False
    handling_days: int | None = 2
    """What the seller set as handling time: a replaced fulfilment entry loses it, a merged one keeps it."""

    on_the_way: int = 0
    """Units in the seller's own shipments to Amazon that have left."""
    unpacked: int = 0
    """Of shipments that are being unpacked, still to come."""
    at_amazon: int = 0
    counted_at: datetime | None = None
    """When Amazon's count of it last changed."""

    @property
    def by_amazon(self) -> bool:
        return any(code.startswith("AMAZON") for code in self.channels)

    @property
    def buyable(self) -> bool:
        if self.suppressed or self.children:
            return False
        return self.by_amazon or bool(self.channels.get(OWN))


class Catalogue(Base):
    """Offers by SKU."""

    def __init__(self, clock: Clock, keeper: str) -> None:
        """`keeper`: how Amazon's own fulfilment channel is called in this marketplace."""
        super().__init__(clock)
        self.keeper = keeper
        self.offers: dict[str, Offer] = {}
        self._asins = count(1)
        self._landing: list[tuple[datetime, int, Callable[[], None]]] = []
        self._landings = count()

    # -- putting up --------------------------------------------------------------------------------------------------

    def add_simple(self, sku: str, name: str, quantity: int | None, **more: Any) -> str:
        """An offer; quantity None: Amazon keeps and ships it (FBA). `asin=` of another: a second offer of the same
        product, such as its twin that the seller ships. Gives its SKU."""
        channels = more.pop("channels", None) or ({self.keeper: None} if quantity is None else {OWN: quantity})
        asin = more.pop("asin", f"B{next(self._asins):09d}")
        now = self.moment()
        self.offers[sku] = Offer(sku, asin, name, now, now, dict(channels), **more)
        return sku

    def add_product(self, name: str, variants: Sequence[Mapping[str, Any]], sku: str = "") -> tuple[str, list[str]]:
        """A family: a parent that nobody can buy, and its children {sku, name, quantity}. Gives their SKUs."""
        parent = sku or f"PARENT-{len(self.offers)}"
        self.add_simple(parent, name, 0, channels={OWN: None})
        self.offers[parent].channels = {}
        made = [self.add_simple(each["sku"], each["name"], each["quantity"], parent=parent) for each in variants]
        self.offers[parent].children = list(made)
        return parent, made

    # -- what people do ----------------------------------------------------------------------------------------------

    def quantity(self, sku: str) -> int | None:
        """What a buyer may buy of the seller's own; None where there is none of it."""
        self.land()
        offer = self.offers.get(sku)
        return offer.channels.get(OWN) if offer else None

    def type_quantity(self, sku: str, units: int) -> None:
        """Somebody types a number in Seller Central."""
        self.offers[sku].channels[OWN] = units
        self.touch(sku)

    def send_to_amazon(self, sku: str) -> None:
        """From now on Amazon keeps and ships it (it is converted to FBA)."""
        self.offers[sku].channels = {self.keeper: None}
        self.touch(sku)

    def ship_to_amazon(self, sku: str, units: int) -> None:
        """A shipment to Amazon's warehouse leaves with a tracking number."""
        offer = self.offers[sku]
        offer.on_the_way, offer.counted_at = offer.on_the_way + units, self.moment()

    def unpack(self, sku: str, units: int) -> None:
        """So many of what is on the way have arrived and can be bought; the rest of it is still to come."""
        offer = self.offers[sku]
        offer.unpacked, offer.on_the_way = offer.unpacked + offer.on_the_way - units, 0
        offer.at_amazon, offer.counted_at = offer.at_amazon + units, self.moment()

    def remove(self, sku: str) -> None:
        """The offer is deleted."""
        gone = self.offers.pop(sku)
        if gone.parent in self.offers:
            self.offers[gone.parent].children.remove(sku)

    def touch(self, sku: str) -> None:
        self.offers[sku].updated = self.moment()

    # -- what was submitted ------------------------------------------------------------------------------------------

    def submit(self, seconds: float, deed: Callable[[], None]) -> None:
        """It takes effect so many seconds from now, whatever else was submitted since."""
        self._landing.append((self.clock() + timedelta(seconds=seconds), next(self._landings), deed))
        self.land()

    def land(self) -> None:
        """What is due by now takes effect."""
        now = self.clock()
        due = sorted(each[:2] for each in self._landing if each[0] <= now)
        deeds = {each[:2]: each[2] for each in self._landing}
        self._landing = [each for each in self._landing if each[0] > now]
        for key in due:
            deeds[key]()

    def put_availability(self, sku: str, op: str, value: Sequence[Mapping[str, Any]]) -> None:
        """One patch of /attributes/fulfillment_availability. `merge` changes the entry of the same channel and leaves
        its other fields; `replace` (and `add`) put these entries in the place of the seller's own."""
        offer = self.offers.get(sku)
        if offer is None:
            return  # taken all the same: an offer begins to be made of it, which nobody can see or buy
        for entry in value:
            offer.channels[entry["fulfillment_channel_code"]] = entry.get("quantity")
            if op != "merge":
                offer.handling_days = entry.get("lead_time_to_ship_max_days")
        self.touch(sku)
