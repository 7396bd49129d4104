"""Products, their variants, and the inventory items in which Shopify counts: by location, and under several names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

NAMES = ("available", "on_hand", "committed", "incoming", "reserved", "damaged", "quality_control", "safety_stock")
_PARTS_OF_ON_HAND = ("available", "committed", "reserved", "damaged", "quality_control", "safety_stock")


@dataclass(slots=True, eq=False)
class Location:
    """A place with stock; `level_number` is the first half of the ids of its inventory levels (as recorded)."""

    id: int
    level_number: int
    name: str
    created_at: datetime
    updated_at: datetime
    is_active: bool = True
    fulfills_online_orders: bool = True
    is_fulfillment_service: bool = False
    is_primary: bool = False
    deactivated_at: datetime | None = None

    @property
    def ships_inventory(self) -> bool:
        return self.is_active and self.fulfills_online_orders


@dataclass(slots=True, eq=False)
class Level:
    """What one inventory item has at one location. An item that was never stocked there has no level there."""

    item: Item
    location: Location
    created_at: datetime
    updated_at: datetime
    is_active: bool = True
    counted: dict[str, int] = field(default_factory=dict)  # by name; on_hand is worked out
    available_at: datetime | None = None  # the one quantity whose updatedAt Shopify tells (as recorded)

    @property
    def is_stocked(self) -> bool:
        """Whether the item is kept there: the level is active, and the location open."""
        return self.is_active and self.location.is_active

    @property
    def id(self) -> int:
        """The number that its global id begins with."""
        return self.location.level_number

    def quantity(self, name: str) -> int:
        """Units under that name; on hand is everything that lies there, sold but not sent included."""
        if name == "on_hand":
            return sum(self.counted.get(part, 0) for part in _PARTS_OF_ON_HAND)
        return self.counted.get(name, 0)


@dataclass(slots=True, eq=False)
class Item:
    """An inventory item: what is counted. Usually of one variant; several may share one."""

    id: int
    created_at: datetime
    updated_at: datetime
    tracked: bool = True
    requires_shipping: bool = True
    variants: list[Variant] = field(default_factory=list)
    levels: dict[int, Level] = field(default_factory=dict)  # by location

    @property
    def sku(self) -> str | None:
        return self.variants[0].sku

    @property
    def is_bundle(self) -> bool:
        return any(variant.requires_components for variant in self.variants)

    @property
    def active_levels(self) -> list[Level]:
        return [level for level in self.levels.values() if level.is_stocked]


@dataclass(slots=True, eq=False)
class Variant:
    """What a buyer can put into the cart."""

    id: int
    product: Product
    inventory_item: Item
    sku: str | None
    options: dict[str, str]
    created_at: datetime
    updated_at: datetime
    barcode: str | None = None
    price: Decimal = Decimal("9.90")
    inventory_policy: str = "DENY"
    requires_components: bool = False  # a bundle: its stock is that of its parts

    @property
    def title(self) -> str:
        return " / ".join(self.options.values())

    @property
    def display_name(self) -> str:
        return f"{self.product.title} - {self.title}"

    @property
    def position(self) -> int:
        return self.product.variants.index(self) + 1

    @property
    def inventory_quantity(self) -> int:
        """Available over all locations."""
        return sum(level.quantity("available") for level in self.inventory_item.active_levels)

    @property
    def available_for_sale(self) -> bool:
        """Shown, and there is stock or nobody minds."""
        unlimited = not self.inventory_item.tracked or self.inventory_policy == "CONTINUE"
        return self.product.is_shown and (unlimited or self.inventory_quantity > 0)


@dataclass(slots=True, eq=False)
class Product:
    """A product; without options of its own it has the one option `Title` with the one value `Default Title`."""

    id: int
    title: str
    handle: str
    created_at: datetime
    updated_at: datetime
    status: str = "ACTIVE"
    vendor: str = ""
    product_type: str = ""
    tags: list[str] = field(default_factory=list)
    is_gift_card: bool = False
    variants: list[Variant] = field(default_factory=list)

    @property
    def is_shown(self) -> bool:
        """A buyer who knows its address finds an unlisted one as well."""
        return self.status in {"ACTIVE", "UNLISTED"}

    @property
    def tracks_inventory(self) -> bool:
        return any(variant.inventory_item.tracked for variant in self.variants)

    @property
    def total_inventory(self) -> int:
        return sum(variant.inventory_quantity for variant in self.variants)

    @property
    def has_only_default_variant(self) -> bool:
        return len(self.variants) == 1 and self.variants[0].title == "Default Title"
