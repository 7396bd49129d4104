"""The demo's folder: the starter workbook filled with the made-up items, and the settings that lead to both shops."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from agent import app, config
from agent.config import ConfigProblems, Settings, make_data_folder
from agent.config_check import synced
from agent.config_keys import HOME
from agent.config_write import add_channel, set_value
from agent.demo.shops import KEY, SECRET, Shops
from agent.demo.world import World
from agent.practice.person import Person
from agent.words import in_words

WORKBOOK = "Stocksheet demo.xlsx"


def choose(given: str | None) -> Path:
    """The folder: the given one, or a fresh one in the default place. Raises ConfigProblems where it is not empty."""
    if given is not None:
        folder = Path(given).expanduser().absolute()
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ConfigProblems([in_words("place.not_empty_folder_name", folder=folder)])
        return folder
    home = Path(HOME).expanduser().absolute()
    base = Path.cwd() / "stocksheet-demo" if synced(home) else home / "demo"
    taken = (folder for folder in (base, *(base.with_name(f"{base.name}-{n}") for n in range(2, 1000))))
    return next(folder for folder in taken if not folder.exists() or not any(folder.iterdir()))


def make(folder: Path, world: World, shops: Shops) -> Settings:
    """Make the folder with workbook and settings; the shops are open already. Raises ConfigProblems, SecretsOut."""
    from agent.workbooks.starter import make_starter  # noqa: PLC0415 (loads openpyxl)

    make_data_folder(folder)
    workbook = folder / WORKBOOK
    schema = {"Stocked": pl.Int64}
    workbook.write_bytes(make_starter(pl.DataFrame(world.items, schema_overrides=schema, infer_schema_length=None)))
    for tab, rows in world.tabs.items():
        if tab != "Item Master":
            Person(workbook).adds(tab, rows)
    return _settings(folder, workbook, shops)


def _settings(folder: Path, workbook: Path, shops: Shops) -> Settings:
    file = folder / "config.toml"
    set_value(file, "workbook", str(workbook))
    set_value(file, "data_folder", str(folder))
    set_value(file, "secrets", "file")
    return add_shops(file, shops)


def add_shops(file: Path, shops: Shops) -> Settings:
    """Connect the open shops in the settings file."""
    for name in shops.shops:
        values: dict[str, str | float | bool | None] = {
            "platform": "woocommerce",
            "url": shops.address(name),
            "allow_private": True,
            "poll_seconds": 2,
        }
        add_channel(file, name, values)
    made = config.load(file)
    secrets = app.secrets_of(made)
    for name in shops.shops:
        secrets.put(name, "consumer_key", KEY)
        secrets.put(name, "consumer_secret", SECRET)
    return made
