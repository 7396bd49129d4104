"""The settings file: everything that is wrong is said at once, in sentences that name the place and the remedy."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

import pytest

from agent import config, config_keys, config_write
from agent.channels.base import Setting
from agent.config_check import synced

SHOP = (
    Setting("url", "The shop's address", False, "As the browser shows it."),
    Setting("consumer_key", "Consumer key", False, "Begins with ck_."),
    Setting("consumer_secret", "Consumer secret", True, "Begins with cs_."),
)
PLATFORMS = {"woocommerce": SHOP, "etsy": (Setting("shop_id", "Shop id", False, ""),)}
GOOD = """
workbook = "My stock.xlsx"

[channels.my-shop]
platform = "woocommerce"
url = "https://shop.example"
consumer_key = "abc"
account_id = 118302
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load(file: Path, text: str) -> config.Settings:
    file.write_text(text, encoding="utf-8")
    return config.load(file, PLATFORMS)


def problems(file: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(config.ConfigProblems) as caught:
        load(file, text)
    return caught.value.problems


def test_a_good_file_becomes_frozen_settings_with_absolute_paths(file: Path) -> None:
    settings = load(file, GOOD)
    shop = settings.channels["my-shop"]
    assert settings.workbook == str(file.parent / "My stock.xlsx")
    assert settings.data_folder == Path("~/Stocksheet").expanduser()
    assert (shop.platform, shop.account_id, shop.audit_minutes) == ("woocommerce", "118302", 15)
    assert dict(shop.settings) == {"url": "https://shop.example", "consumer_key": "abc"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.language = "de"  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.channels["other"] = shop  # type: ignore[index]


def test_an_empty_file_means_the_defaults(file: Path) -> None:
    assert load(file, "") == config.defaults(file)
    assert config.defaults(file).workbook.endswith("Stocksheet.xlsx")


def test_a_byte_order_mark_and_windows_line_ends_are_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert "my-shop" in config.load(file, PLATFORMS).channels


def test_all_problems_are_named_at_once(file: Path) -> None:
    found = problems(
        file,
        """
        wrokbook = "a.xlsx"
        secrets = "nowhere"
        [timers]
        audit_minutes = 0.1
        look_seconds = "often"
        [channels.my-shop]
        platform = "woocomerce"
        [channels.other]
        platform = "woocommerce"
        url = "shop.example"
        pol_seconds = 5
        """,
    )
    text = "\n".join(found)
    assert len(found) == 8, text
    assert "wrokbook. Did you mean workbook?" in text
    assert "secrets must be one of keyring and file" in text
    assert "[timers]: audit_minutes must be from 5 to 1440, and it is 0.1" in text
    assert 'look_seconds must be a number, and it is "often"' in text
    assert "woocomerce. Did you mean woocommerce?" in text
    assert "[channels.other]: url is not the address of a shop" in text
    assert "pol_seconds. Did you mean poll_seconds?" in text
    assert "[channels.other]: consumer_key is missing" in text


def test_every_problem_says_what_to_do(file: Path) -> None:
    for sentence in problems(file, 'x = 1\nworkbook = "a.csv"\ndata_folder = 3\n[channels.s]\nurl = "u"'):
        assert sentence.endswith(".")
        assert "config.toml" in sentence
        assert len(re.findall(r"[.?](?= |$)", sentence)) >= 2, sentence


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigProblems, match="stocksheet init"):
        config.load(tmp_path / "config.toml", PLATFORMS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("workbook = C:/a.xlsx", "because of line 1"),
        ('\n\nworkbook = "C:\\Users\\Ann\\Stock.xlsx"', "single quotes"),
        ("workbook", "line 1"),
    ],
)
def test_a_line_that_is_no_setting_is_named(file: Path, text: str, words: str) -> None:
    (problem,) = problems(file, text)
    assert words in problem


def test_bytes_that_are_no_text_are_said_so(file: Path) -> None:
    file.write_bytes('workbook = "ü.xlsx"'.encode("utf-16"))
    with pytest.raises(config.ConfigProblems, match="cannot be read"):
        config.load(file, PLATFORMS)


@pytest.mark.parametrize(
    "folder",
    [
        "C:/Users/Ann/OneDrive - Company/Stocksheet",
        r"C:\Users\Ann\OneDrive\Stocksheet",
        "/home/ann/Dropbox (Personal)/x",
        "G:/My Drive/x",
        "/Users/ann/Google Drive/x",
        "/Users/ann/Library/CloudStorage/GoogleDrive-ann/x",
        "/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/x",
        "C:/Users/Ann/iCloudDrive/x",
        r"\\nas\shared\Stocksheet",
        "//nas/shared",
    ],
)
def test_a_data_folder_that_is_copied_elsewhere_is_refused_R3(file: Path, folder: str) -> None:
    assert synced(folder)
    (problem,) = problems(file, f"data_folder = '{folder}'")
    assert "copied elsewhere" in problem


@pytest.mark.parametrize("folder", ["~/Stocksheet", "/home/ann/Documents/Stocksheet", r"D:\Data", "/srv/mydrives/x"])
def test_an_ordinary_data_folder_is_fine(folder: str) -> None:
    assert synced(folder) is None


def test_a_link_into_a_synced_folder_is_seen_through_R3(tmp_path: Path, file: Path) -> None:
    (tmp_path / "Dropbox" / "data").mkdir(parents=True)
    (tmp_path / "data").symlink_to(tmp_path / "Dropbox" / "data")
    (problem,) = problems(file, f'data_folder = "{(tmp_path / "data").as_posix()}"')
    assert "Dropbox" in problem


def test_the_workbook_may_lie_in_a_synced_folder_or_be_a_google_sheet(file: Path) -> None:
    assert load(file, 'workbook = "/x/OneDrive/Stock.xlsx"').workbook == "/x/OneDrive/Stock.xlsx"
    settings = load(file, 'workbook = "https://docs.google.com/spreadsheets/d/1AbC/edit"')
    assert settings.google


@pytest.mark.parametrize("workbook", ["Stock.xls", "Stock.csv", "https://files.example/Stock.xlsx", "file:///x.xlsx"])
def test_another_kind_of_workbook_is_refused(file: Path, workbook: str) -> None:
    (problem,) = problems(file, f'workbook = "{workbook}"')
    assert ".xlsx" in problem


def test_a_secret_in_the_file_is_refused_and_not_repeated_S2_7(file: Path) -> None:
    (problem,) = problems(file, GOOD + 'consumer_secret = "cs_canary_0123456789"')
    assert "is a secret" in problem
    assert "canary" not in problem


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://shop.example", "https://"),
        ("https://ann:canary@shop.example", "not the address"),
        ("ftp://shop.example", "not the address"),
        ("https://", "not the address"),
        ("https://shop.example:99999", "not the address"),
    ],
)
def test_an_unsafe_address_is_refused_R17_R20(file: Path, url: str, words: str) -> None:
    (problem,) = problems(file, GOOD.replace("https://shop.example", url))
    assert words in problem
    assert "canary" not in problem


def test_a_shop_in_ones_own_network_may_be_plain_http_when_said_so_R17(file: Path) -> None:
    text = GOOD.replace("https://shop.example", "http://127.0.0.1:8080") + "allow_private = true"
    assert load(file, text).channels["my-shop"].allow_private


def test_there_is_no_setting_that_switches_certificates_off_R20(file: Path) -> None:
    keys = [key for keys in (config_keys.TOP, config_keys.CHANNEL) for key in keys]
    assert not [key.name for key in keys if re.search("verify|insecure|tls|ssl", key.name)]
    (problem,) = problems(file, GOOD + "verify = false")
    assert "does not know: verify" in problem


@pytest.mark.parametrize("name", ["../x", "a/b", r"a\b", "", "a:b", "x" * 41, "-x", "a\u0000b"])
def test_a_shop_name_that_could_be_mistaken_for_a_path_is_refused_R19(file: Path, name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace("\x00", "\\u0000")
    (problem,) = problems(file, f'[channels."{quoted}"]\nplatform = "etsy"\nshop_id = 1')
    assert "cannot have this name" in problem


def test_two_shops_that_differ_only_in_capitals_are_refused(file: Path) -> None:
    section = '[channels.{}]\nplatform = "etsy"\nshop_id = 1\n'
    (problem,) = problems(file, section.format("Etsy") + section.format("etsy"))
    assert "same name but for capitals" in problem


def test_a_setting_where_a_section_belongs_is_said_so(file: Path) -> None:
    text = "\n".join(problems(file, 'timers = 3\nchannels = "etsy"'))
    assert "timers must be a section" in text
    assert "channels must be a section" in text


def test_each_declared_key_is_a_field_of_the_settings_and_has_the_same_default() -> None:
    fields = {f.name: f.default for f in dataclasses.fields(config.Settings)}
    assert {key.name for key in config_keys.TOP} == fields.keys() - {"file", "timers", "log", "channels", "feeds"}
    for keys, kind in ((config_keys.TIMERS, config.Timers), (config_keys.LOG, config.LogSettings)):
        assert {key.name: key.default for key in keys} == {f.name: f.default for f in dataclasses.fields(kind)}
    of_channel = {f.name for f in dataclasses.fields(config.ChannelSettings)}
    assert {key.name for key in config_keys.CHANNEL} == of_channel - {"name", "settings"}
    assert {key.name for key in config_keys.FEED} == {f.name for f in dataclasses.fields(config.FeedSettings)} - {
        "name"
    }


def test_the_example_as_it_is_means_the_defaults(file: Path) -> None:
    assert load(file, config_keys.example()) == config.defaults(file)


def test_every_line_of_the_example_is_good_when_switched_on(file: Path) -> None:
    (file.parent / "company.pem").touch()
    text = re.sub(r"(?m)^# (\w+ = |\[)", r"\1", config_keys.example())
    text = text.replace("~/Stocksheet/company.pem", "company.pem")
    text = text.replace("[feeds.acme]", 'consumer_key = "abc"\n[feeds.acme]').replace(
        'url = "https://acme', '# url = "'
    )
    settings = load(file, text)
    assert settings.channels["my-shop"].poll_seconds == 20
    assert settings.channels["my-shop"].audit_minutes == 60
    assert (settings.feeds["acme"].quantity, settings.feeds["acme"].hours) == ("Available", 26)


def test_a_feed_has_a_path_or_an_address_and_mistakes_are_all_told(file: Path) -> None:
    text = (
        '[feeds.a]\n[feeds.b]\npath = "b.csv"\nurl = "https://b.example/s.csv"\nhours = 0\n[feeds.c]\nurl = "ftp://c"'
    )
    told = problems(file, text)
    assert sum("a feed has either a path or a url" in each for each in told) == 2
    assert any("[feeds.b]" in each and "hours" in each for each in told)
    assert any("[feeds.c]" in each for each in told)


def test_the_default_place_and_another_place() -> None:
    assert config.find_config() == Path("~/Stocksheet/config.toml").expanduser()
    assert config.find_config("x.toml") == Path.cwd() / "x.toml"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_the_data_folder_is_made_for_its_owner_alone_and_repaired_R3(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "data"
    assert config.make_data_folder(folder).stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    assert config.make_data_folder(folder).stat().st_mode & 0o777 == 0o700


def test_a_data_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(config.ConfigProblems, match="cannot be used"):
        config.make_data_folder(tmp_path / "file" / "data")


# --- writing ---------------------------------------------------------------------------------------------------------

NEW = {"platform": "etsy", "shop_id": "77", "account_name": "Anna", "account_id": None}


def test_connect_adds_a_shop_and_keeps_what_people_wrote(file: Path) -> None:
    file.write_text("# mine\n" + GOOD + "# the end\n", encoding="utf-8")
    config_write.add_channel(file, "second shop", NEW, PLATFORMS)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# mine\n" + GOOD)
    assert "# the end" in text
    assert set(config.load(file, PLATFORMS).channels) == {"my-shop", "second shop"}


def test_connect_makes_the_file_from_the_example_where_there_is_none(file: Path) -> None:
    config_write.add_channel(file, "shop", NEW, PLATFORMS)
    config_write.set_value(file, "workbook", "Other.xlsx", PLATFORMS)
    settings = config.load(file, PLATFORMS)
    assert settings.workbook == str(file.parent / "Other.xlsx")
    assert settings.channels["shop"].account_name == "Anna"
    assert "# data_folder" in file.read_text(encoding="utf-8")


def test_connect_again_changes_only_the_keys_given(file: Path) -> None:
    file.write_text(GOOD + "poll_seconds = 30 # slow host\n", encoding="utf-8")
    config_write.add_channel(file, "my-shop", {"account_id": "9", "account_name": None}, PLATFORMS)
    shop = config.load(file, PLATFORMS).channels["my-shop"]
    assert (shop.account_id, shop.poll_seconds) == ("9", 30)
    assert "# slow host" in file.read_text(encoding="utf-8")


def test_leave_takes_a_shop_out(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    config_write.remove_channel(file, "my-shop", PLATFORMS)
    config_write.remove_channel(file, "never there", PLATFORMS)
    assert not config.load(file, PLATFORMS).channels


def test_what_would_make_the_file_unusable_is_not_written(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    for name, values in (("../x", NEW), ("x", {"platform": "nothing"}), ("my-shop", {"consumer_secret": "cs_1"})):
        with pytest.raises(config.ConfigProblems):
            config_write.add_channel(file, name, values, PLATFORMS)
    assert file.read_text(encoding="utf-8") == GOOD
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_the_written_file_is_its_owners_alone_R3(file: Path) -> None:
    config_write.add_channel(file, "shop", NEW, PLATFORMS)
    assert file.stat().st_mode & 0o777 == 0o600
