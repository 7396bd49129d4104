"""What a command shows: plain sentences, tables, a sign of life on long work, or one JSON object for a script."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import polars as pl
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from agent.words import in_words

SIGNS = {"ok": ("ok  ", "green"), "fix": ("fix ", "yellow"), "stop": ("stop", "red"), "note": ("note", "cyan")}


LONG = ("Why", "Because", "Trouble", "Title", "Status")
"""Columns that may take several lines."""
WIDE = 200
"""Columns of characters where the output goes into a file."""


class Screen:
    """The person's terminal. With `as_json`, sentences are left out and only `data` is printed."""

    def __init__(self, as_json: bool = False, console: Console | None = None) -> None:
        self.as_json = as_json
        self._sorry: list[str] = []
        self._told = False
        self._console = console or Console(highlight=False, markup=False, emoji=False)
        if console is None and not self._console.is_terminal:
            self._console.width = WIDE
        self._errors = Console(stderr=True, highlight=False, markup=False, emoji=False)

    def say(self, sentence: str = "", style: str | None = None) -> None:
        """One line for a person. Text of shops and cells is never taken as markup."""
        if not self.as_json:
            self._console.print(Text(sentence, style=style or ""), soft_wrap=True)

    def sign(self, sign: str, sentence: str) -> None:
        """A line with a sign in front: ok, fix, stop or note."""
        word, style = SIGNS[sign]
        if not self.as_json:
            self._console.print(Text.assemble((word, style), " ", sentence), soft_wrap=True)

    def sorry(self, sentence: str) -> None:
        """Why the command could not run; to the error stream, so that a script's JSON stays whole."""
        self._errors.print(Text(sentence), soft_wrap=True)
        self._sorry.append(sentence)

    def ask(self, question: str, default: str = "", *, hidden: bool = False) -> str:
        """What the person types; a hidden answer is not shown. Raises OSError where nobody can answer."""
        shown = f"{question} [{default}] " if default else f"{question} "
        try:
            if hidden and sys.stdin.isatty():
                typed = getpass.getpass(shown)
            else:
                typed = self._console.input(shown, markup=False)
        except EOFError:
            raise OSError(0, in_words("screen.nobody_typed_answer"), "The terminal") from None
        return typed.strip() or default

    def table(self, rows: pl.DataFrame, title: str = "") -> None:
        """A frame as a table; its column names are the header."""
        if self.as_json:
            return
        table = Table(title=title or None, title_justify="left", box=None, header_style="bold", pad_edge=False)
        for name, kind in rows.schema.items():
            side: Literal["left", "right"] = "right" if kind.is_numeric() else "left"
            table.add_column(name, justify=side, overflow="fold", no_wrap=name not in LONG)
        for row in rows.iter_rows():
            table.add_row(*(Text("" if value is None else str(value)) for value in row))
        self._console.print(table)

    def data(self, content: Mapping[str, Any]) -> None:
        """The JSON object, where a script asked for it."""
        if self.as_json:
            self._told = True
            self._console.file.write(json.dumps(content, indent=1, default=str, ensure_ascii=False) + "\n")

    def failed(self) -> None:
        """A script always gets an object: where it was told nothing else, why the command could not run."""
        if not self._told:
            self.data({"errors": self._sorry})

    @contextmanager
    def working(self, sentence: str) -> Iterator[None]:
        """A sign of life while something takes its time; a plain line where nobody looks."""
        if self.as_json or not self._console.is_terminal:
            self.say(f"{sentence} ...")
            yield
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            progress.add_task(sentence, total=None)
            yield
