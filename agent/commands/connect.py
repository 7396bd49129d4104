"""`stocksheet connect PLATFORM`: ask for address and keys, show who answers there, keep the keys in the key store."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace

from agent import app, channels, config
from agent.channels.base import Account, Setting
from agent.commands._screen import Screen
from agent.config import ChannelSettings, ConfigProblems, Settings
from agent.config_check import CHANNEL_NAME
from agent.config_write import add_channel
from agent.ports import SystemClock

HELP = "Connect a shop, or renew the keys of one that is connected."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `connect` takes. Keys are never arguments: others could see them in the list of programs."""
    parser.add_argument("platform", help="what kind of shop it is: see stocksheet channels")
    parser.add_argument("--config", metavar="FILE", help="the settings file (default: ~/Stocksheet/config.toml)")
    parser.add_argument("--name", help="what you call the shop, such as my-shop")
    parser.add_argument("--url", help="its address, as the browser shows it")
    parser.add_argument("--private", action="store_true", help="a shop in your own network, or a practice shop")
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is the right shop")


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: connected. 1: it was not the right shop. Raises ConfigProblems, SecretsOut, ChannelOut, LookupError."""
    settings = config.load(chosen.config)
    asked = channels.find(chosen.platform).SETTINGS
    secrets = app.secrets_of(settings)  # told at once where keys cannot be kept
    name = _name(chosen, screen)
    plain, hidden = _answers(chosen, screen, asked)
    one = ChannelSettings(name=name, platform=chosen.platform, settings=plain, allow_private=chosen.private)
    account = asyncio.run(_account(one, hidden))
    _same_account(settings, one, account)
    if not chosen.yes and not _right(screen, account):
        screen.say("Nothing was kept.")
        return 1
    for key, value in hidden.items():
        secrets.put(name, key, value)
    try:
        _keep(settings, one, account)
    except ConfigProblems:
        if name not in settings.channels:  # keys of a shop that is not in the settings are not left behind
            for key in hidden:
                secrets.remove(name, key)
        raise
    screen.sign("ok", f"{name} is connected. Look at the first plan, nothing is pushed by it: stocksheet plan")
    return 0


def _name(chosen: argparse.Namespace, screen: Screen) -> str:
    name = str(chosen.name or screen.ask("What do you call this shop (letters, digits, -)?", "my-shop"))
    if not CHANNEL_NAME.fullmatch(name):
        raise ConfigProblems([f"{name!r} cannot be a shop's name. Use letters, digits and -, at most 40 characters."])
    return name


def _answers(
    chosen: argparse.Namespace, screen: Screen, asked: tuple[Setting, ...]
) -> tuple[dict[str, str], dict[str, str]]:
    """What is asked for: (what stands in the settings file, the secrets)."""
    plain: dict[str, str] = {}
    hidden: dict[str, str] = {}
    for setting in asked:
        given = chosen.url if setting.key == "url" else None
        screen.say(setting.help, "dim")
        value = given or screen.ask(f"{setting.label}:", hidden=setting.secret)
        (hidden if setting.secret else plain)[setting.key] = value
    return plain, hidden


async def _account(one: ChannelSettings, hidden: dict[str, str]) -> Account:
    channel = app.connect(one, hidden, SystemClock())
    try:
        return await channel.account()
    finally:
        await channel.close()


def _same_account(settings: Settings, one: ChannelSettings, account: Account) -> None:
    """Keys may be renewed; another shop under the same name would push one shop's numbers to the other (S2-9)."""
    known = settings.channels.get(one.name)
    if known is not None and known.account_id not in (None, account.id):
        was = known.account_name or known.account_id
        what = f"{one.name} is {was}, but {account.name} answers there. Nothing was changed."
        raise ConfigProblems([f"{what} Connect it under a name of its own."])


def _right(screen: Screen, account: Account) -> bool:
    screen.say()
    for label, value in (
        ("Shop", account.name), ("Country", account.country), ("Currency", account.currency),
        ("Products", account.listings), ("Locations", ", ".join(account.locations)),
    ):  # fmt: skip
        if value not in ("", None):
            screen.say(f"  {label:<10}{value}")
    return screen.ask("Is this the shop? (yes / no)").strip().lower() in ("yes", "y")


def _keep(settings: Settings, one: ChannelSettings, account: Account) -> None:
    kept = replace(one, account_id=account.id, account_name=account.name)
    values: dict[str, str | float | bool | None] = {
        "platform": kept.platform, **kept.settings, "account_id": kept.account_id, "account_name": kept.account_name,
        "allow_private": True if kept.allow_private else None,
    }  # fmt: skip
    add_channel(settings.file, kept.name, values)
