"""JSON nulls, which Google takes as not sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def without_nulls(thing: Any) -> Any:
    """The same without what is null; rows of cells, which are many, are left for whoever looks at each."""
    if isinstance(thing, Mapping):
        return {
            name: value if name == "rows" else without_nulls(value)
            for name, value in thing.items()
            if value is not None
        }
    return [without_nulls(each) for each in thing] if isinstance(thing, list) else thing
