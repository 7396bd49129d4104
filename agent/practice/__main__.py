"""`python -m agent.practice <platform> ...`: one practice shop, alone, until Ctrl-C."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from types import ModuleType

import agent.practice


def platforms() -> list[str]:
    """Every practice shop there is: the packages beside this file."""
    return sorted(found.name for found in pkgutil.iter_modules(agent.practice.__path__) if found.ispkg)


def load(platform: str) -> ModuleType | None:
    """The practice shop of that name, or None."""
    return importlib.import_module(f"agent.practice.{platform}") if platform in platforms() else None


def main(arguments: list[str]) -> int:
    """Find the shop by its name and run it."""
    shop = load(arguments[0]) if arguments else None
    if shop is None:
        sys.stderr.write(f"Say which practice shop: {', '.join(platforms())}.\n")
        return 2
    return int(shop.main(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
