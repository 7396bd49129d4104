"""Every setting of the settings file, declared once.

The declaration is what `agent.config` reads the file by, and what makes `config.example.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

HOME = "~/Stocksheet"
Kind = Literal["text", "path", "number", "yes or no", "choice"]


@dataclass(frozen=True)
class Key:
    """One setting of the file. `default=None`: not set."""

    name: str
    kind: Kind
    default: str | float | bool | None
    note: str
    example: str
    """As written behind `name = `."""
    lowest: float = 0
    highest: float = 0
    choices: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The key with its example, as a line of the file."""
        return f"{self.name} = {self.example}"


TOP = (
    Key("workbook", "text", f"{HOME}/Stocksheet.xlsx", "Your workbook: an Excel file (.xlsx), or the address of a "
        "Google Sheet.", '"~/Stocksheet/Stocksheet.xlsx"'),
    Key("google_account", "text", None, "Who works in the Google Sheet. Filled in by: stocksheet init --google.",
        '"stocksheet@my-project.example"'),
    Key("google_practice", "text", None, "Only for practice: an emulator of Google Sheets on this computer, called "
        "instead of Google.", '"http://127.0.0.1:8123"'),
    Key("data_folder", "path", HOME, "Where Stocksheet keeps its memory, log and backups. Never a folder that is "
        "copied elsewhere (OneDrive, Dropbox, iCloud, Google Drive).", '"~/Stocksheet"'),
    Key("secrets", "choice", "keyring", "Where shop keys are kept: the computer's own key store, or (only if it has "
        "none) a file that only you can read.", '"keyring"', choices=("keyring", "file")),
    Key("language", "text", "en", "The language of sentences.", '"en"'),
    Key("stock_means", "choice", None, "What the numbers in Stocked mean. count: what is on the shelf. net: the same, "
        "but sold and unshipped units had been taken off when Stocksheet first read them. external: another system "
        "keeps Stocked; Stocksheet never writes there. Not set: it is asked if it looks like net.", '"count"',
        choices=("count", "net", "external")),
    Key("notices", "yes or no", True, "Show a notice on the desktop when something is held, when a shop's access is "
        "needed, and when more was sold than there is.", "false"),
    Key("keep_awake", "yes or no", True, "Keep this computer from going to sleep by itself while Stocksheet runs.",
        "false"),
    Key("certificates", "path", None, "A file with further certificates to trust, where your network has its own.",
        '"~/Stocksheet/company.pem"'),
)  # fmt: skip
TIMERS = (
    Key("look_seconds", "number", 10, "Look at the workbook at least this often, even when nothing seems to have "
        "changed.", "10", 1, 600),
    Key("settle_seconds", "number", 2, "An edit counts once the file has been left alone for this long.", "2", 0, 60),
    Key("audit_minutes", "number", 15, "Read every listing of a shop this often.", "15", 5, 1440),
)  # fmt: skip
LOG = (
    Key("level", "choice", "normal", "How much the log tells.", '"normal"', choices=("quiet", "normal", "detailed")),
    Key("megabytes", "number", 5, "A log file larger than this is put aside and a new one begun.", "5", 1, 100),
    Key("files", "number", 5, "How many old log files are kept.", "5", 1, 50),
)
CHANNEL = (
    Key("platform", "text", "", "What kind of shop it is: the name of a file in agent/channels.", '"woocommerce"'),
    Key("account_id", "text", None, "The account that must answer. Filled in by: stocksheet connect.", '"118302"'),
    Key("account_name", "text", None, "Its name, as the shop shows it.", '"Anna\'s shirts"'),
    Key("way", "text", None, "How it was connected. Filled in by: stocksheet connect.", '"keys"'),
    Key("allow_private", "yes or no", False, "yes (true) only for a shop in your own network or a practice shop.",
        "true"),
    Key("poll_seconds", "number", None, "Look at its orders this often, instead of what suits the platform.", "20",
        1, 3600),
    Key("audit_minutes", "number", None, "Read all its listings this often, instead of [timers].", "60", 5, 1440),
)  # fmt: skip
FEED = (
    Key(
        "path",
        "path",
        None,
        "The supplier's list as a file on this computer: CSV, TSV or Excel.",
        '"~/Downloads/acme-stock.csv"',
    ),
    Key("url", "text", None, "Or its address.", '"https://acme.example/stock.csv"'),
    Key(
        "sku",
        "text",
        None,
        "The header of its column with the SKU (or another SKU, or the barcode) of yours. Not set: found by its name.",
        '"Item no."',
    ),
    Key(
        "quantity",
        "text",
        None,
        "The header of its column with the quantity. Not set: found by its name.",
        '"Available"',
    ),
    Key("hours", "number", 26, "A list that is older raises no quantity.", "26", 1, 2160),
    Key("minutes", "number", 30, "Read an address this often.", "30", 5, 1440),
    Key("allow_private", "yes or no", False, "yes (true) only for an address in your own network.", "true"),
)
SECTIONS: Mapping[str, tuple[Key, ...]] = {"timers": TIMERS, "log": LOG}


def example() -> str:
    """The text of `config.example.toml`: every key with its note, switched off, at its default or an example."""
    blocks = ["# The settings of Stocksheet. A line that begins with # is switched off and shows an example or the\n"
              "# default. Shop keys (secrets) never stand here; they are kept by: stocksheet connect.\n"]  # fmt: skip
    blocks += [_shown(key) for key in TOP]
    for name, keys in SECTIONS.items():
        blocks += [f"[{name}]\n", *(_shown(key) for key in keys)]
    blocks += ['# One section a shop. "stocksheet connect NAME" writes it for you, with what the platform needs.\n'
               "# [channels.my-shop]\n", *(_shown(key) for key in CHANNEL),
               "# The address of the shop (what is asked here differs by platform).\n"
               '# url = "https://shop.example"\n',
               "# One section a supplier's list. Write its NAME into the column Feed of Item Master.\n# [feeds.acme]\n",
               *(_shown(key) for key in FEED)]  # fmt: skip
    return "\n".join(blocks)


def _shown(key: Key) -> str:
    limits = f" {key.lowest:g} to {key.highest:g}." if key.highest else ""
    choices = f" One of: {', '.join(key.choices)}." if key.choices else ""
    words = f"# {key.note}{limits}{choices}".split()
    lines, line = [], words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) > 118:
            lines.append(line)
            line = "#"
        line += f" {word}"
    return "\n".join([*lines, line, f"# {key.line}", ""])
