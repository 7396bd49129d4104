"""The command line on a real workbook and a practice shop: what it says, how it exits (DESIGN section 10)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent import app, config, log, loop
from agent.__main__ import main
from agent.channels import platforms
from agent.store import Store
from tests.commands.conftest import said


def answered(capsys: pytest.CaptureFixture[str]) -> dict:  # type: ignore[type-arg]
    """The JSON object on the standard output, and nothing else on it."""
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


# --- init -----------------------------------------------------------------------------------------------------------


def test_init_makes_a_workbook_and_settings_that_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"
    assert main(["init", "--config", str(file)]) == 0
    assert config.load(file).workbook == str(file.with_name("Stocksheet.xlsx"))
    assert Path(config.load(file).workbook).stat().st_size > 5000


def test_init_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    (tmp_path / "Stocksheet.xlsx").write_bytes(b"mine")
    assert main(["init", "--config", str(file)]) == 2
    assert "exists already, and nothing was changed" in said(capsys)
    assert (tmp_path / "Stocksheet.xlsx").read_bytes() == b"mine"
    assert not file.exists()


def test_init_keeps_its_memory_out_of_a_synced_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--config", str(tmp_path / "Dropbox" / "config.toml")]) == 2
    assert "Dropbox" in said(capsys)
    assert not (tmp_path / "Dropbox" / "Stocksheet.xlsx").exists()


# --- connect --------------------------------------------------------------------------------------------------------


def connect(place, *more: str) -> int:  # type: ignore[no-untyped-def]
    url = f"http://127.0.0.1:{place.port}"
    return place.run("connect", "woocommerce", "--name", "my-shop", "--url", url, "--private", *more)


def test_connect_shows_who_answers_and_keeps_the_keys_out_of_the_settings(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    types("ck_practice", "cs_practice", "yes")
    assert connect(empty_place) == 0
    shown = said(capsys)
    assert "Anna's shop" in shown
    assert "EUR" in shown
    assert "cs_practice" not in empty_place.config.read_text(encoding="utf-8")
    one = config.load(empty_place.config).channels["my-shop"]
    assert one.account_name == "Anna's shop"
    assert empty_place.run("check") == 0


def test_connect_keeps_nothing_when_it_is_another_shop(empty_place, types) -> None:  # type: ignore[no-untyped-def]
    types("ck_practice", "cs_practice", "no")
    assert connect(empty_place) == 1
    assert not config.load(empty_place.config).channels
    assert not (empty_place.folder / "secrets.json").exists()


def test_connect_says_that_a_key_is_wrong_without_showing_it(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    types("ck_practice", "cs_mistyped_secret", "yes")
    assert connect(empty_place) == 2
    shown = said(capsys)
    assert "refuses the access" in shown
    assert "cs_mistyped_secret" not in shown
    assert not config.load(empty_place.config).channels


def test_connect_names_the_platforms_it_knows(empty_place, capsys) -> None:  # type: ignore[no-untyped-def]
    assert empty_place.run("connect", "woocommerse") == 2
    assert "woocommerce" in said(capsys)


def test_connect_ends_plainly_where_nobody_can_answer(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    types("ck_practice")
    assert connect(empty_place) == 2
    assert "nobody typed an answer" in said(capsys)


def test_connect_does_not_put_another_shop_under_a_known_name_S2_9(empty_place, types, capsys) -> None:  # type: ignore[no-untyped-def]
    types("ck_practice", "cs_practice")
    assert connect(empty_place, "--yes") == 0
    text = empty_place.config.read_text(encoding="utf-8")
    known = config.load(empty_place.config).channels["my-shop"].account_id
    empty_place.config.write_text(text.replace(str(known), "shop.example"), encoding="utf-8")
    types("ck_practice", "cs_practice")
    assert connect(empty_place, "--yes") == 2
    assert "Nothing was changed" in said(capsys)


# --- check ----------------------------------------------------------------------------------------------------------


def test_check_is_content_with_a_sound_place(place, capsys) -> None:  # type: ignore[no-untyped-def]
    assert place.run("check") == 0
    shown = said(capsys)
    assert "4 items" in shown
    assert "Anna's shop" in shown
    assert "All is well." in shown


def test_check_names_the_cell_and_how_to_mend_it(place, capsys) -> None:  # type: ignore[no-untyped-def]
    place.person.types("Item Master", {"SKU": "MUG"}, "Stocked", "about ten")
    assert place.run("check") == 1
    assert "Item Master!C2" in said(capsys)


def test_check_finds_a_wrong_key_a_missing_workbook_and_says_both(place, capsys) -> None:  # type: ignore[no-untyped-def]
    place.keep_secrets(secret="cs_something_else")
    place.workbook.rename(place.folder / "elsewhere.xlsx")
    assert place.run("check", "--json") == 1
    lines = [line["sentence"] for line in answered(capsys)["lines"] if line["sign"] == "fix"]
    assert any("There is no workbook" in line for line in lines)
    assert any("refuses the access" in line for line in lines)


def test_check_says_what_is_wrong_in_the_settings_all_at_once(place, capsys) -> None:  # type: ignore[no-untyped-def]
    with place.config.open("a", encoding="utf-8") as file:
        file.write('\n[channels.other]\nplatform = "wocommerce"\nurl = "http://shop.example"\n')
    assert place.run("check") == 1
    assert "wocommerce" in said(capsys)


# --- plan, sync -----------------------------------------------------------------------------------------------------


def test_plan_shows_every_change_with_its_reason_and_touches_nothing(place, capsys) -> None:  # type: ignore[no-untyped-def]
    before = place.workbook.read_bytes()
    assert place.run("plan", "--json") == 1  # the first plan waits for a yes
    plan = answered(capsys)
    rows = {row["sku"]: row for row in plan["listings"]}
    assert (rows["MUG"]["change"], rows["MUG"]["shows"], rows["MUG"]["target"]) == ("down", 25, 20)
    assert rows["MUG"]["why"] == "20 stocked - 0 allocated = 20"
    assert (rows["SET"]["change"], rows["SET"]["target"]) == ("up", 9)
    assert rows["00123"]["change"] == "right already"
    assert plan["counts"]["waiting in Imports"] == 1
    assert place.workbook.read_bytes() == before
    assert [place.shop.quantity(each) for each in place.shop.products] == [25, 7, 3, 1]
    assert not (place.folder / app.STORE).exists() or Store(place.folder / app.STORE).table("listing").is_empty()


def test_sync_pushes_nothing_before_the_yes_and_everything_after_it(place, capsys) -> None:  # type: ignore[no-untyped-def]
    assert place.run("sync") == 1
    assert "The first plan for my-shop is ready" in said(capsys)
    assert place.shop.quantity(11) == 25
    place.go_live()
    assert [place.shop.quantity(each) for each in place.shop.products] == [20, 7, 9, 1]
    assert "Pushed to my-shop: MUG 25 -> 20." in said(capsys)


def test_sync_tells_of_a_sale_and_lowers_what_shares_its_parts(place, capsys) -> None:  # type: ignore[no-untyped-def]
    place.go_live()
    place.shop.sell(11, 4)
    capsys.readouterr()
    assert place.run("sync", "--json") == 0
    sentences = [line["sentence"] for line in answered(capsys)["lines"]]
    assert any(sentence.startswith("Sold on my-shop: 4 x MUG") for sentence in sentences)
    assert place.shop.quantity(13) == 8  # (20 - 4) / 2


def test_sync_with_nothing_to_do_says_so(place, capsys) -> None:  # type: ignore[no-untyped-def]
    place.go_live()
    capsys.readouterr()
    assert place.run("sync") == 0
    assert "Nothing new" in said(capsys)


def test_sync_steps_back_from_a_folder_that_is_in_use(place, capsys) -> None:  # type: ignore[no-untyped-def]
    lock = loop.only_one(place.folder)
    try:
        assert place.run("sync") == 2
    finally:
        lock.release()
    assert "already running" in said(capsys)
    assert place.run("sync") == 1


def test_a_shop_that_does_not_answer_is_told_and_exits_1(place, capsys) -> None:  # type: ignore[no-untyped-def]
    place.shop.faults.html_403 = True
    assert place.run("plan", "--json") == 1
    assert any("firewall" in row["what"] for row in answered(capsys)["needs_you"])


# --- explain, channels ----------------------------------------------------------------------------------------------


def test_explain_tells_where_every_number_comes_from(place, capsys) -> None:  # type: ignore[no-untyped-def]
    place.go_live()
    place.shop.sell(13, 2)  # two sets: four mugs
    place.run("sync")
    capsys.readouterr()
    assert place.run("explain", "mug", "--json") == 0
    told = answered(capsys)
    assert told["sku"] == "MUG"
    assert (told["stock"][0]["stocked"], told["stock"][0]["allocated"], told["stock"][0]["available"]) == (20, 4, 16)
    assert told["last_movements"][0]["because"] == "first Stocked"
    assert told["open_orders"][0]["units"] == 4
    assert [(row["what"], row["units"]) for row in told["last_sales"]] == [("sold", 4)]
    assert {row["sku"] for row in told["listings"]} == {"MUG", "SET"}
    why = {row["sku"]: row["why"] for row in told["listings"]}
    assert why["MUG"] == "20 stocked - 4 allocated = 16"
    assert told["last_pushes"]


def test_explain_knows_no_such_item_but_one_that_is_like_it(place, capsys) -> None:  # type: ignore[no-untyped-def]
    assert place.run("explain", "MUUG") == 2
    assert "Do you mean MUG?" in said(capsys)


def test_channels_shows_platforms_and_how_the_shops_stand(place, capsys) -> None:  # type: ignore[no-untyped-def]
    place.go_live()
    capsys.readouterr()
    assert place.run("channels", "--json") == 0
    told = answered(capsys)
    assert [each["platform"] for each in told["platforms"]] == list(platforms())
    assert told["shops"][0]["State"] == "live"
    assert told["shops"][0]["Listings"] == 4


# --- what cannot run ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["plan"], ["sync"], ["run"], ["explain", "MUG"]])
def test_without_settings_it_says_how_to_begin(command: list[str], tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    assert main([*command, "--config", str(tmp_path / "none.toml")]) == 2
    assert "stocksheet init" in said(capsys)


@pytest.mark.parametrize("command", [["plan"], ["sync"], ["run"], ["explain", "MUG"]])
def test_without_a_workbook_it_says_where_it_looked(command: list[str], place, capsys) -> None:  # type: ignore[no-untyped-def]
    place.workbook.unlink()
    assert place.run(*command) == 2
    assert f"There is no workbook at {place.workbook}" in said(capsys)


def test_a_bad_setting_is_told_at_once_with_what_may_stand_there(place, capsys) -> None:  # type: ignore[no-untyped-def]
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(text.replace('secrets = "file"', 'secrets = "flie"\nworkbok = "x"'), encoding="utf-8")
    assert place.run("plan") == 2
    shown = said(capsys)
    assert "keyring" in shown
    assert "workbok" in shown


def test_missing_keys_are_told_with_the_way_to_renew_them(place, capsys) -> None:  # type: ignore[no-untyped-def]
    (place.folder / "secrets.json").unlink()
    assert place.run("sync") == 2
    assert "stocksheet connect" in said(capsys)


def test_a_mistake_of_its_own_is_a_sentence_never_a_traceback(place, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def stumble(*_: object) -> None:
        raise KeyError("secret_value")

    monkeypatch.setattr(app, "build", stumble)
    assert place.run("sync") == 2
    assert "a mistake of its own" in said(capsys)
    log.stop()
    assert "Traceback" in (place.folder / log.FILE).read_text(encoding="utf-8")


def test_without_a_command_it_shows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = said(capsys)
    assert all(word in shown for word in ("demo", "init", "connect", "check", "plan", "sync", "run", "explain"))


def test_another_workbook_can_be_named(place, capsys) -> None:  # type: ignore[no-untyped-def]
    other = place.workbook.rename(place.folder / "Other.xlsx")
    assert place.run("check", "--workbook", str(other)) == 0
    assert "Other.xlsx" in said(capsys)


def test_a_script_gets_one_json_object_also_where_a_command_could_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = ["--config", str(tmp_path / "none.toml"), "--json"]
    for command in (["plan"], ["sync"], ["explain", "MUG"], ["verify", "MUG"], ["undo", "1"]):
        assert main([*command, *nowhere]) == 2
        told, sentence = capsys.readouterr()
        assert "no settings file" in json.loads(told)["errors"][0] and "no settings file" in sentence


def test_a_terminal_that_cannot_show_a_letter_shows_a_question_mark_for_it(tmp_path: Path) -> None:
    """As on an old terminal of Windows: a folder, a title or a SKU may hold what its code page has not."""
    narrow = {**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    asked = [sys.executable, "-m", "agent", "check", "--config", str(tmp_path / "für Çağ.toml")]
    told = subprocess.run(asked, env=narrow, capture_output=True, check=False, timeout=60)
    assert told.returncode == 1 and b"f?r ?a?.toml" in told.stdout and b"stumbled" not in told.stderr


def test_ctrl_c_while_the_program_is_loaded_is_a_word_and_no_traceback() -> None:
    asked = [sys.executable, "-c", "import agent; raise KeyboardInterrupt"]
    told = subprocess.run(asked, capture_output=True, check=False, timeout=60, text=True)
    assert told.returncode != 0 and told.stderr == "\nStopped.\n"
