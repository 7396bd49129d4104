"""What is written down once and used in several places says the same everywhere."""

from __future__ import annotations

import importlib.util
import io
import re
import tomllib
import zipfile
from pathlib import Path

import pytest

import agent
from agent import commands
from agent.config_keys import CHANNEL, example
from agent.workbooks.tabs import BY_NAME, CONTROLS, TABS, aliases

ROOT = Path(agent.__file__).parent.parent
STARTER = importlib.util.find_spec("agent.workbooks.starter")


def test_config_example_is_the_generated_one() -> None:
    written = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    assert written == example(), "run: python -m agent.config > config.example.toml"


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.name)
def test_every_tab_and_column_is_explained_in_a_sentence(tab) -> None:  # type: ignore[no-untyped-def]
    assert tab.note.endswith(".")
    for column in tab.columns:
        assert column.note.endswith("."), column.name
        assert len(column.note) <= 250, column.name


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.name)
def test_tabs_are_declared_soundly(tab) -> None:  # type: ignore[no-untyped-def]
    assert len(set(tab.names)) == len(tab.names)
    assert set(tab.key) <= set(tab.names)
    assert tab.owner == "agent" or not tab.agent_columns
    for column in tab.columns:
        assert column.kind != "choice" or column.choices or column.owner == "agent", column.name
        if column.choices_from:
            of_tab, _, of_column = column.choices_from.partition("!")
            assert of_column in BY_NAME[of_tab].names


def test_five_tabs_are_visible_at_first() -> None:
    shown = [tab.name for tab in TABS if tab.shown]
    assert shown == ["Start here", "Item Master", "Imports", "Listings", "Attention"]


def test_the_switches_of_control_are_explained() -> None:
    assert all(note.endswith(".") for _, note in CONTROLS.values())


def test_aliases_name_only_declared_tabs_and_columns() -> None:
    for tab, columns in aliases().items():
        assert set(columns) <= set(BY_NAME[tab].names), tab


def test_an_alias_is_not_the_name_of_another_column_and_means_one_column() -> None:
    for tab, columns in aliases().items():
        declared = {plain(name): name for name in BY_NAME[tab].names}
        meant = {(plain(alias), column) for column, names in columns.items() for alias in names}
        assert not [(alias, column) for alias, column in meant if declared.get(alias, column) != column], tab
        assert len({alias for alias, _ in meant}) == len(meant), tab


def plain(header: str) -> str:
    """A header as headers are compared: without case, white space and punctuation."""
    return "".join(filter(str.isalnum, header.casefold()))


def test_no_platform_asks_for_a_setting_that_every_shop_has() -> None:
    channels = pytest.importorskip("agent.channels", reason="no platforms yet")
    common = {key.name for key in CHANNEL}
    for platform in channels.platforms():
        assert not common & {setting.key for setting in channels.find(platform).SETTINGS}, platform


def generated():  # type: ignore[no-untyped-def]
    """The module docs/generated.py."""
    found = importlib.util.spec_from_file_location("generated", ROOT / "docs" / "generated.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("file", ["README.md", "docs/decisions.md", "docs/workbook.md"])
def test_tables_in_the_documents_are_the_generated_ones(file: str) -> None:
    written = (ROOT / file).read_text(encoding="utf-8")
    assert written == generated().filled(written), "run: python -m docs.generated"


def pictures():  # type: ignore[no-untyped-def]
    """The module docs/pictures.py."""
    found = importlib.util.spec_from_file_location("pictures", ROOT / "docs" / "pictures.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_pictures_show_the_workbook_as_it_is_declared_now() -> None:
    made = pictures()
    assert made.MADE_FROM.read_text(encoding="utf-8").strip() == made.made_from(), "run: python -m docs.pictures"


def test_there_is_a_small_picture_of_every_tab_and_no_other() -> None:
    made = pictures()
    there = {path.name: path.stat().st_size for path in made.FOLDER.glob("*.png")}
    assert set(there) == {made.file_name(tab) for tab in TABS if not tab.hidden}, "run: python -m docs.pictures"
    assert sum(there.values()) < 2_000_000


def test_every_generated_piece_stands_in_exactly_one_document() -> None:
    texts = [(ROOT / file).read_text(encoding="utf-8") for file in generated().FILES]
    for name in generated().pieces():
        assert sum(f"<!-- {name} -->" in text and f"<!-- /{name} -->" in text for text in texts) == 1, name


def test_the_readme_points_only_at_what_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / target).is_file(), target
    for room in re.findall(r"`((?:agent|templates|docs|tests)/[\w./]*)`", text):
        assert (ROOT / room).exists(), room
    named = re.findall(r"stocksheet ([a-z]+)", text)
    assert set(named) <= set(commands.names()), "commands that the README names"


def test_the_changelog_knows_the_version() -> None:
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert f"## {about['project']['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def parts(workbook: bytes) -> dict[str, bytes]:
    """The parts of a workbook file by name: two files are the same workbook when these are."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.mark.skipif(STARTER is None, reason="agent/workbooks/starter.py is not there yet")
def test_the_starter_workbook_is_the_one_made_from_the_declaration() -> None:
    kept = ROOT / "templates" / "starter.xlsx"
    if not kept.exists():
        pytest.skip("templates/starter.xlsx is not made yet: python -m agent.workbooks.starter templates/starter.xlsx")
    made = importlib.import_module("agent.workbooks.starter").make_starter()
    assert parts(made) == parts(kept.read_bytes())
