"""Channels and practice shops read alike: the same parts in the same order, all of them named on the first page
(agent.channels.base; CONTRIBUTING, sections 3 and 4)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import agent
from agent.channels import platforms

HOME = Path(agent.__file__).parent
PARTS = ("__all__", "CAN", "SETTINGS", "WAYS", "offers", "connect", "the channel")
VERBS = ("__init__", "account", "preflight", "listings", "orders", "push", "close")
SHOPS = sorted({file.parent.name for file in HOME.glob("practice/*/__init__.py")} - {"google"})  # Google is no shop


def first_page(folder: Path) -> ast.Module:
    return ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))


def functions(body: list[ast.stmt]) -> list[str]:
    return [node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def called(node: ast.stmt) -> list[str]:
    """What a statement of the first page is, in the words of PARTS."""
    if isinstance(node, ast.ClassDef):
        return ["the channel"] if "account" in functions(node.body) else []
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return functions([node])


@pytest.mark.parametrize("platform", platforms())
def test_the_parts_of_a_channel_and_its_verbs_stand_in_the_declared_order(platform: str) -> None:
    page = first_page(HOME / "channels" / platform)
    parts = [name for node in page.body for name in called(node) if name in PARTS]
    assert parts == [name for name in PARTS if name in parts] and {"CAN", "connect", "the channel"} <= set(parts)
    (channel,) = (node for node in page.body if "the channel" in called(node) and isinstance(node, ast.ClassDef))
    assert [name for name in functions(channel.body) if name in VERBS] == list(VERBS)


@pytest.mark.parametrize(
    "place", [*(f"channels/{name}" for name in platforms()), *(f"practice/{name}" for name in SHOPS)]
)
def test_the_first_page_names_every_file_beside_it(place: str) -> None:
    """Besides how it is run: `__main__`, and the practice shops' demo."""
    named = set(re.findall(r"`(\w+)`", ast.get_docstring(first_page(HOME / place)) or ""))
    files = {file.stem for file in (HOME / place).glob("*.py")} - {"__init__", "__main__", "demo"}
    assert files <= named, files - named
