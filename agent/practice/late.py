"""Orders that can be read only some time after they happened or changed, as they stood when they became readable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Order = TypeVar("Order")


class Late(Generic[Order]):
    """The orders of a shop as its API shows them. `delay`: seconds, asked for at each change."""

    def __init__(self, clock: Callable[[], datetime], delay: Callable[[], float]) -> None:
        self._clock, self._delay = clock, delay
        self._readable: dict[int, Order] = {}
        self._late: list[tuple[datetime, int, Order | None]] = []

    def show(self, order_id: int, order: Order | None) -> None:
        """An order as it now stands (None: it is gone) becomes readable, at once or late."""
        due = self._clock() + timedelta(seconds=self._delay())
        self._late = [each for each in self._late if each[1] != order_id or each[0] < due]
        self._late.append((due, order_id, order))
        self.readable()

    def readable(self) -> dict[int, Order]:
        """The orders that can be shown now, each as it was when it last became readable."""
        now = self._clock()
        due = [each for each in self._late if each[0] <= now]
        if due:
            self._late = [each for each in self._late if each[0] > now]
        for _, order_id, order in sorted(due, key=lambda each: each[0]):
            if order is None:
                self._readable.pop(order_id, None)
            else:
                self._readable[order_id] = order
        return self._readable
