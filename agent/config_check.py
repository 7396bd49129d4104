"""The checks of the settings file: each finds all that is wrong, and says it in a sentence.

`Check` collects problems; a wrong value becomes its default meanwhile, so that everything else is checked, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.config_keys import CHANNEL, FEED, HOME, Key
from agent.words import say

if TYPE_CHECKING:
    from agent.channels.base import Setting

Platforms = Mapping[str, Sequence["Setting"]]
"""Platform -> what `connect` asks for on it."""

CHANNEL_NAME = re.compile(r"[^\W_][\w .&'-]{0,39}")
SYNCED = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "googledrive": "Google Drive",
    "mydrive$": "Google Drive",
    "drivefs$": "Google Drive",
    "icloud": "iCloud",
    "comappleclouddocs": "iCloud",
    "mobiledocuments$": "iCloud",
    "cloudstorage": "cloud storage",
    "boxsync": "Box",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "syncthing": "Syncthing",
    "megasync": "MEGA",
    "pclouddrive": "pCloud",
    "protondrive": "Proton Drive",
    "yandexdisk": "Yandex Disk",
    "creativecloudfiles": "Creative Cloud",
}
"""How the folder names of sync services begin ($: the whole name), letters and digits alone -> the service."""


class Check:
    """Reads values by their declaration; `problems` collects the sentences."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []

    def say(self, code: str, **facts: object) -> None:
        """Note a problem."""
        facts.setdefault("file", self.path.name)
        facts.setdefault("place", self.path.name)
        self.problems.append(str(say(code, facts)))

    def section(self, parsed: Mapping[str, object], name: str) -> Mapping[str, object]:
        """The section of that name; empty where there is none."""
        found = parsed.get(name, {})
        if isinstance(found, Mapping):
            return found
        self.say("config_not_a_section", key=name)
        return {}

    def values(
        self,
        section: Mapping[str, object],
        keys: Sequence[Key],
        place: str,
        sections: Sequence[str] = (),
        own: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The value of every key, checked, or its default; names that are not known are problems.

        `sections`, `own`: further names that may stand here.
        """
        known = [key.name for key in keys] + [*sections, *own]
        for name in section:
            if name not in known:
                self.say("config_unknown_key", place=place, key=name, nearest=nearest(name, known))
        return {key.name: self._value(key, section.get(key.name, key.default), place) for key in keys}

    def _value(self, key: Key, raw: object, place: str) -> Any:
        if raw is None:
            return None
        value = _typed(key, raw)
        facts = {"place": place, "key": key.name, "value": _plain(raw), "example": key.line}
        if value is None:
            self.say("config_wrong_type", wanted=_WANTED[key.kind], **facts)
        elif key.choices and value not in key.choices:
            self.say("config_choice", choices=key.choices, **facts)
        elif key.highest and not key.lowest <= value <= key.highest:
            self.say("config_range", lowest=key.lowest, highest=key.highest, **facts)
        else:
            return self._absolute(value) if key.kind == "path" else value
        return self._absolute(str(key.default)) if key.kind == "path" and key.default else key.default

    def _absolute(self, text: str) -> Path:
        """A path as it is meant: `~` is the home folder, a relative one lies beside the settings file."""
        if text.startswith("\\\\"):  # a Windows network path, never relative
            return Path(text)
        try:
            return (self.path.parent / Path(text).expanduser()).absolute()
        except RuntimeError:  # no home folder can be found
            return (self.path.parent / text).absolute()

    def workbook(self, text: str) -> str:
        """An absolute path of an Excel file, or the address of a Google Sheet."""
        if text.startswith("https://docs.google.com/spreadsheets/"):
            return text
        if "://" not in text and Path(text).suffix.lower() in {".xlsx", ".xlsm"}:
            return str(self._absolute(text))
        self.say("config_workbook_kind", value=text)
        return text

    def google_practice(self, address: str | None) -> None:
        """An emulator is called at an address of this computer, and nowhere else."""
        if address is not None and not re.fullmatch(r"http://(127\.0\.0\.1|localhost|\[::1\]):\d+/?", address):
            example = "http://127.0.0.1:8123"
            self.say("config_google_practice", key="google_practice", value=address, example=example)

    def data_folder(self, folder: Path) -> None:
        """Not in a folder that is copied elsewhere or lies in the network (R3), and not a file."""
        if service := synced(folder) or synced(folder.resolve()):
            self.say("config_synced_folder", value=folder, service=service, example=HOME)
        elif folder.is_file():
            self.say("config_data_is_file", value=folder, example=HOME)

    def certificates(self, file: Path | None) -> None:
        """Further certificates come from a local file alone (R20)."""
        if file and not file.is_file():
            self.say("config_file_missing", key="certificates", value=file)

    def channel_sections(self, parsed: Mapping[str, object], of: str = "channels") -> dict[str, Mapping[str, object]]:
        """name -> section, of those that have a usable name and are sections."""
        sections: dict[str, Mapping[str, object]] = {}
        for name, section in parsed.items():
            if not CHANNEL_NAME.fullmatch(name):
                self.say("config_channel_name", value=name)
            elif not isinstance(section, Mapping):
                self.say("config_not_a_section", key=f"{of}.{name}")
            elif name.casefold() in {other.casefold() for other in sections}:
                self.say("config_channel_twice", value=name)
            else:
                sections[name] = section
        return sections

    def feed(self, name: str, section: Mapping[str, object]) -> dict[str, Any]:
        """The keys of a supplier's list: it has a path or an address, not both."""
        place = f"{self.path.name}, [feeds.{name}]"
        values = self.values(section, FEED, place)
        if (values["path"] is None) == (values["url"] is None):
            self.say("config_feed_source", place=place)
        elif values["url"]:
            self._address_is_good("url", values["url"], place, values["allow_private"])
        return values

    def channel(
        self, name: str, section: Mapping[str, object], platforms: Platforms
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """The keys that every channel has, and those of its platform."""
        place = f"{self.path.name}, [channels.{name}]"
        platform = section.get("platform", "")
        known = isinstance(platform, str) and platform in platforms
        asked = platforms[str(platform)] if known else ()
        # With a platform that is not known, its keys cannot be judged.
        own = [setting.key for setting in asked] if known else list(section)
        common = self.values(section, CHANNEL, place, own=own)
        if "platform" not in section:
            self.say("config_needed", place=place, key="platform", example=CHANNEL[0].line)
        elif not known:
            self.say("config_platform_unknown", place=place, value=platform, choices=sorted(platforms),
                     nearest=nearest(str(platform), platforms))  # fmt: skip
        return common, self._platform_settings(section, asked, place, name, bool(common["allow_private"]))

    def _platform_settings(
        self, section: Mapping[str, object], asked: Sequence[Setting], place: str, name: str, private: bool
    ) -> dict[str, str]:
        own: dict[str, str] = {}
        for setting in asked:
            raw = section.get(setting.key)
            example = f'{setting.key} = "..."'
            if setting.secret:
                if raw is not None:
                    self.say("config_secret_here", place=place, key=setting.key, channel=name)
            elif raw is None or raw == "":
                if not setting.optional:
                    self.say("config_needed", place=place, key=setting.key, example=example)
            elif not isinstance(raw, (str, int)) or isinstance(raw, bool):
                self.say("config_wrong_type", place=place, key=setting.key, wanted="text", example=example)
            elif self._address_is_good(setting.key, str(raw), place, private):
                own[setting.key] = str(raw)
        return own

    def _address_is_good(self, key: str, text: str, place: str, private: bool) -> bool:
        """Addresses are https, or http in one's own network when that was said; never with a password inside (R17)."""
        if not (key == "url" or key.endswith("_url") or "://" in text):
            return True
        code = address_problem(text, private)
        if code:
            shown = text.rpartition("@")[2]  # what stands before an @ may be a password
            self.say(code, place=place, key=key, value=shown, example=f'{key} = "https://shop.example"')
        return not code


_WANTED = {
    "text": "text between quotes",
    "choice": "text between quotes",
    "path": "a path between quotes",
    "number": "a number",
    "yes or no": "true or false",
}


def _typed(key: Key, raw: object) -> Any:
    """The value in its declared type, or None."""
    if key.kind == "yes or no":
        return {"yes": True, "no": False}.get(str(raw).lower()) if isinstance(raw, str) else _if(raw, bool)
    if isinstance(raw, bool):
        return None
    if key.kind == "number":
        return _if(raw, int, float)
    if key.kind == "text" and isinstance(raw, int):
        return str(raw)  # an account's number, written without quotes
    return raw if isinstance(raw, str) and raw.strip() else None


def _if(raw: object, *kinds: type) -> Any:
    return raw if isinstance(raw, kinds) else None


def _plain(raw: object) -> str:
    """A value as it stands in the file."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return f'"{raw}"' if isinstance(raw, str) else str(raw)


def address_problem(text: str, private: bool) -> str | None:
    """The code why this cannot be a shop's address; None where it can."""
    try:
        parts = urlsplit(text)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "config_url"
    if parts.scheme not in {"http", "https"} or not sound or "@" in parts.netloc or re.search(r"\s", text):
        return "config_url"
    return "config_url_plain" if parts.scheme == "http" and not private else None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like it, if any is."""
    return next(iter(get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)), None)


def synced(folder: PurePath | str) -> str | None:
    """What copies or shares this folder (`OneDrive`, `a network folder`), judged by its path; None if nothing known."""
    text = str(folder)
    if text.startswith(("\\\\", "//")):
        return "a network folder"
    for part in PureWindowsPath(text).parts:  # takes both kinds of slashes
        plain = re.sub(r"[^a-z0-9]", "", part.lower())
        for begin, service in SYNCED.items():
            if re.match(begin, plain):
                return service
    return None


def found_platforms(sections: Iterable[Mapping[str, object]] = ()) -> Platforms:
    """What the platforms that these sections name ask for; where one is not known, all that are."""
    from agent import channels  # noqa: PLC0415 (platforms are loaded when one is used)

    named = {str(section.get("platform")) for section in sections}
    try:
        return {name: channels.find(name).SETTINGS for name in named}
    except LookupError:
        return {name: channels.find(name).SETTINGS for name in channels.platforms()}
