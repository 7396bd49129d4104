"""`stocksheet connect`: lead a person into a shop, show who answers there, keep the keys in the key store."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import replace
from random import Random

from agent import app, channels, config, loop, loopback
from agent.channels import same_stock
from agent.channels.answers import Ports
from agent.channels.base import Account, ChannelOut, Way
from agent.channels.tokens import InMemory
from agent.commands import DONE, NEEDS_YOU
from agent.commands._ask_keys import ask_for, choose, show_steps, tidied
from agent.commands._browser import can_open, open_page
from agent.commands._screen import Screen
from agent.config import ChannelSettings, ConfigProblems, Settings
from agent.config_check import CHANNEL_NAME, address_problem
from agent.config_write import add_channel, set_value
from agent.ports import SystemClock
from agent.secrets import TOKENS, KeptTokens, Secrets, SecretsOut
from agent.words import in_words, say, typed

HELP = "Connect a shop, step by step, or renew the access of one that is connected."
PATIENCE = 300.0
"""Seconds that the browser is waited for."""


class SaidNo(Exception):
    """The person does not want to go on. Nothing was kept."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `connect` takes. Keys are never arguments: others could see them in the list of programs."""
    parser.add_argument("what", nargs="?", metavar="SHOP", help="a kind of shop (see stocksheet channels), or the name "
                        "of a connected one whose access is to be renewed; without it you are asked")  # fmt: skip
    parser.add_argument("--config", metavar="FILE", help="the settings file (default: ~/Stocksheet/config.toml)")
    parser.add_argument("--name", help="what you call the shop, such as my-shop")
    parser.add_argument("--url", help="its address, as the browser shows it")
    parser.add_argument("--way", help="which of the ways to connect that the kind of shop has, such as keys")
    parser.add_argument("--private", action="store_true", help="a shop in your own network, or a practice shop")
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is the right shop")


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: connected. 1: the person said no. Raises ConfigProblems, SecretsOut, ChannelOut, LookupError."""
    settings = config.load(chosen.config)
    try:
        return _connect(chosen, screen, settings)
    except SaidNo as no:
        screen.say(in_words("connect.nothing_kept_for", why=no))
        return NEEDS_YOU
    except ChannelOut as out:
        raise ChannelOut(out.kind, out.what, _what_now(out)) from None


def _what_now(out: ChannelOut) -> str:
    """What to do here: this command does not try again by itself, and its keys are before the person's eyes."""
    if out.kind == "access" and "stocksheet connect" in out.fix:
        return in_words("connect.nothing_kept_make_new")
    if "by itself" in out.fix:
        return in_words("connect.nothing_kept_look_whether")
    return in_words("connect.nothing_kept", fix=out.fix)


def _connect(chosen: argparse.Namespace, screen: Screen, settings: Settings) -> int:
    settings, secrets = _place(settings, screen)  # told at once where keys cannot be kept
    one = _which(chosen, screen, settings)
    one = _address(chosen, screen, one)
    way = _way(chosen, screen, one)
    one, hidden = _answers(screen, one, way)
    tokens = InMemory()
    with screen.working(in_words("connect.asking_who_answers_there")):
        account, twin = asyncio.run(_account(settings, one, hidden, secrets, tokens))
    _same_account(settings, one, account)
    _not_twice(settings, account, twin)
    _show(screen, account)
    if not chosen.yes and screen.ask(in_words("connect.is_this_the_shop")).strip().lower() not in ("yes", "y"):
        raise SaidNo(in_words("connect.not_right_shop"))
    is_new = one.name not in settings.channels
    _keep(settings, secrets, replace(one, account_id=account.id, account_name=account.name), hidden, tokens)
    _done(screen, settings, one.name, is_new)
    return DONE


# --- what is to be connected ------------------------------------------------------------------------------------------


def _which(chosen: argparse.Namespace, screen: Screen, settings: Settings) -> ChannelSettings:
    """The channel to be: a connected one as it stands, or a new one with its name and platform only."""
    what = chosen.what or _asked_for(screen, settings)
    known = _known(settings, chosen.name or what)
    if known is not None and not chosen.name and what in channels.platforms() and _another(screen, known):
        known = None  # a shop that is called like its platform
    if known is not None and (what.casefold() in (known.name.casefold(), known.platform)):
        screen.say(in_words("connect.connected_already_access_renewed", known=known.name))
        return known
    channels.find(what)
    if known is not None:
        problem = in_words("connect.shop_another_kind_give", known=known.name, platform=known.platform)
        raise ConfigProblems([problem])
    return ChannelSettings(_name(chosen, screen, settings), what, allow_private=chosen.private)


def _known(settings: Settings, name: str) -> ChannelSettings | None:
    return next((one for one in settings.channels.values() if one.name.casefold() == name.casefold()), None)


def _another(screen: Screen, known: ChannelSettings) -> bool:
    """Whether another shop is meant, where the word on the command line is a platform and a connected shop's name."""
    title = channels.find(known.platform).CAN.title
    kinds = [in_words("connect.renew_access", name=known.name), in_words("connect.another_shop", title=title)]
    return choose(screen, "Number:", kinds) == 1


def _asked_for(screen: Screen, settings: Settings) -> str:
    """What to connect, where the command line does not say it."""
    kinds = {channels.find(name).CAN.title: name for name in channels.platforms()}
    renew = {in_words("connect.renew_access", name=name): name for name in settings.channels}
    both = {**kinds, **renew}
    if len(both) > 1:
        screen.say(in_words("connect.where_do_you_sell"))
    return list(both.values())[choose(screen, "Number:", list(both))]


def _name(chosen: argparse.Namespace, screen: Screen, settings: Settings) -> str:
    free = next(
        name for number in range(1, 1000) if not _known(settings, name := f"my-shop{f'-{number}' * (number > 1)}")
    )
    question = in_words("connect.what_do_you_call")
    name = str(chosen.name or screen.ask(question, free))
    if not CHANNEL_NAME.fullmatch(name):
        raise ConfigProblems([str(say("config_channel_name", {"file": settings.file.name, "value": name}))])
    if not chosen.name and _known(settings, name):
        raise ConfigProblems([in_words("connect.connected_already_renew_access", name=name, name_2=typed(name))])
    return name


def _place(settings: Settings, screen: Screen) -> tuple[Settings, Secrets]:
    """Where keys are kept. Where there is no key store, only what the person says in so many words (R2)."""
    try:
        return settings, app.secrets_of(settings)
    except SecretsOut as out:
        if out.code not in ("keystore_missing", "keystore_plain"):
            raise
        screen.sign("stop", in_words("connect.computer_no_key_store"))
        screen.say(in_words("connect.can_be_a_file"))
        if screen.ask(in_words("connect.if_you_want_that")).strip().lower() != "file":
            raise SaidNo(in_words("connect.without_place_for_keys")) from None
    settings = replace(settings, secrets="file")
    return settings, app.secrets_of(settings)


# --- what it takes ----------------------------------------------------------------------------------------------------


def _address(chosen: argparse.Namespace, screen: Screen, one: ChannelSettings) -> ChannelSettings:
    """With what every way needs and is no secret, such as the address."""
    asked = channels.find(one.platform).SETTINGS
    plain = dict(one.settings)
    if chosen.url:
        given = next((setting for setting in asked if setting.key == "url"), None)
        plain["url"] = tidied(given, chosen.url) if given else chosen.url
    always = [setting.key for setting in asked if not (setting.optional or setting.secret)]
    plain |= ask_for(screen, asked, always, plain)
    private = one.allow_private or chosen.private
    for value in plain.values():
        if "://" in value and (code := address_problem(value, private)):
            shown = value.rpartition("@")[2]  # what stands before an @ may be a password
            raise ConfigProblems(
                [in_words(f"connect.{'unsafe' if code == 'config_url_plain' else 'unreadable'}", address=shown)]
            )
    return replace(one, settings=plain, allow_private=private)


def _way(chosen: argparse.Namespace, screen: Screen, one: ChannelSettings) -> Way:
    ports = Ports(SystemClock(), Random())
    offered = asyncio.run(channels.offered(one.platform, one.name, app.open_settings(one), ports))
    if chosen.way:
        named = [way for way in channels.ways(one.platform) if way.key == chosen.way]
        if not named:
            known = ", ".join(way.key for way in channels.ways(one.platform))
            raise ConfigProblems([in_words("connect.there_no_way_called", way=chosen.way, known=known)])
        return named[0]
    possible = [way for way in offered if way.browser is None or can_open()]
    if len(possible) > 1:
        screen.say(in_words("connect.there_several_ways"))
    return possible[choose(screen, "Which one?", [way.title for way in possible])]


def _answers(screen: Screen, one: ChannelSettings, way: Way) -> tuple[ChannelSettings, dict[str, str]]:
    """The channel with all that is no secret, and the secrets. What belongs to other ways is left out."""
    asked = channels.find(one.platform).SETTINGS
    must, may = channels.needed(one.platform, way)
    plain = {key: value for key, value in one.settings.items() if key in (must - set(way.asks)) | may}
    if way.steps:
        screen.say()
        show_steps(screen, way, {**one.settings, **plain})
        screen.say()
    brought = dict(asyncio.run(_by_browser(screen, way, plain))) if way.browser is not None else {}
    values = brought | ask_for(screen, asked, must, {**plain, **brought})
    values |= ask_for(screen, asked, may, plain, may_be_empty=True)
    secret = {setting.key for setting in asked if setting.secret}
    plain |= {key: value for key, value in values.items() if key not in secret}
    way_key = way.key if len(channels.ways(one.platform)) > 1 else None
    return replace(one, settings=plain, way=way_key), {key: values[key] for key in values if key in secret}


async def _by_browser(screen: Screen, way: Way, plain: Mapping[str, str]) -> Mapping[str, str]:
    """What the browser brings. The door is open for as long as it is waited for, and no longer (R25)."""
    assert way.browser is not None
    async with loopback.waiting() as door:
        page = way.browser.page(plain, door.yes, door.no)
        screen.say(in_words("connect.your_browser_opens_now"))
        screen.say(f"  {page}")
        await asyncio.to_thread(open_page, page)
        try:
            came = await door.came(PATIENCE)
        except TimeoutError:
            fix = in_words("connect.run_command_again_or")
            raise ChannelOut("wait", in_words("connect.nobody_said_yes_browser"), fix) from None
    if came is None:
        raise SaidNo(in_words("connect.you_said_no_browser"))
    return way.browser.brought(plain, came)


async def _account(
    settings: Settings, one: ChannelSettings, hidden: dict[str, str], secrets: Secrets, tokens: InMemory
) -> tuple[Account, str | None]:
    """Who answers, and the connected shop whose stock it shares. `tokens`: what the platform gave for a yes that is
    good once; it is kept when the person has seen the shop."""
    for value in hidden.values():
        secrets.seen(value)
    channel = app.connect(one, hidden, SystemClock(), tokens)
    try:
        account = await channel.account()
    finally:
        await channel.close()
    others = [each for each in settings.channels.values() if each.platform == one.platform and each.name != one.name]
    same = (each.name for each in others if each.account_id and same_stock(channel, account.id, each.account_id))
    return account, next(same, None)


# --- who answers, and keeping it --------------------------------------------------------------------------------------


def _same_account(settings: Settings, one: ChannelSettings, account: Account) -> None:
    """Keys may be renewed; another shop under the same name would push one shop's numbers to the other (S2-9)."""
    known = settings.channels.get(one.name)
    if known is not None and known.account_id not in (None, account.id):
        was = known.account_name or known.account_id
        what = in_words("connect.but_answers_there_nothing", one=one.name, was=was, account=account.name)
        leave = in_words("connect.if_you_left_for", was=was, one=typed(one.name))
        raise ConfigProblems([in_words("connect.connect_under_name_own", what=what, account=account.name, leave=leave)])


def _not_twice(settings: Settings, account: Account, twin: str | None) -> None:
    """One account under two names would count each of its orders twice."""
    if twin is not None:
        same = settings.channels[twin].account_id == account.id
        said = in_words(f"connect.{'same_account' if same else 'same_stock'}", account=account.name, channel=twin)
        raise ConfigProblems([said])


def _show(screen: Screen, account: Account) -> None:
    screen.say()
    ends = f"{account.access_ends.astimezone():%Y-%m-%d}" if account.access_ends else ""
    for label, value in (
        ("Shop", account.name), ("Account", account.id), ("Country", account.country), ("Currency", account.currency),
        ("Products", account.listings), ("Locations", ", ".join(account.locations)), ("Access ends", ends),
    ):  # fmt: skip
        if value not in ("", None):
            screen.say(f"  {label:<12}{value}")
    if account.beyond:
        screen.sign("note", account.beyond)
    screen.say()


def _keep(
    settings: Settings, secrets: Secrets, one: ChannelSettings, hidden: Mapping[str, str], tokens: InMemory
) -> None:
    """Secrets first, the settings file last: a running agent takes the new access when that file has changed."""
    kinds = channels.find(one.platform).SETTINGS
    values: dict[str, str | float | bool | None] = {
        "platform": one.platform, **{kind.key: one.settings.get(kind.key) for kind in kinds if not kind.secret},
        "way": one.way, "account_id": one.account_id, "account_name": one.account_name,
        "allow_private": True if one.allow_private else None,
    }  # fmt: skip
    is_new = one.name not in settings.channels
    for key, value in hidden.items():
        secrets.put(one.name, key, value)
    if (brought := tokens.read()) is not None:
        KeptTokens(secrets, one.name).keep(brought)
    try:
        if settings.secrets == "file":
            set_value(settings.file, "secrets", "file")
        add_channel(settings.file, one.name, values)
    except ConfigProblems:
        if is_new:  # keys of a shop that is not in the settings are not left behind
            _forget(secrets, one, [*hidden, TOKENS])
        raise
    _forget(secrets, one, [kind.key for kind in kinds if kind.secret and kind.key not in hidden])


def _forget(secrets: Secrets, one: ChannelSettings, keys: Mapping[str, str] | list[str]) -> None:
    for key in keys:
        secrets.remove(one.name, key)


def _done(screen: Screen, settings: Settings, name: str, is_new: bool) -> None:
    if not is_new:
        screen.sign("ok", in_words("connect.access_renewed", name=name))
        screen.say(in_words("connect.if_stocksheet_running_goes"))
        return
    screen.sign("ok", f"{name} is connected.")
    if _is_running(settings):
        screen.say(in_words("connect.stocksheet_running_end_start", name=name))
    screen.say(in_words("connect.next_see_few_listings"))


def _is_running(settings: Settings) -> bool:
    try:
        loop.only_one(config.make_data_folder(settings.data_folder)).release()
    except loop.AlreadyRunning:
        return True
    return False
