"""`stocksheet leave CHANNEL`: say what leaving a shop means, ask, and forget it. The shop itself is never touched."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import suppress

from agent import app, channels, config
from agent.commands import DONE, NEEDS_YOU
from agent.commands._screen import Screen
from agent.commands._settings import alone
from agent.config import ChannelSettings, ConfigProblems, Settings
from agent.config_write import remove_channel
from agent.looking import leaving
from agent.looking.leaving import Meaning
from agent.ports import SystemClock
from agent.secrets import TOKENS, Secrets, SecretsOut
from agent.words import in_words

HELP = "Leave a shop for good: its keys and what is known of it go; the shop itself stays as it is."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `leave` takes."""
    parser.add_argument("channel", metavar="SHOP", help="the name of the connected shop")
    parser.add_argument("--config", metavar="FILE", help="the settings file (default: ~/Stocksheet/config.toml)")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: left. 1: the person thought better of it. Raises ConfigProblems, AlreadyRunning."""
    settings = config.load(chosen.config)
    one = _named(settings, chosen.channel)
    with alone(settings):
        store = app.open_store(settings)
        try:
            screen.say(in_words("leave.to_leave_means", channel=one.name, account=one.account_name))
            for sentence in told(leaving.meaning(store, one.name), settings):
                screen.say(f"  - {sentence}")
            if not chosen.yes and screen.ask(f"Leave {one.name}? (yes / no)").strip().lower() not in ("yes", "y"):
                screen.say(in_words("leave.nothing_changed"))
                return NEEDS_YOU
            leaving.forget(store, one.name, SystemClock().now())
        finally:
            store.close()
        remove_channel(settings.file, one.name)
        with suppress(SecretsOut):  # a key store that does not open keeps keys that nobody uses any more
            _forget(one, app.secrets_of(settings))
    screen.sign("ok", in_words("leave.left_shop_itself_nothing", one=one.name))
    screen.say(in_words("leave.delete_the_key"))
    return DONE


def _named(settings: Settings, name: str) -> ChannelSettings:
    for known, one in settings.channels.items():
        if known.casefold() == name.casefold():
            return one
    have = (
        in_words("leave.you_have", names=", ".join(settings.channels))
        if settings.channels
        else in_words("leave.no_shop_connected")
    )
    raise ConfigProblems([in_words("leave.no_connected_shop_called", name=name, have=have)])


def told(means: Meaning, settings: Settings) -> Iterator[str]:
    """What it means, a sentence each."""
    if means.listings:
        yield in_words("leave.listings_keep", listings=means.listings, shown=means.shown)
    if means.orders:
        yield in_words("leave.orders_open", orders=means.orders, units=means.open_units)
    if means.missing:
        yield in_words("leave.units_missing", units=means.missing)
    if means.listings:
        read = (
            in_words("leave.were_last_read", at=f"{means.read_at.astimezone():%Y-%m-%d %H:%M}")
            if means.read_at
            else in_words("leave.were_never_read")
        )
        yield (in_words("leave.orders_what_sells_from", read=read))
    yield in_words("leave.keys_deleted_from_computer", name=settings.file.name)
    yield in_words("leave.movements_sync_log_keep")
    yield in_words("leave.connected_again_later_begins")


def _forget(one: ChannelSettings, secrets: Secrets) -> None:
    keys = [setting.key for setting in channels.find(one.platform).SETTINGS if setting.secret]
    for key in (*keys, TOKENS):
        secrets.remove(one.name, key)
