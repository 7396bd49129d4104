"""A first hour that is cut short: the process is killed at each place where it changes a file; nothing is half done,
and the same command given again comes to its end. Real processes, real files, a practice shop over HTTP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from agent import app, config
from agent.config_write import set_value
from tests.commands.conftest import Place
from tests.workbooks.seller_books import all_books

ROOT = Path(__file__).parents[2]
KILLED = -9
PROGRAM = """
import os, signal, sys
folder, last = sys.argv[1], int(sys.argv[2])
count = 0
def dying(change):
    def before(path, *more, **named):
        global count
        if folder in str(path) and ".lock" not in str(path):
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)
        return change(path, *more, **named)
    return before
from agent.__main__ import main
for name in ("open", "rename", "replace", "link", "chmod", "mkdir", "unlink", "remove"):
    setattr(os, name, dying(getattr(os, name)))
sys.exit(main(sys.argv[3:]))
"""


def given(folder: Path, last: int, *command: str, typed: str = "") -> tuple[int, str]:
    """The command in a process that is killed just before its change number `last` to a file (0: never)."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), str(last), *command],
        cwd=ROOT, capture_output=True, text=True, input=typed, timeout=100, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def skus(file: Path, tab: str) -> list[object]:
    """The first column of a tab, as another program reads it: a half-written file would not open."""
    rows = openpyxl.load_workbook(file)[tab].iter_rows(min_row=2, max_col=1, values_only=True)
    return [sku for (sku,) in rows if sku]


@pytest.mark.parametrize("last", [5, 12])
def test_taking_over_a_workbook_is_done_whole_or_not_at_all(tmp_path: Path, last: int) -> None:
    book = all_books()["plain_english"]()
    file, settings = tmp_path / "Mine.xlsx", tmp_path / "place" / "config.toml"
    file.write_bytes(book.content)
    command = ("init", "--workbook", str(file), "--config", str(settings), "--yes")
    assert given(tmp_path, last, *command)[0] == KILLED
    before = skus(file, book.tab)
    again, told = given(tmp_path, 0, *command)
    assert again == 0, told
    assert skus(file, book.tab) == before and len(before) == book.items
    assert config.load(settings).workbook == str(file)
    assert (tmp_path / "Mine (before Stocksheet).xlsx").read_bytes() == book.content


@pytest.mark.parametrize("last", [3])
def test_items_of_a_shop_are_added_once_whenever_it_was_cut_short(place: Place, last: int) -> None:
    command = ("init", "--from", "my-shop", "--yes", "--config", str(place.config))
    assert given(place.folder, last, *command)[0] == KILLED
    assert len(skus(place.workbook, "Item Master")) in (4, 5)
    again, told = given(place.folder, 0, *command)
    assert again == 0, told
    assert sorted(map(str, skus(place.workbook, "Item Master"))) == ["00123", "BOX", "MUG", "SET", "WHAT"]


@pytest.mark.parametrize("last", [2])
def test_connecting_is_done_whole_or_can_be_given_again(empty_place: Place, last: int) -> None:
    url = f"http://127.0.0.1:{empty_place.port}"
    command = ("connect", "woocommerce", "--name", "my-shop", "--url", url, "--way", "keys", "--private", "--yes",
               "--config", str(empty_place.config))  # fmt: skip
    assert given(empty_place.folder, last, *command, typed="ck_practice\ncs_practice\n")[0] == KILLED
    if not config.load(empty_place.config).channels:
        again, told = given(empty_place.folder, 0, *command, typed="ck_practice\ncs_practice\n")
        assert again == 0, told
    found = config.load(empty_place.config)
    assert app.secrets_of(found).get("my-shop", "consumer_key") == "ck_practice", "no shop without its keys"
    assert found.channels["my-shop"].account_name == "Anna's shop"


@pytest.fixture(autouse=True)
def _secrets_in_a_file(request: pytest.FixtureRequest) -> None:
    if "empty_place" in request.fixturenames:
        set_value(request.getfixturevalue("empty_place").config, "secrets", "file")
