"""Columns of a shop's own lists that only a person can name: asked once, and handed to the shop (DESIGN section 4)."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from agent.asking import questions
from agent.channels.base import Channel, Unclear
from agent.state import Agent
from agent.store import Store

KIND = "shop_column"


def ask(agent: Agent, now: datetime) -> None:
    """One question a column. Within a transaction."""
    asked = []
    for name, channel in agent.channels.items():
        for each in _unclear(channel):
            facts = {"channel": name, "meaning": each.meaning, "offered": [
                f'{number} = "{header}"' for number, header in enumerate(each.headers, 1)
            ]}  # fmt: skip
            asked.append(_key(name, each))
            questions.ask(agent.store, KIND, asked[-1], _causes(each), facts, now)
    questions.withdraw(agent.store, KIND, pl.Series(asked, dtype=pl.String), now)


async def settle(agent: Agent, channel: Channel) -> None:
    """Hand the person's answers to a shop that asked. Raises ChannelOut."""
    for each in _unclear(channel):
        answer = _answer(agent.store, _key(channel.name, each), _causes(each))
        if answer is not None:
            await channel.clear(each.key, int(answer) - 1 if answer.isdecimal() else None)  # type: ignore[attr-defined]


def _unclear(channel: Channel) -> list[Unclear]:
    tells = getattr(channel, "unclear", None)
    return list(tells()) if tells is not None else []


def _key(name: str, unclear: Unclear) -> str:
    return f"{name}/{unclear.key}"


def _causes(unclear: Unclear) -> str:
    return "\n".join(unclear.headers)


def _answer(store: Store, key: str, causes: str) -> str | None:
    said = store.table("question").filter(
        (pl.col("kind") == KIND)
        & (pl.col("key") == key)
        & (pl.col("causes") == causes)
        & pl.col("answer").is_not_null()
    )
    return str(said["answer"][-1]) if said.height else None
