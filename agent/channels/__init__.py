"""One package a platform, found by its name: `[channels.my-shop] platform = "woocommerce"` -> `woocommerce/`.

There is no list of platforms to keep: a package or module of this folder that has `CAN` is one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Protocol, cast

from agent.channels.base import Can, Channel, Setting, Way
from agent.channels.http import Ports
from agent.words import in_words


class Platform(Protocol):
    """What a platform's module offers; `WAYS` and `offers` (agent.channels.base.Way) where it has several ways in."""

    CAN: Can
    SETTINGS: tuple[Setting, ...]

    def connect(self, name: str, settings: Mapping[str, str], ports: Ports) -> Channel:
        """A channel of this name. Raises ChannelOut where a setting is missing or cannot be right."""


def find(platform: str) -> Platform:
    """The platform's module. Raises LookupError, in a sentence that names the known ones (R16: never a free import)."""
    if platform not in _modules() or not hasattr(module := _load(platform), "CAN"):
        known = ", ".join(platforms())
        raise LookupError(in_words("platforms.no_platform", name=repr(platform), known=known))
    return cast(Platform, module)


def ways(platform: str) -> tuple[Way, ...]:
    """The ways to connect a shop of this platform, the best first. Raises LookupError."""
    module = find(platform)
    declared: tuple[Way, ...] = getattr(module, "WAYS", ())
    return declared or (Way("settings", "", (), ()),)


def needed(platform: str, way: Way) -> tuple[set[str], set[str]]:
    """The keys of `SETTINGS` that must be there for this way, and those that may be. Raises LookupError."""
    asked = find(platform).SETTINGS
    of_some_way = {key for each in ways(platform) for key in each.asks}
    must = {setting.key for setting in asked if not setting.optional} | set(way.asks)
    return must, {setting.key for setting in asked if setting.optional} - of_some_way


async def offered(platform: str, name: str, settings: Mapping[str, str], ports: Ports) -> tuple[Way, ...]:
    """Those that this very shop offers. Raises ChannelOut where the address is no such shop's."""
    asks = getattr(find(platform), "offers", None)
    if asks is None:
        return ways(platform)
    keys = await asks(name, settings, ports)
    return tuple(way for way in ways(platform) if way.key in keys)


def same_stock(channel: Channel, mine: str, theirs: str) -> bool:
    """Whether two accounts of one platform, by their ids, keep one and the same stock: connected twice, each sale would
    be counted twice. A channel says more by `def shares_stock(self, account_id: str) -> bool`."""
    shares = getattr(channel, "shares_stock", None)
    return mine == theirs or (shares is not None and bool(shares(theirs)))


def platforms() -> tuple[str, ...]:
    """The names of all platforms, in alphabetical order."""
    return tuple(name for name in _modules() if hasattr(_load(name), "CAN"))


def _modules() -> list[str]:
    return sorted(found.name for found in pkgutil.iter_modules(__path__))


def _load(name: str) -> object:
    return importlib.import_module(f"{__name__}.{name}")
