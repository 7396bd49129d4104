"""`stocksheet init`: a new workbook; or a seller's own one adopted; a Google Sheet; items of a connected shop."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent import config
from agent.commands._screen import Screen
from agent.config import ConfigProblems
from agent.config_keys import HOME
from agent.config_write import set_value
from agent.words import in_words

HELP = "Make a new workbook, take over one of your own, or fill in the items of a connected shop."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `init` takes."""
    parser.add_argument(
        "--workbook",
        metavar="FILE",
        help=f"the workbook to make, or one of your own to take over (default: {HOME}/Stocksheet.xlsx)",
    )
    parser.add_argument("--config", metavar="FILE", help=f"the settings file to make (default: {HOME}/config.toml)")
    parser.add_argument("--empty", action="store_true", help="a new workbook without example items")
    parser.add_argument("--from", metavar="CHANNEL", dest="source", help="add the items that this connected shop sells")
    parser.add_argument("--google", metavar="ADDRESS", help="a Google Sheet, shared with Stocksheet, as the workbook")
    parser.add_argument("--key", metavar="FILE", help="with --google: the key file of a service account")
    parser.add_argument("--login", metavar="FILE", help="with --google: sign in yourself, with this OAuth client file")
    parser.add_argument("--dry-run", action="store_true", help="show what would be done, change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is right (what is unclear is asked)")


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: done. 1: it needs you. Raises ConfigProblems, WorkbookOut, ChannelOut, SecretsOut, AlreadyRunning."""
    if chosen.source is not None:
        from agent.commands import _from_shop  # noqa: PLC0415 (loads what reads and writes xlsx)

        return _from_shop.run(chosen, screen)
    if chosen.google is not None:
        from agent.commands import _google  # noqa: PLC0415 (loads what calls Google)

        return _google.run(chosen, screen)
    settings_file = config.find_config(chosen.config)
    workbook = Path(chosen.workbook or settings_file.parent / "Stocksheet.xlsx").expanduser().absolute()
    if chosen.workbook and workbook.exists():
        from agent.commands import _adopt  # noqa: PLC0415 (loads what reads and writes xlsx)

        return _adopt.run(chosen, screen, workbook, settings_file)
    return _make(chosen, screen, workbook, settings_file)


def _make(chosen: argparse.Namespace, screen: Screen, workbook: Path, settings_file: Path) -> int:
    from agent.workbooks.starter import make_starter  # noqa: PLC0415 (loads openpyxl)

    _refuse(settings_file, workbook)
    if chosen.dry_run:
        screen.say(in_words("init.would_make_workbook_settings", workbook=workbook, settings_file=settings_file))
        return 0
    with screen.working(in_words("init.making_workbook")):
        content = make_starter(example=not chosen.empty)
        config.make_data_folder(settings_file.parent)
        set_value(settings_file, "data_folder", str(settings_file.parent))
        set_value(settings_file, "workbook", str(workbook))
        workbook.parent.mkdir(parents=True, exist_ok=True)
        workbook.write_bytes(content)
    screen.sign("ok", f"Your workbook: {workbook}")
    screen.sign("ok", f"Your settings: {settings_file}")
    screen.say(in_words("init.next_fill_tab_item"))
    return 0


def _refuse(settings_file: Path, workbook: Path) -> None:
    problems = []
    if workbook.suffix.lower() != ".xlsx":
        problems.append(in_words("init.does_not_end_xlsx", workbook=workbook))
    if workbook.exists():
        problems.append(in_words("init.exists", file=workbook))
    if settings_file.exists():
        problems.append(in_words("init.exists_already_nothing_changed", settings_file=settings_file))
    if problems:
        raise ConfigProblems(problems)
