"""Which listings are off the shop because nothing is left of them, and who took them off.

Etsy takes no inventory without a unit: a listing at 0 is made inactive, and keeps one unit that nobody can buy. What
Stocksheet took off it puts up again; what the seller took off stays off. The platform does not say who it was, so that
it is noted before the call (agent.channels.notes).
"""

from __future__ import annotations

import logging
from typing import Literal

from agent.channels.notes import Notes
from agent.ports import Clock

Who = Literal["ours", "theirs"]
SETTLED = 300.0
"""Seconds after which a note of a listing that is active was overtaken by somebody else."""
log = logging.getLogger(__name__)


class Hidden:
    """Listing -> who took it off. Kept at once."""

    def __init__(self, notes: Notes, clock: Clock) -> None:
        self._notes, self._clock = notes, clock
        self._known: dict[str, str] | None = None

    def who(self, listing: int) -> Who | None:
        """Of a listing that is inactive: None where its stored quantity is the one that counts."""
        said = self._all().get(str(listing), "").partition(" ")[0]
        return "ours" if said == "ours" else "theirs" if said == "theirs" else None

    def note(self, listing: int, who: Who) -> None:
        """It is at 0, and off the shop by this one's doing."""
        self._all()[str(listing)] = f"{who} {self._clock.now().timestamp():.0f}"
        self._keep()

    def forget(self, listing: int) -> None:
        """It has units again."""
        if self._all().pop(str(listing), None) is not None:
            self._keep()

    def seen_active(self, listing: int) -> None:
        """Somebody put it up since: what was noted is over (but for a call that is on its way)."""
        noted = self._all().get(str(listing), "").partition(" ")[2]
        if noted.isdigit() and self._clock.now().timestamp() - int(noted) > SETTLED:
            self.forget(listing)

    def _all(self) -> dict[str, str]:
        if self._known is None:
            self._known = self._notes.read()
        return self._known

    def _keep(self) -> None:
        try:
            self._notes.keep(self._all())
        except OSError:
            log.warning("What was taken off the shop could not be written down; it is known until the next start.")
