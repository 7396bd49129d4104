"""What `check` looks at besides workbook and keys: this computer and each shop, each line with its fix (S3-1, S3-2)."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

from agent import app, loop
from agent.channels.base import Account, Channel, ChannelOut
from agent.commands._news import Told
from agent.config import ChannelSettings, Settings
from agent.config_check import synced
from agent.looking.seams import FeedOut
from agent.ports import Clock, SystemClock
from agent.secrets import Secrets, SecretsOut
from agent.words import in_words, say

MEGABYTE = 1_000_000
NEEDED, SCARCE = 200 * MEGABYTE, 1_000 * MEGABYTE
"""Free bytes below which nothing can be relied on, and below which it is said."""
CLOCK = timedelta(seconds=90)
"""A computer's clock that is further off than this is said: times in tabs are wrong by that much (I19)."""


def computer(found: Settings) -> Iterator[Told]:
    """Another agent, disk space, time zone."""
    try:
        loop.only_one(found.data_folder).release()
    except loop.AlreadyRunning:
        yield "note", str(say("check_running", {"folder": found.data_folder}))
    free = shutil.disk_usage(found.data_folder).free
    if free < SCARCE:
        words = say("check_disk_low", {"folder": found.data_folder, "free": free // MEGABYTE})
        yield "fix" if free < NEEDED else "note", str(words)
    now = SystemClock().now().astimezone()
    yield (
        "ok",
        in_words("preflight.times_workbook_utc", now=f"{now:%Y-%m-%d %H:%M}", zone=now.tzname(), now_2=f"{now:%z}"),
    )


def workbook_place(found: Settings) -> Iterator[Told]:
    """Whether the workbook can be written, and who else may write it."""
    if found.google:
        return
    file = Path(found.workbook)
    if not file.stat().st_mode & 0o222 or not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        yield "fix", str(say("check_read_only", {"file": file}))
    if service := synced(file.parent) or synced(file.parent.resolve()):
        yield "note", str(say("check_synced", {"file": file.name, "service": service}))


async def feeds(found: Settings) -> AsyncIterator[Told]:
    """Each supplier's list, read now."""
    now = SystemClock().now()
    for name, feed in app.open_feeds(found).items():
        try:
            read = await feed.read(None)
        except FeedOut as out:
            yield "fix", f"{out.what} {out.fix}"
            continue
        assert read is not None, "without a token a list is always new"
        at = read.at or now
        told = f"Feed {name}: {read.figures.height} rows, of {at.astimezone():%Y-%m-%d %H:%M}"
        unread = in_words("preflight.them_no_quantity_can", unread=read.unread) if read.unread else ""
        old = now - at > feed.max_age
        yield (
            ("note" if old or read.unread else "ok"),
            told + unread + (in_words("preflight.too_old_raise_anything") if old else ""),
        )


async def shop(one: ChannelSettings, secrets: Secrets) -> list[Told]:
    """Everything about one shop, up to where it does not answer."""
    clock = SystemClock()
    told: list[Told] = []
    try:
        channel = app.open_channel(one, secrets, clock)
        try:
            async for line in _of_channel(one, channel, clock):
                told.append(line)  # noqa: PERF401 - what was told before it stopped answering is kept
        finally:
            await channel.close()
    except (SecretsOut, ChannelOut) as out:
        named = out.what if one.name in out.what else f"{one.name}: {out.what}"
        told.append(("fix", f"{named} {out.fix}"))
    return told


async def _of_channel(one: ChannelSettings, channel: Channel, clock: Clock) -> AsyncIterator[Told]:
    account = await channel.account()
    if one.account_id not in (None, account.id):
        known = {"channel": one.name, "account": account.name, "expected": one.account_name or one.account_id}
        yield "fix", str(say("wrong_account", known))
        return
    yield "ok", _who(one, account)
    asked = clock.now()
    off = (await channel.orders(asked)).began - asked
    if abs(off) > CLOCK:
        facts = {"channel": one.name, "minutes": max(1, round(abs(off).total_seconds() / 60))}
        yield "fix", str(say("check_clock_behind" if off > CLOCK else "check_clock_ahead", facts))
    if (preflight := getattr(channel, "preflight", None)) is not None:
        for each in await preflight():
            yield each.sign, f"{each.what} {each.fix}".strip()


def _who(one: ChannelSettings, account: Account) -> str:
    products = in_words("preflight.products", count=account.listings) if account.listings is not None else ""
    places = f"locations: {', '.join(account.locations)}" if account.locations else ""
    ends = f"access ends {account.access_ends.astimezone():%Y-%m-%d}" if account.access_ends else ""
    facts = [fact for fact in (account.name, account.country, account.currency, products, places, ends) if fact]
    return f"Shop {one.name}: {', '.join(facts)}"
