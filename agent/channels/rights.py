"""Whether an access may do all that is needed: every permission that is missing is named at once (R5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from agent.channels.answers import CallFailed
from agent.channels.base import ChannelOut
from agent.words import say


def lacking(name: str, permissions: Sequence[str], fix: str) -> ChannelOut:
    """These permissions, in words, are missing."""
    return ChannelOut("access", say("scope_missing", {"channel": name, "permission": permissions}).what, fix)


async def proven(
    name: str,
    proofs: Mapping[str, Callable[[], Awaitable[Any]]],
    is_refusal: Callable[[CallFailed], bool],
    fix: str,
) -> list[Any]:
    """What each proof gave, in their order: calls that change nothing and are refused without their permission, by its
    name in words. Raises ChannelOut `access` with all that are missing; CallFailed where one fails for another reason
    than `is_refusal`."""
    found, missing = [], []
    for permission, proof in proofs.items():
        try:
            found.append(await proof())
        except CallFailed as failed:
            if not is_refusal(failed):
                raise
            missing.append(permission)
    if missing:
        raise lacking(name, missing, fix)
    return found
