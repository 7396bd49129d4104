"""Who acts in the shops: buyers, a packer, the seller at the orders; and what goes wrong. Each has its own chance."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

from agent.practice.woocommerce import Faults
from tests.world.books import OPEN

if TYPE_CHECKING:
    from tests.world.run import World

MASTER = "Item Master"


# --- buyers, who buy what a shop shows --------------------------------------------------------------------------------


async def buyers(world: World, rng: Random, orders: int, gap: float) -> None:
    """Orders, one after the other; a shop refuses what it does not show."""
    for _ in range(orders):
        await asyncio.sleep(rng.expovariate(1 / gap))
        channel = rng.choice(sorted(world.shops))
        chosen = rng.sample(world.sold_in(channel), k=1 if rng.random() < 0.8 else 2)
        lines = [(product, rng.choice((1, 1, 1, 2, 3))) for product in chosen]
        status = rng.choices(("processing", "on-hold", "pending"), (86, 8, 6))[0]
        world.sell(channel, lines, status)


async def changes_of_mind(world: World, rng: Random, times: int, gap: float) -> None:
    """Open orders are cancelled, or lose a unit by a refund; unpaid ones are paid or given up."""
    for _ in range(times):
        await asyncio.sleep(rng.expovariate(1 / gap))
        channel = rng.choice(sorted(world.shops))
        shop = world.shops[channel]
        unpaid = [order.id for order in shop.orders.values() if order.status == "pending"]
        opened = [order.id for order in shop.orders.values() if order.status in OPEN]
        shipped = [order.id for order in shop.orders.values() if order.status == "completed" and order.refunded == 0]
        if shipped and rng.random() < 0.25:  # nothing comes back to the shelf
            world.set_status(channel, rng.choice(shipped), rng.choice(("cancelled", "refunded")))
        elif unpaid and rng.random() < 0.5:
            world.set_status(channel, rng.choice(unpaid), rng.choice(("processing", "cancelled")))
        elif opened and rng.random() < 0.7:
            world.set_status(channel, rng.choice(opened), rng.choice(("cancelled", "cancelled", "failed")))
        elif opened:
            world.refund_one(channel, rng.choice(opened), rng)


async def desk(world: World, rng: Random, times: int, gap: float) -> None:
    """The seller at the shop's own orders: edits them, takes lines out, marks them as not sent after all, refunds
    without putting back, and takes goods back that were sent."""
    for _ in range(times):
        await asyncio.sleep(rng.expovariate(1 / gap))
        if not world.started or world.calm:
            continue
        channel = rng.choice(sorted(world.shops))
        orders = world.shops[channel].orders.values()
        opened = [order.id for order in orders if order.status in OPEN and not order.refunds]
        sent = [order.id for order in orders if order.status == "completed" and not order.refunds]
        deed = rng.choices(("edit", "lose", "undo", "return"), (5, 2, 3, 3))[0]
        if deed == "edit" and opened:
            world.edit_order(channel, rng.choice(opened), rng)
        elif deed == "lose" and opened:
            world.refund_one(channel, rng.choice(opened), rng, restock=False)
        elif deed == "undo" and sent:
            world.unship(channel, rng.choice(sent))
        elif deed == "return" and sent:
            world.take_back(channel, rng.choice(sent), rng)


# --- the packer -------------------------------------------------------------------------------------------------------


async def packer(world: World, rng: Random, times: int, gap: float) -> None:
    """Packs the oldest open orders whose units truly lie there; marking is the moment at which they leave the shelf."""
    for _ in range(times):
        await asyncio.sleep(rng.expovariate(1 / gap))
        if not world.started:
            continue
        waiting = [
            (order.id, channel)
            for channel, shop in sorted(world.shops.items())
            for order in shop.orders.values()
            if order.status in OPEN and world.can_ship(channel, order)
        ]
        for order_id, channel in waiting[: rng.choice((1, 1, 2, 3))]:
            if world.can_ship(channel, world.shops[channel].orders[order_id]):
                world.ship(channel, order_id)


# --- what goes wrong --------------------------------------------------------------------------------------------------


LONG_OUTAGES = 0.2
"""Share of the episodes that last for hours, with a slow rhythm for days; buyers go on buying there."""


async def trouble(world: World, rng: Random, episodes: int, gap: float, poll: float) -> None:
    """Episodes in which one shop is down, slow, forgetful, late or stubborn."""
    for _ in range(episodes):
        await asyncio.sleep(rng.expovariate(1 / gap))
        channel = rng.choice(sorted(world.shops))
        far = rng.random() < LONG_OUTAGES
        name, faults = ("down for long", Faults(down=True)) if far else _fault(world, rng, channel)
        if world.kinds.unread(channel):
            faults.eat_writes = set()  # nobody could ever know
        world.tell(f"{channel}: {name} begins")
        usual = world.usual_faults(channel)
        faults.order_visible_after = max(faults.order_visible_after, usual.order_visible_after)
        world.shops[channel].faults = faults
        world.note_lateness(faults.order_visible_after)
        await asyncio.sleep((rng.uniform(8, 40) if far else rng.uniform(1, 8)) * poll)
        if not world.calm:
            world.shops[channel].faults = usual
            world.tell(f"{channel}: {name} ends")


def _fault(world: World, rng: Random, channel: str) -> tuple[str, Faults]:
    ids = set(rng.sample(world.sold_in(channel), k=2))
    kinds: list[tuple[str, Faults]] = [
        ("down", Faults(down=True)),
        ("down now and then", Faults(down=0.4)),
        ("throttle", Faults(throttle=0.4, retry_after=rng.choice((1, 5, 30)))),
        ("lost answers", Faults(answer_lost_after_apply=0.6)),
        ("lost requests", Faults(answer_lost_before_apply=0.4)),
        ("slow", Faults(slow=rng.uniform(3, 80))),
        ("late orders", Faults(order_visible_after=rng.uniform(10, 240))),
        ("refused items", Faults(reject_ids=ids)),
        ("eaten writes", Faults(eat_writes=ids)),
        ("firewall", Faults(html_403=0.5)),
        ("expired key", Faults(expired_key=True)),
    ]
    return rng.choice([each for each in kinds if each[0] not in world.shops[channel].cannot])


async def crashes(world: World, rng: Random, times: int, gap: float) -> None:
    """The computer crashes at some point soon after some moment (and is switched on again later)."""
    for _ in range(times):
        await asyncio.sleep(rng.expovariate(1 / gap))
        if not world.calm:
            world.crash_after = world.points + rng.randint(1, 40)
