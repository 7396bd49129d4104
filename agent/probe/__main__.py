"""`python -m agent.probe google SHEET [--config FILE] [--wait SECONDS]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import replace

from agent import app, config
from agent.probe.google import Finding, probe
from agent.workbooks.base import WorkbookOut


def main(arguments: list[str]) -> int:
    """0: every question has an answer. 1: some have none. 2: the sheet cannot be reached."""
    parser = argparse.ArgumentParser(prog="python -m agent.probe", description=probe.__doc__)
    parser.add_argument("what", choices=["google"])
    parser.add_argument("sheet", help="the address of a sheet that the access may write in")
    parser.add_argument("--config", metavar="FILE", help="the settings with the access (stocksheet init --google)")
    parser.add_argument("--wait", type=float, default=0, help="seconds to wait for you to edit a cell, for question 2")
    chosen = parser.parse_args(arguments)
    settings = replace(config.load(chosen.config), workbook=chosen.sheet)
    try:
        book = app.open_google(settings)
        findings = asyncio.run(probe(book.calls, chosen.wait))
    except WorkbookOut as out:
        sys.stdout.write(f"{out.what} {out.fix}\n")
        return 2
    sys.stdout.write(table(findings))
    return int(any(not one.answer for one in findings))


def table(findings: list[Finding]) -> str:
    """The findings as lines of text."""
    lines = [f"{one.number:>2}  {one.question}\n    {one.answer or 'no answer'}" for one in findings]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
