"""A notice on the desktop for exactly three things: something is held, a shop's access is needed, more was sold than
there is. Each cause once; where there is no desktop, that is said once in the log and nothing else happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal

import polars as pl

from agent import log
from agent.deciding.decide import Decision
from agent.state import Agent
from agent.words import say

logger = logging.getLogger(__name__)

Cause = Literal["held", "access", "oversold"]
OF_ISSUES = {"channel_access": "access", "oversold": "oversold"}
"""Issues that are a cause. Held: a row of Attention that stops something until it is answered."""
TITLES = {"held": "notice_held", "access": "notice_access", "oversold": "notice_oversold"}
LONGEST = 200
"""Characters of a notice."""
SECONDS = 10.0
"""A desktop that takes longer is none."""
Show = Callable[[str, str], Awaitable[object]]
"""(title, sentence) -> shown. May raise anything."""


class Notices:
    """Shows what came up, while the agent runs. What was shown is kept in the store, so that a restart is quiet."""

    def __init__(self, show: Show | None = None) -> None:
        self._show: Show | None = show or _on_the_desktop
        self._sending: set[asyncio.Task[None]] = set()
        self._seen: Decision | None = None

    def tell(self, agent: Agent, decision: Decision, attention: pl.DataFrame) -> None:
        """After a cycle: show each new cause once. `attention`: the rows of that tab now. Never waits, never raises."""
        if self._show is None or decision is self._seen:
            return
        self._seen = decision
        standing, shown = causes(agent, attention), agent.store.meta("noticed", [])
        assert isinstance(shown, list)
        for id_, (cause, sentence) in standing.items():
            if id_ not in shown:
                task = asyncio.ensure_future(self._send(say(TITLES[cause]).what, sentence))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
        if list(standing) != shown:
            with agent.store.transaction():
                agent.store.set_meta(noticed=list(standing))

    async def _send(self, title: str, sentence: str) -> None:
        if self._show is None:
            return
        try:
            await asyncio.wait_for(self._show(title, sentence), SECONDS)
        except Exception as error:  # whatever a desktop may say: it must not disturb the agent
            if self._show is not None:
                logger.info("There is no desktop to show notices on (%s); Attention has them.", type(error).__name__)
            self._show = None


def causes(agent: Agent, attention: pl.DataFrame) -> dict[str, tuple[Cause, str]]:
    """Id of the row in Attention -> (cause, sentence without any secret)."""
    rows = attention.filter(pl.col("How bad") == "stop")
    codes = {id_: key.partition("|")[0] for key, id_ in agent.store.table("notice").select("key", "id").iter_rows()}
    found: dict[str, tuple[Cause, str]] = {}
    for id_, what, answers in rows.select("Id", "What", "Answers").iter_rows():
        cause = "held" if answers else OF_ISSUES.get(codes.get(id_, ""))
        if cause is not None:
            found[id_] = (cause, log.redactor.clean(what)[:LONGEST])  # type: ignore[assignment]
    return found


async def _on_the_desktop(title: str, sentence: str) -> None:
    from desktop_notifier import DesktopNotifier  # noqa: PLC0415 (speaks to the desktop as soon as it is loaded)

    logging.getLogger("desktop_notifier").setLevel(logging.CRITICAL)  # its own warning would stand among the news

    await DesktopNotifier(app_name="Stocksheet", app_icon=None).send(title=title, message=sentence)
