"""The settings file: TOML -> frozen settings, all problems at once, in plain sentences (DESIGN sections 9 and 10).

The keys are declared in `agent.config_keys`; from them the example file is made:

    python -m agent.config > config.example.toml

Endpoints, accounts and paths come from this file alone, never from a cell (R16). Secrets never stand in it
(`agent.secrets`). There is no setting that switches the check of certificates off (R20). Writing: `agent.config_write`.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from agent.config_check import Check, Platforms, found_platforms
from agent.config_keys import HOME, LOG, TIMERS, TOP, example
from agent.words import say


@dataclass(frozen=True)
class Timers:
    """Seconds and minutes between looks."""

    look_seconds: float = 10
    settle_seconds: float = 2
    audit_minutes: float = 15


@dataclass(frozen=True)
class LogSettings:
    """How much is logged, and how much of it is kept."""

    level: Literal["quiet", "normal", "detailed"] = "normal"
    megabytes: float = 5
    files: float = 5


@dataclass(frozen=True)
class ChannelSettings:
    """One connected shop."""

    name: str
    platform: str
    settings: Mapping[str, str] = field(default_factory=dict)
    """What its platform asked for (`SETTINGS`), without the secrets."""
    account_id: str | None = None
    """The account that must answer; another one stops the channel (S2-9)."""
    account_name: str | None = None
    way: str | None = None
    """Which of its platform's ways to connect was taken: these secrets are used."""
    allow_private: bool = False
    """Addresses of one's own network, and plain http, are allowed (R17)."""
    poll_seconds: float | None = None
    """None: what `Can.poll` says."""
    audit_minutes: float = 15


@dataclass(frozen=True)
class FeedSettings:
    """One supplier's list."""

    name: str
    path: Path | None
    url: str | None
    sku: str | None
    quantity: str | None
    hours: float
    minutes: float
    allow_private: bool


@dataclass(frozen=True)
class Settings:
    """The whole file. Paths are absolute."""

    file: Path
    workbook: str
    """An absolute path, or the address of a Google Sheet."""
    data_folder: Path
    google_account: str | None = None
    google_practice: str | None = None
    """The address of an emulator on this computer."""
    secrets: Literal["keyring", "file"] = "keyring"
    language: str = "en"
    stock_means: Literal["count", "net", "external"] | None = None
    """None: as was answered in Attention."""
    notices: bool = True
    """On the desktop, for three things (agent.notices)."""
    keep_awake: bool = True
    """No idle sleep while it runs (agent.awake)."""
    certificates: Path | None = None
    timers: Timers = Timers()
    log: LogSettings = LogSettings()
    channels: Mapping[str, ChannelSettings] = field(default_factory=lambda: MappingProxyType({}))
    feeds: Mapping[str, FeedSettings] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def google(self) -> bool:
        """The workbook is a Google Sheet."""
        return self.workbook.startswith("https://")


class ConfigProblems(Exception):
    """The settings cannot be used. `problems`: every one of them, each a sentence with what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def find_config(given: str | Path | None = None) -> Path:
    """The settings file that `--config` names, or the one in the default place. It need not exist."""
    return Path(given or f"{HOME}/config.toml").expanduser().absolute()


def load(file: str | Path | None = None, platforms: Platforms | None = None) -> Settings:
    """Read and check the settings file (default place: `find_config`).

    `platforms`: what is known of platforms; default: the modules of `agent.channels`. Raises ConfigProblems.
    """
    path = find_config(file)
    return read(_text(path), path, platforms)


def read(text: str, path: Path, platforms: Platforms | None = None) -> Settings:
    """Check the text of a settings file that lies, or will lie, at `path`. Raises ConfigProblems."""
    try:
        parsed = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigProblems([_unreadable(path, text, str(error))]) from None
    return _settings(path, parsed, platforms)


def defaults(file: str | Path | None = None) -> Settings:
    """The settings of an empty file: before there is one."""
    return read("", find_config(file), {})


def make_data_folder(folder: Path) -> Path:
    """Make the data folder, and see to it that only its owner can read it (R3). Raises ConfigProblems."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)  # on Windows this changes nothing: a user's own folder is the user's alone there
    except OSError as error:
        words = say("folder_unusable", {"folder": folder, "detail": error.strerror})
        raise ConfigProblems([str(words)]) from None
    return folder


def _settings(path: Path, parsed: Mapping[str, object], platforms: Platforms | None) -> Settings:
    check = Check(path)
    top = check.values(parsed, TOP, path.name, sections=("timers", "log", "channels", "feeds"))
    timers = Timers(**check.values(check.section(parsed, "timers"), TIMERS, f"{path.name}, [timers]"))
    log = LogSettings(**check.values(check.section(parsed, "log"), LOG, f"{path.name}, [log]"))
    top["workbook"] = check.workbook(top["workbook"])
    check.google_practice(top["google_practice"])
    check.data_folder(top["data_folder"])
    check.certificates(top["certificates"])
    sections = check.channel_sections(check.section(parsed, "channels"))
    known = found_platforms(sections.values()) if platforms is None else platforms
    channels = {name: _channel(check, name, section, known, timers) for name, section in sections.items()}
    feeds = check.channel_sections(check.section(parsed, "feeds"), of="feeds")
    lists = {name: FeedSettings(name, **check.feed(name, section)) for name, section in feeds.items()}
    if check.problems:
        raise ConfigProblems(check.problems)
    shops = MappingProxyType(channels)
    return Settings(file=path, timers=timers, log=log, channels=shops, feeds=MappingProxyType(lists), **top)


def _channel(
    check: Check, name: str, section: Mapping[str, object], platforms: Platforms, timers: Timers
) -> ChannelSettings:
    common, own = check.channel(name, section, platforms)
    values: dict[str, Any] = {**common, "audit_minutes": common["audit_minutes"] or timers.audit_minutes}
    return ChannelSettings(name=name, settings=MappingProxyType(own), **values)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # Notepad begins files with a byte order mark
    except FileNotFoundError:
        raise ConfigProblems([str(say("config_missing", {"file": path}))]) from None
    except (OSError, UnicodeDecodeError):
        raise ConfigProblems([str(say("config_unreadable", {"file": path}))]) from None


def _unreadable(path: Path, text: str, error: str) -> str:
    """Which line cannot be read; a Windows path between double quotes has a sentence of its own."""
    lines = text.rstrip().splitlines()
    number = error.partition("at line ")[2].partition(",")[0] or str(len(lines))
    line = lines[int(number) - 1] if number.isdigit() and int(number) <= len(lines) else ""
    code = "config_backslash" if "\\" in line and '"' in line else "config_unreadable"
    return str(say(code, {"file": path.name, "line": number}))


if __name__ == "__main__":
    sys.stdout.write(example())
