"""What `connect` was told: settings filled in, the address that a yes led to, and the address of a practice shop."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from agent.channels.answers import Fixes
from agent.channels.base import Setting
from agent.channels.http import not_connected
from agent.words import in_words

BACK = "https://localhost/"
"""Where the browser is sent with a yes: nothing answers there, so that the code stays in its address bar."""


def filled(
    name: str, settings: Mapping[str, str], declared: Sequence[Setting], fixes: Fixes, needed: Collection[str] = ()
) -> dict[str, str]:
    """Every declared setting, put right; "" where it is left empty. Raises ChannelOut `access` where one is missing.
    `needed`: those that are optional only because there is another way to connect."""
    given = {each.key: each.tidy(settings.get(each.key, "")) for each in declared}
    missing = [each.label for each in declared if not given[each.key] and (not each.optional or each.key in needed)]
    if missing:
        raise not_connected(name, missing, fixes)
    return given


def brought(address: str) -> dict[str, str]:
    """What the address that a yes leads to has brought along: `code`, and whatever else stands in it."""
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def practice_address() -> Setting:
    """For a platform at one address that is never called elsewhere, but for a practice shop on this computer."""
    return Setting(
        "url",
        in_words("settings.address_of_practice_shop"),
        False,
        in_words("settings.only_to_practise"),
        optional=True,
        tidy=lambda typed: typed.strip().rstrip("/"),
    )
