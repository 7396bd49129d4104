"""A product or variation, and WooCommerce's rules for what its stock shows (observed on WooCommerce 11.0.1)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, eq=False)
class Product:
    """One product, of type simple, variable or variation. `modified` is UTC without a zone, whole seconds."""

    id: int
    type: str
    sku: str
    name: str
    created: datetime
    modified: datetime
    price: str = "9.90"
    barcode: str = ""
    status: str = "publish"
    backorders: str = "no"
    manage: bool = False
    quantity: int | None = None
    stock_status: str = "instock"
    low_stock_amount: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    parent: Product | None = None
    children: list[Product] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)  # other accepted fields, shown back as sent

    @property
    def counted(self) -> Product | None:
        """The product whose quantity counts here: itself, a managing parent, or None where nobody counts."""
        if self.manage:
            return self
        return self.parent if self.parent is not None and self.parent.manage else None

    @property
    def shown_manage(self) -> bool | str:
        """`manage_stock`: for a variation whose parent counts, the word "parent"."""
        return self.manage or ("parent" if self.counted is not None else False)

    @property
    def shown_quantity(self) -> int | None:
        """`stock_quantity`: what a buyer may see; None where stock is not managed."""
        return self.counted.quantity if self.counted is not None else None

    @property
    def shown_backorders(self) -> str:
        """`backorders`, of the product whose quantity counts."""
        return (self.counted or self).backorders

    @property
    def shown_status(self) -> str:
        """`stock_status`. An unmanaged variable product shows the best of its variations."""
        if self.type == "variable" and not self.manage and self.children:
            shown = {child.shown_status for child in self.children}
            return next(status for status in ("instock", "onbackorder", "outofstock") if status in shown)
        return (self.counted or self).stock_status

    @property
    def shown_sku(self) -> str:
        """A variation without a SKU of its own shows its parent's."""
        return self.sku or (self.parent.sku if self.parent is not None else "")

    @property
    def title(self) -> str:
        """The name of an order line: `Shirt - Red, M`."""
        options = ", ".join(self.options.values())
        return f"{self.name} - {options}" if self.parent is not None and options else self.name

    @property
    def buyable(self) -> bool:
        """Published, and so is its parent."""
        return self.status == "publish" and (self.parent is None or self.parent.status == "publish")

    def settle(self) -> None:
        """Follow from quantity and backorders, as every save does: the status is ignored while stock is managed."""
        if not self.manage:
            self.quantity, self.backorders, self.low_stock_amount = None, "no", None
        elif (self.quantity or 0) > 0:
            self.stock_status = "instock"
        else:
            self.stock_status = "outofstock" if self.backorders == "no" else "onbackorder"


def whole(value: Any) -> int:
    """PHP's integer of anything, which a batch item goes through: "abc" is 0, "1,5" is 1, 3.7 is 3, [4] is 1."""
    if isinstance(value, str):
        found = re.match(r"\s*[+-]?\d{1,18}", value)
        return int(found.group()) if found else 0
    if isinstance(value, (bool, int, float)):
        return int(value) if math.isfinite(value) else 0
    return 1 if value else 0


def truth(value: Any) -> bool:
    """WooCommerce's yes or no of anything: a word it does not know means no."""
    return value.lower() in {"yes", "true", "1", "on"} if isinstance(value, str) else value in (1, True)


def amount(value: Any) -> str:
    """WooCommerce's price of anything: "abc" is empty, "12,50" is "1250" (the comma parts thousands)."""
    found = re.fullmatch(r"-?\d*\.?\d+", re.sub(r"[^\d.\-]", "", str(value)))
    return found.group() if found else ""
