"""`stocksheet init`: a new workbook and the settings file."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent import config
from agent.commands._screen import Screen
from agent.config import ConfigProblems
from agent.config_keys import HOME
from agent.config_write import set_value

HELP = "Make a new workbook and a settings file. Nothing that exists is touched."
ADOPT = (
    "{file} exists already, and nothing was changed. To begin anew, name another file: --workbook FILE. "
    "Taking over a workbook of your own comes with a later version; until then copy its rows into the new one."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `init` takes."""
    parser.add_argument("--workbook", metavar="FILE", help=f"the workbook to make (default: {HOME}/Stocksheet.xlsx)")
    parser.add_argument("--config", metavar="FILE", help=f"the settings file to make (default: {HOME}/config.toml)")
    parser.add_argument("--empty", action="store_true", help="without example items")


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: made. Raises ConfigProblems where a file is there already or the place will not do."""
    from agent.workbooks.starter import make_starter  # noqa: PLC0415 (loads openpyxl)

    settings_file = config.find_config(chosen.config)
    workbook = Path(chosen.workbook or settings_file.parent / "Stocksheet.xlsx").expanduser().absolute()
    _refuse(settings_file, workbook)
    with screen.working("Making the workbook"):
        content = make_starter(example=not chosen.empty)
        config.make_data_folder(settings_file.parent)
        set_value(settings_file, "data_folder", str(settings_file.parent))
        set_value(settings_file, "workbook", str(workbook))
        workbook.parent.mkdir(parents=True, exist_ok=True)
        workbook.write_bytes(content)
    screen.sign("ok", f"Your workbook: {workbook}")
    screen.sign("ok", f"Your settings: {settings_file}")
    screen.say("Next: fill in the tab Item Master (one row a SKU), then connect a shop: stocksheet connect woocommerce")
    return 0


def _refuse(settings_file: Path, workbook: Path) -> None:
    problems = []
    if workbook.suffix.lower() != ".xlsx":
        problems.append(f"{workbook} does not end in .xlsx. Name an Excel file: --workbook FILE.xlsx")
    if workbook.exists():
        problems.append(ADOPT.format(file=workbook))
    if settings_file.exists():
        problems.append(f"{settings_file} exists already, and nothing was changed. Name another one: --config FILE.")
    if problems:
        raise ConfigProblems(problems)
