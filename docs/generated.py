"""Writes the pieces of the documents that are made from the code: `python -m docs.generated`.

A piece stands between `<!-- NAME -->` and `<!-- /NAME -->`. `tests/test_docs.py` sees to it that they are up to date.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from agent import commands
from agent.commands.channels import abilities
from agent.core import plan
from agent.workbooks.tabs import TABS, Tab

ROOT = Path(__file__).parent.parent
FILES = ("README.md", "docs/decisions.md", "docs/workbook.md")


def pieces() -> dict[str, str]:
    """Name of a piece -> what stands there."""
    return {
        "platforms": markdown(abilities()),
        "commands": markdown(_commands()),
        "decisions": plan.describe().replace("<", "&lt;"),
        "tabs": "\n".join(_tab(tab) for tab in TABS),
        "pictures": "".join(f"\n{_picture(tab, 'docs/')}" for tab in TABS if not tab.hidden),
    }


def markdown(rows: pl.DataFrame) -> str:
    """A frame as a Markdown table."""
    head = f"| {' | '.join(rows.columns)} |\n|{'---|' * rows.width}\n"
    return head + "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows.iter_rows())


def _commands() -> pl.DataFrame:
    rows = [(f"`stocksheet {name}`", commands.find(name).HELP) for name in commands.names()]
    return pl.DataFrame(rows, schema=["command", "what it does"], orient="row")


def _tab(tab: Tab) -> str:
    owner = "yours" if tab.owner == "person" else "Stocksheet's"
    rows = [(c.name, "you" if c.owner == "person" else "Stocksheet", c.note, c.example) for c in tab.columns]
    table = pl.DataFrame(rows, schema=["column", "filled in by", "what stands there", "example"], orient="row")
    picture = "" if tab.hidden else f"{_picture(tab)}\n"
    return f"## {tab.name} ({owner})\n\n{tab.note}\n\n{picture}{markdown(table)}"


def _picture(tab: Tab, folder: str = "") -> str:
    """The picture of a tab, as `docs/pictures.py` makes it."""
    return f"![{tab.name}: {tab.note}]({folder}pictures/{tab.name.lower().replace(' ', '-')}.png)\n"


def filled(text: str) -> str:
    """The document with every piece as it is now."""
    for name, piece in pieces().items():
        marked = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = marked.sub(lambda found, new=piece: f"{found[1]}{new}{found[2]}", text)
    return text


if __name__ == "__main__":
    for file in FILES:
        path = ROOT / file
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
