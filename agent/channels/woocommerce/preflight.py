"""What the shop's own settings mean for stock: the part of `stocksheet check` that only WooCommerce can say (S3-2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agent.channels.base import Finding
from agent.channels.values import text
from agent.words import in_words

GROUP = "settings/products/"
INVENTORY = "In WordPress: WooCommerce > Settings > Products > Inventory"
Ask = Callable[[str, str], Awaitable[dict[str, object]]]
"""(path, fields) -> the object, or {} where the key may not see it."""


async def findings(name: str, ask: Ask) -> list[Finding]:
    """`ask`: of the shop. Raises what it raises."""
    manage = await _option(ask, "woocommerce_manage_stock")
    if manage is None:
        what = in_words("woocommerce.key_may_not_see", name=name)
        return [Finding("note", what, in_words("woocommerce.see_enable_stock_management", inventory=INVENTORY))]
    if manage != "yes":
        what = in_words("woocommerce.stock_management_switched_off", name=name)
        return [Finding("fix", what, in_words("woocommerce.tick_enable_stock_management", inventory=INVENTORY))]
    found = [Finding("ok", in_words("woocommerce.stock_management", name=name))]
    if await _option(ask, "woocommerce_hide_out_of_stock_items") == "yes":
        what = in_words("woocommerce.hides_products_at_they", name=name)
        fix = in_words("woocommerce.nothing_do_keep_them", inventory=INVENTORY)
        found.append(Finding("note", what, fix))
    if not (await _option(ask, "woocommerce_hold_stock_minutes") or "").strip("0"):
        what = in_words("woocommerce.holds_no_stock_for", name=name)
        found.append(Finding("note", what, in_words("woocommerce.hold_stock_minutes_usual", inventory=INVENTORY)))
    return found


async def _option(ask: Ask, name: str) -> str | None:
    found = await ask(f"{GROUP}{name}", "id,value")
    return (text(found.get("value")) or "") if found else None
