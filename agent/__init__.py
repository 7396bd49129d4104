"""Stocksheet: keeps every shop's stock equal to a seller's spreadsheet, and says why for every number."""

from __future__ import annotations

import sys
from types import TracebackType

__version__ = "0.1.0"


def _ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Ctrl-C while the program is still being loaded: nothing has begun, so there is nothing to tell but that."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("\nStopped.\n")
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _ended
