"""The command line: `stocksheet COMMAND`, or `python -m agent COMMAND`.

Exit 0: done. 1: done, and something needs you. 2: could not run. An error is a sentence, never a traceback.
"""

from __future__ import annotations

import argparse
import io
import logging
import sqlite3
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from agent import commands
from agent.channels.base import ChannelOut
from agent.commands._screen import Screen
from agent.config import ConfigProblems
from agent.loop import AlreadyRunning
from agent.secrets import SecretsOut
from agent.words import in_words
from agent.workbooks.base import WorkbookOut

log = logging.getLogger("agent.command")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a title that the terminal cannot show is no reason to stop
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help()
        return commands.DONE
    return _run(chosen, Screen(as_json=getattr(chosen, "json", False)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stocksheet",
        description="Keeps every shop's stock equal to your spreadsheet, and says why for every number.",
        epilog="Exit 0: done. 1: done, and something needs you. 2: could not run. Begin with: stocksheet demo",
    )
    parser.add_argument("--version", action="version", version=f"Stocksheet {_version()}")
    several = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in commands.names():
        command = commands.find(name)
        command.arguments(several.add_parser(name, help=command.HELP, description=command.HELP))
    return parser


def _version() -> str:
    try:
        return version("stocksheet")
    except PackageNotFoundError:
        return "(not installed)"


def _run(chosen: argparse.Namespace, screen: Screen) -> int:
    try:
        return commands.find(chosen.command).run(chosen, screen)
    except ConfigProblems as problems:
        for problem in problems.problems:
            screen.sorry(problem)
    except (ChannelOut, SecretsOut, WorkbookOut) as out:
        screen.sorry(f"{out.what} {out.fix}")
    except (AlreadyRunning, sqlite3.OperationalError, OSError) as told:
        screen.sorry(_sentence(told))
    except KeyboardInterrupt:
        screen.sorry("Stopped.")
    except Exception as error:
        # an unknown platform or item is a plain LookupError; a KeyError is a mistake of ours
        screen.sorry(str(error) if type(error) is LookupError else _stumbled(chosen.command))
    screen.failed()
    return commands.FAILED


def _stumbled(command: str) -> str:
    logging.getLogger().addHandler(logging.NullHandler())  # else logging shows the traceback where no log was begun
    log.exception("the command %s failed", command)
    return in_words("main.stocksheet_stumbled_over_mistake")


def _sentence(error: Exception) -> str:
    """What a foreign error says, as a sentence."""
    if isinstance(error, sqlite3.OperationalError):
        return in_words("main.stocksheet_memory_stocksheet_db", error=error)
    if isinstance(error, OSError):
        return in_words("main.cannot_be_used", file=error.filename, reason=error.strerror or error)
    return str(error.args[0]) if error.args else str(error)


if __name__ == "__main__":
    sys.exit(main())
