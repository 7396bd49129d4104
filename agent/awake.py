"""Keeping this computer from going to sleep by itself while Stocksheet runs (setting `keep_awake`).

A computer that a person puts to sleep, or whose lid is closed, sleeps all the same: then see `agent.telling.away`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


@contextmanager
def kept_awake(wanted: bool = True) -> Iterator[bool]:
    """While inside, no idle sleep. Gives whether that could be had; never raises for want of it."""
    if not wanted:
        yield False
        return
    from wakepy import keep  # noqa: PLC0415 - looks for the desktop's services when loaded

    with keep.running(on_fail="pass") as mode:
        if not mode.active:
            log.info("this computer cannot be kept from going to sleep by itself")
        yield bool(mode.active)
