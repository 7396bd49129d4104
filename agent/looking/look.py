"""Looking at a channel: its orders, its changed listings, now and then all its listings (DESIGN sections 8 and 9).

Everything seen goes to the store in the commit that moves the cursor (I16). Nothing here decides anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from agent.asking import shop_columns
from agent.channels import same_stock
from agent.channels.base import Channel, ChannelOut, Lane
from agent.looking import sweep
from agent.looking.channel_rows import channel_row, record_trouble, record_well, set_channel
from agent.looking.listings import audit_due, read_all, read_changed, take_listings
from agent.looking.orders import read_orders
from agent.state import Agent
from agent.words import say

VERIFIED_FOR = timedelta(hours=24)
LONG_AGO = timedelta(minutes=2)
"""Orders that were read longer ago than this and two rounds were not just read slowly: the computer was off or asleep,
or the shop was out."""


@contextmanager
def _one_at_a_time(agent: Agent, name: str) -> Iterator[None]:
    first = name not in agent.looking  # a refused compare-and-set reads at once, whoever else is looking
    agent.looking.add(name)
    try:
        yield
    finally:
        if first:
            agent.looking.discard(name)


@contextmanager
def _catching_up(agent: Agent, name: str) -> Iterator[None]:
    at = channel_row(agent.store, name).get("orders_ok_at")
    if not isinstance(at, datetime) or agent.clock.now() - at > LONG_AGO + 2 * timedelta(seconds=agent.poll_of(name)):
        agent.catching_up[name] = asyncio.Event()
    try:
        yield
    finally:
        if known := agent.catching_up.pop(name, None):
            known.set()


async def look(agent: Agent, name: str) -> None:
    """One look at a channel: orders, then changed (or all) listings. Records trouble; never raises ChannelOut."""
    channel = agent.channels[name]
    try:
        with _one_at_a_time(agent, name):
            with _catching_up(agent, name):
                await _verify(agent, channel)
                await shop_columns.settle(agent, channel)
                await read_orders(agent, name)
            if sweep.due(agent, name):
                await sweep.run(agent, name)
            if audit_due(agent, name):
                await read_all(agent, channel)
            elif channel.can.changed:
                await read_changed(agent, channel)
    except ChannelOut as out:
        record_trouble(agent, name, out)
    else:
        record_well(agent, name)


async def look_afresh(agent: Agent, name: str, listings: Sequence[str], lane: Lane = "raise") -> None:
    """Read just these listings, then the orders: what a raise must rest on (I3)."""
    channel = agent.channels[name]
    try:
        with _one_at_a_time(agent, name):
            asked = agent.clock.now()
            read = await channel.listings(only=list(listings), lane=lane)
            take_listings(agent, name, read, asked)
            await read_orders(agent, name)
    except ChannelOut as out:
        agent.read_failed.add(name)
        record_trouble(agent, name, out)
        return
    if read.fresh:
        moment = (agent.clock.monotonic(), agent.clock.now())
        agent.fresh.update({(name, cell): moment for cell in read.frame["cell"].to_list()})
    else:
        agent.too_old.add(name)


async def _verify(agent: Agent, channel: Channel) -> None:
    """At the start, after a renewal, and once a day: is it still the same account? Another one stops the channel until
    the first one answers again (S2-9)."""
    now, at = agent.clock.now(), agent.verified.get(channel.name)
    if at is not None and now - at < VERIFIED_FOR:
        return
    account = await channel.account()
    known = channel_row(agent.store, channel.name)
    if known.get("account_id") not in (None, account.id):
        agent.verified.pop(channel.name, None)
        now_there, before = account.name, known.get("account_name") or known["account_id"]
        if now_there == before:  # two shops of one name
            now_there, before = account.id, known["account_id"]
        words = say("wrong_account", {"channel": channel.name, "account": now_there, "expected": before})
        raise ChannelOut("access", words.what, words.fix)
    _not_twice(agent, channel, account.id)
    with agent.store.transaction():
        set_channel(
            agent.store,
            channel.name,
            account_id=account.id,
            account_name=account.name,
            access_ends=account.access_ends,
        )
    agent.verified[channel.name] = now


def _not_twice(agent: Agent, channel: Channel, account_id: str) -> None:
    """Two channels of one account: the later one is out, or each order would be counted twice. Raises ChannelOut."""
    for other in agent.channels.values():
        if other.name == channel.name:
            return
        known = channel_row(agent.store, other.name).get("account_id")
        if other.can.title == channel.can.title and known and same_stock(channel, account_id, str(known)):
            agent.verified.pop(channel.name, None)
            words = say("account_twice", {"channel": channel.name, "other": other.name})
            raise ChannelOut("access", words.what, words.fix)
