"""From the settings to a running agent: its store, its workbook, its channels with their secrets, its log.

This is the only place that knows how the rooms are put together; the demo and every command use it.
"""

from __future__ import annotations

import hashlib
import platform
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import polars as pl

from agent import channels, config, log
from agent.channels.base import Channel, ChannelOut
from agent.channels.http import Ports
from agent.channels.notes import KeptNotes, Notes, NotesInMemory
from agent.channels.tokens import InMemory, Keeper
from agent.config import ChannelSettings, FeedSettings, Settings, make_data_folder
from agent.looking.access import FileDoors, Shut, content_of
from agent.looking.channel_rows import set_channel
from agent.looking.feed_sources import Columns, FileFeed, UrlFeed
from agent.looking.seams import Feed
from agent.ports import Clock, SystemClock
from agent.secrets import KeptTokens, Secret, Secrets, SecretsOut, open_secrets
from agent.state import Agent
from agent.store import Store
from agent.words import call_columns, in_words
from agent.workbooks.base import Workbook, WorkbookOut
from agent.workbooks.tabs import headings

if TYPE_CHECKING:
    from agent.workbooks.google import GoogleWorkbook

STORE = "stocksheet.db"


def build(settings: Settings, store: Store | None = None, clock: Clock | None = None) -> Agent:
    """The agent that the settings describe; nothing is read or called yet.

    `store`: another one than the data folder's (a copy, for commands that must leave no trace). Raises ConfigProblems,
    SecretsOut, ChannelOut, WorkbookOut.
    """
    clock = clock or SystemClock()
    make_data_folder(settings.data_folder)
    store = store or open_store(settings)
    made = Agent(
        clock=clock,
        store=store,
        # a workbook that was read before may be away for a while: what is sold meanwhile still lowers the shops
        workbook=open_workbook(settings, clock, must_exist=store.table("item").is_empty()),
        channels=open_channels(settings, clock),
        feeds=open_feeds(settings),
        means=settings.stock_means,
        doors=doors_of(settings, clock),
        audit=60.0 * min((one.audit_minutes for one in settings.channels.values()), default=15),
    )
    pin_accounts(made.store, settings)
    return made


def start_log(settings: Settings) -> None:
    """Begin to log into the data folder. Raises ConfigProblems."""
    log.start(make_data_folder(settings.data_folder), settings.log)


def open_store(settings: Settings) -> Store:
    """The store in the data folder."""
    return Store(settings.data_folder / STORE)


def copy_store(settings: Settings) -> Store:
    """A copy of the store in memory: what is done with it leaves no trace, and a running agent is not disturbed."""
    copied = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    file = settings.data_folder / STORE
    if file.exists():
        kept = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
        try:
            kept.backup(copied)
        finally:
            kept.close()
    return Store(file, connection=copied)


def open_workbook(settings: Settings, clock: Clock | None = None, *, must_exist: bool = True) -> Workbook:
    """The seller's workbook. Raises WorkbookOut where there is none (else its `read` does)."""
    call_columns(headings("google" if settings.google else "excel"))
    if settings.google:
        return open_google(settings, clock)
    file = Path(settings.workbook)
    if must_exist and not file.is_file():
        if file.is_dir():
            raise WorkbookOut(in_words("app.folder_not_workbook", file=file), in_words("app.name_xlsx_file_itself"))
        fix = in_words("app.make_one_with_stocksheet")
        raise WorkbookOut(in_words("app.there_no_workbook_at", file=file), fix)
    from agent.workbooks.excel import ExcelWorkbook  # noqa: PLC0415 (loads what reads and writes xlsx)

    return ExcelWorkbook(file, clock, backup_dir=settings.data_folder / "backups")


def open_google(settings: Settings, clock: Clock | None = None) -> GoogleWorkbook:
    """The seller's Google Sheet, with the access that `init --google` kept. Raises WorkbookOut, SecretsOut."""
    from agent.workbooks.google import GoogleWorkbook, Session  # noqa: PLC0415 (loads what calls Google)
    from agent.workbooks.google.access import credentials, sheet_id_of  # noqa: PLC0415

    session = Session(settings.google_practice)
    session.credentials = credentials(secrets_of(settings))
    folder = hashlib.sha256(str(settings.data_folder).encode()).hexdigest()[:8]
    return GoogleWorkbook(
        sheet_id_of(settings.workbook),
        session,
        clock,
        me=f"{platform.node() or 'a computer'} ({folder})",
        look=settings.timers.look_seconds,
        settle=settings.timers.settle_seconds,
    )


def open_channels(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """Every channel of the settings with its secrets; one that cannot be opened is shut, and stops only itself.

    Raises SecretsOut or ChannelOut where none can be opened.
    """
    if not settings.channels:
        return {}
    secrets = secrets_of(settings)
    lost: list[SecretsOut | ChannelOut] = []
    opened: dict[str, Channel] = {}
    for name, one in settings.channels.items():
        try:
            opened[name] = open_channel(one, secrets, clock, settings.data_folder)
        except (SecretsOut, ChannelOut) as out:
            lost.append(out)
            opened[name] = Shut(name, channels.find(one.platform).CAN, out.what, out.fix)
    if len(lost) == len(opened):
        raise lost[0]
    return opened


def open_feeds(settings: Settings) -> dict[str, Feed]:
    """The suppliers' lists of the settings; nothing is read yet."""
    return {name: open_feed(one) for name, one in settings.feeds.items()}


def open_feed(one: FeedSettings) -> Feed:
    """One supplier's list."""
    columns, age = Columns(one.sku, one.quantity), timedelta(hours=one.hours)
    if one.path is not None:
        return FileFeed(one.name, one.path, columns, age)
    assert one.url is not None
    return UrlFeed(one.name, one.url, columns, age, timedelta(minutes=one.minutes), one.allow_private)


def doors_of(settings: Settings, clock: Clock) -> FileDoors:
    """Opens channels again whose keys or settings `connect` has renewed while the agent runs."""

    def look_at() -> dict[str, tuple[str, Callable[[], Channel]]]:
        found = config.load(settings.file) if settings.file.exists() else settings
        secrets = secrets_of(found) if found.channels else None
        return {
            name: (_content(one, secrets), partial(open_channel, one, secrets, clock, found.data_folder))
            for name, one in found.channels.items()
            if secrets
        }

    return FileDoors(settings.file, look_at)


def _content(one: ChannelSettings, secrets: Secrets) -> str:
    """What a channel is opened with."""
    try:
        hidden = hidden_of(one, secrets)
    except SecretsOut:
        hidden = {}
    return content_of([one, *(f"{key}={value}" for key, value in sorted(hidden.items()))])


def secrets_of(settings: Settings) -> Secrets:
    """The place that keeps the secrets; the log is told each one that is read. Raises SecretsOut."""
    return open_secrets(settings.secrets, settings.data_folder, log.redactor.add)


def open_channel(one: ChannelSettings, secrets: Secrets, clock: Clock, folder: Path | None = None) -> Channel:
    """One channel with its secrets, and its notes in the data folder. Raises SecretsOut, ChannelOut."""
    hidden, tokens = hidden_of(one, secrets), KeptTokens(secrets, one.name)
    made = connect(one, hidden, clock, tokens, KeptNotes(folder, one.name) if folder else None)
    if one.poll_seconds is not None:
        made.can = replace(made.can, poll=one.poll_seconds)
    return made


def hidden_of(one: ChannelSettings, secrets: Secrets) -> dict[str, Secret]:
    """The secrets of the way in which the channel was connected. Raises SecretsOut where one is missing."""
    kinds = [asked.key for asked in channels.find(one.platform).SETTINGS if asked.secret]
    known = channels.ways(one.platform)
    asked = [channels.needed(one.platform, way) for way in known if one.way in (None, way.key)]
    sets = [([k for k in kinds if k in must], [k for k in kinds if k in may]) for must, may in asked]
    for must, may in sets:
        found = {key: secret for key in (*must, *may) if (secret := secrets.find(one.name, key)) is not None}
        if found.keys() >= set(must):
            return found
    lost = sets[-1][0] if sets else [key for key in kinds if key in known[0].asks]
    return {key: secrets.get(one.name, key) for key in lost}


def connect(
    one: ChannelSettings,
    hidden: Mapping[str, str],
    clock: Clock,
    tokens: Keeper | None = None,
    notes: Notes | None = None,
) -> Channel:
    """One channel with these secrets. Raises ChannelOut."""
    ports = Ports(clock, Random(), tokens=tokens or InMemory(), notes=notes or NotesInMemory())
    return channels.find(one.platform).connect(one.name, {**open_settings(one), **hidden}, ports)


def open_settings(one: ChannelSettings) -> dict[str, str]:
    """What its platform is told besides the secrets."""
    return {**one.settings, **({"allow_private": "yes", "allow_http": "yes"} if one.allow_private else {})}


def pin_accounts(store: Store, settings: Settings) -> None:
    """The account that `connect` saw must answer for ever after (S2-9), also where the store is new."""
    known = store.table("channel").filter(pl.col("account_id").is_not_null())["channel"].to_list()
    with store.transaction():
        for name, one in settings.channels.items():
            if one.account_id and name not in known:
                set_channel(store, name, account_id=one.account_id, account_name=one.account_name)
