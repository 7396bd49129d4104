"""What the shop's own settings mean for stock: the part of `stocksheet check` that only WooCommerce can say (S3-2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agent.channels.base import Finding
from agent.channels.values import text

GROUP = "settings/products/"
INVENTORY = "In WordPress: WooCommerce > Settings > Products > Inventory"
Ask = Callable[[str, str], Awaitable[dict[str, object]]]
"""(path, fields) -> the object, or {} where the key may not see it."""


async def findings(name: str, ask: Ask) -> list[Finding]:
    """`ask`: of the shop. Raises what it raises."""
    manage = await _option(ask, "woocommerce_manage_stock")
    if manage is None:
        what = f"{name}: this key may not see the shop's inventory settings, so they were not looked at."
        return [Finding("note", what, f"{INVENTORY}: see that Enable stock management is ticked.")]
    if manage != "yes":
        what = f"{name} has stock management switched off, so it keeps no quantity that is set there."
        return [Finding("fix", what, f"{INVENTORY}: tick Enable stock management, and save.")]
    found = [Finding("ok", f"{name}: stock management is on.")]
    if await _option(ask, "woocommerce_hide_out_of_stock_items") == "yes":
        what = f"{name} hides products at 0. They come back by themselves with the next quantity above 0."
        fix = f"Nothing to do. To keep them in sight: {INVENTORY}, untick Out of stock visibility."
        found.append(Finding("note", what, fix))
    if not (await _option(ask, "woocommerce_hold_stock_minutes") or "").strip("0"):
        what = f"{name} holds no stock for orders that are not paid yet: two buyers may pay for the last unit."
        found.append(Finding("note", what, f"{INVENTORY}: Hold stock (minutes): 60 is usual."))
    return found


async def _option(ask: Ask, name: str) -> str | None:
    found = await ask(f"{GROUP}{name}", "id,value")
    return (text(found.get("value")) or "") if found else None
