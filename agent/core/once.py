"""What is made once while the same is given: the core keeps nothing itself, the store's memory is handed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Once = Callable[..., Any]
"""`once(name, make, *given)`: what `make()` gives, or what it gave when these were given last (`Store.derived`)."""


def each_time(name: str, make: Callable[[], Any], *given: object) -> Any:
    """A `Once` that keeps nothing."""
    return make()
