"""`python -m tests.kills --kills 200`: a real agent process, killed (-9) at random moments, and started again.

Real processes, a real .xlsx, a real SQLite store, two practice shops over loopback HTTP. Buyers order, the packer
ships, the person counts. After each kill the agent is started again; every few kills the world stands still until
everything is right: each listing shows what is on the shelf less what is sold, *Stocked* says what is on the shelf, and
nothing is asked. Exit 1 where it does not come right, or an edit or a sale was lost or counted twice.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import polars as pl

from agent import app, config
from agent.config_write import add_channel, set_value
from agent.practice.person import Person, Typing
from agent.practice.serve import Stop
from agent.practice.woocommerce import Shop, serve
from agent.workbooks.starter import make_starter

REPOSITORY = Path(__file__).parents[1]
SHOPS = ("north", "south")
SOLD = [f"SOLD-{n}" for n in range(6)]
"""Items that are sold and shipped; nobody edits them."""
COUNTED = [f"COUNT-{n}" for n in range(6)]
"""Items that are sold, cancelled and counted anew; nothing of them is shipped, so that a count has one meaning."""
RIGHT_WITHIN = 90.0


@dataclass
class Scene:
    """The seller's folder, two open shops, and what is true."""

    folder: Path
    rng: Random
    shelf: dict[str, int] = field(default_factory=dict)
    shops: dict[str, Shop] = field(default_factory=dict)
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    stops: list[Stop] = field(default_factory=list)
    open: list[tuple[str, int, str, int]] = field(default_factory=list)
    """(shop, order, SKU, units) not shipped."""
    sales: int = 0
    edits: int = 0
    kills: int = 0
    """After which everything came right."""

    @property
    def file(self) -> Path:
        return self.folder / "Stock.xlsx"

    @property
    def person(self) -> Person:
        return Person(self.file)

    async def make(self) -> None:
        """Shops, workbook, settings; and the first plans approved by a first, undisturbed run."""
        self.shelf = {sku: self.rng.randint(40, 90) for sku in (*SOLD, *COUNTED)}
        items = [{"SKU": sku, "Title": sku, "Stocked": units} for sku, units in self.shelf.items()]
        self.file.write_bytes(make_starter(pl.DataFrame(items)))
        settings = self.folder / "config.toml"
        set_value(settings, "workbook", str(self.file))
        set_value(settings, "data_folder", str(self.folder / "data"))
        set_value(settings, "secrets", "file")
        set_value(settings, "notices", value=False)
        for at, name in enumerate(SHOPS):
            shop = Shop(clock=lambda: datetime.now(UTC), rng=Random(at), name=name)
            self.shops[name] = shop
            for sku in self.shelf:
                self.ids[name, sku] = shop.add_simple(sku, sku, 3)
            port, stop = await serve(shop)
            self.stops.append(stop)
            place = {"platform": "woocommerce", "url": f"http://127.0.0.1:{port}", "allow_private": True}
            add_channel(settings, name, {**place, "poll_seconds": 1})
        secrets = app.secrets_of(config.load(settings))
        for name in SHOPS:
            secrets.put(name, "consumer_key", "ck_practice")
            secrets.put(name, "consumer_secret", "cs_practice")

    def copies_the_folder(self) -> None:
        """Somebody copies settings and data to another place; the workbook is the same."""
        shutil.rmtree(self.folder / "data again", ignore_errors=True)
        shutil.copytree(self.folder / "data", self.folder / "data again")
        shutil.copy(self.folder / "config.toml", self.folder / "again.toml")
        set_value(self.folder / "again.toml", "data_folder", str(self.folder / "data again"))

    def starts(self, config_file: str = "config.toml", log_file: str = "run.log") -> subprocess.Popen[bytes]:
        """`stocksheet run`, as a process of its own."""
        command = [sys.executable, "-m", "agent", "run", "--config", str(self.folder / config_file)]
        log = (self.folder / log_file).open("ab")
        env = {**os.environ, "POLARS_MAX_THREADS": "1"}
        return subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log, env=env)

    async def happens(self) -> None:
        """Something happens in the world."""
        what = self.rng.random()
        if what < 0.6:
            self.sells(self.rng.choice(SHOPS), self.rng.choice([*SOLD, *COUNTED]), self.rng.randint(1, 2))
        elif what < 0.65:
            counted = [one for one in self.open if one[2] in COUNTED]
            if counted:
                one = self.rng.choice(counted)
                self.shops[one[0]].set_status(one[1], "cancelled")
                self.open.remove(one)
        elif what < 0.8:
            # a packer finds no more than lies there, however much was sold while nothing ran
            shippable = [one for one in self.open if one[2] in SOLD and one[3] <= self.shelf[one[2]]]
            if shippable:
                one = self.rng.choice(shippable)
                self.shops[one[0]].set_status(one[1], "completed")
                self.open.remove(one)
                self.shelf[one[2]] -= one[3]
        else:
            sku = self.rng.choice(COUNTED)
            units = self.rng.randint(40, 90)
            typing = [Typing("Item Master", {"SKU": sku}, "Stocked", units)]
            await asyncio.to_thread(self.person.save, typing)
            self.shelf[sku] = units
            self.edits += 1

    def sells(self, name: str, sku: str, units: int) -> None:
        """A buyer orders, if the shop shows enough."""
        order = self.shops[name].sell(self.ids[name, sku], units)
        if order is not None:
            self.sales += units
            self.open.append((name, order, sku, units))

    def wrong(self) -> list[str]:
        """What is not (yet) right."""
        taken = {sku: sum(one[3] for one in self.open if one[2] == sku) for sku in self.shelf}
        found = []
        for (name, sku), product in self.ids.items():
            wanted, shown = max(0, self.shelf[sku] - taken[sku]), self.shops[name].quantity(product)
            if shown != wanted:
                found.append(f"{name} {sku} shows {shown}, should show {wanted}")
        try:
            cells = {row["SKU"]: row["Stocked"] for row in self.person.look("Item Master")}
            asked = [row["What"] for row in self.person.look("Attention") if row.get("Answers")]
        except (OSError, ValueError, KeyError) as error:
            return [*found, f"the workbook cannot be read: {error!r}"]
        found += [
            f"Stocked of {sku} is {cells.get(sku)}, should be {n}"
            for sku, n in self.shelf.items()
            if cells.get(sku) != n
        ]
        return found + [f"still asked: {what}" for what in asked]

    async def comes_right(self, process: subprocess.Popen[bytes]) -> list[str]:
        """Wait until everything is right; what is not after a while."""
        ends = time.monotonic() + RIGHT_WITHIN
        while (found := self.wrong() + self.ledger_wrong()) and time.monotonic() < ends and process.poll() is None:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.3)
        return found

    async def approves(self) -> None:
        """Answer yes to the first plans as they come."""
        yes: set[str] = set()
        ends = time.monotonic() + 120
        while len(yes) < len(SHOPS) and time.monotonic() < ends:
            await asyncio.sleep(0.3)
            for row in self.person.look("Attention"):
                if row.get("Answers") == "yes" and row["Id"] not in yes:
                    await asyncio.to_thread(self.person.types, "Attention", {"Id": row["Id"]}, "Answer", "yes")
                    yes.add(row["Id"])

    def ledger_wrong(self) -> list[str]:
        """Each shipment once, each edit once: the sum of the ledger is what is on the shelf."""
        disk = sqlite3.connect(f"{(self.folder / 'data' / app.STORE).as_uri()}?mode=ro", uri=True)
        try:
            sums = dict(disk.execute("SELECT sku, SUM(change) FROM ledger GROUP BY sku"))
            lines = 'SELECT channel, "order", line FROM ledger WHERE kind = ?'
            twice = disk.execute(
                f'{lines} GROUP BY channel, "order", line HAVING COUNT(*) > 1', ("shipment",)
            ).fetchall()
        finally:
            disk.close()
        found = [
            f"the ledger has {sums.get(sku)} of {sku}, {n} are there"
            for sku, n in self.shelf.items()
            if sums.get(sku) != n
        ]
        return found + [f"shipped twice: {one}" for one in twice]


async def two_of_them(seed: int, folder: Path) -> tuple[int | None, str, list[str]]:
    """Two processes, each with a data folder of its own, on one workbook. Gives what the second one ended with and
    said; and what is not right when the first one was killed in the end, and the second one started again."""
    scene = Scene(folder, Random(seed))
    await scene.make()
    first = scene.starts()
    running = [first]
    try:
        await scene.approves()
        problems = await scene.comes_right(first)
        scene.copies_the_folder()
        second = scene.starts("again.toml", "again.log")
        running.append(second)
        code = await asyncio.to_thread(second.wait, 90)
        said = (folder / "again.log").read_text(encoding="utf-8")
        scene.sells(SHOPS[0], SOLD[0], 2)
        problems += await scene.comes_right(first)
        problems += ["the first one has ended"] if first.poll() is not None else []
        first.kill()
        first.wait()
        scene.copies_the_folder()
        scene.sells(SHOPS[1], SOLD[1], 1)
        running.append(scene.starts("again.toml", "again.log"))
        return code, said, problems + await scene.comes_right(running[-1])
    finally:
        for process in running:
            process.kill()
            process.wait()
        for stop in scene.stops:
            await stop()


async def killed(kills: int, seed: int, folder: Path) -> list[str]:
    """Kill the agent so many times; what went wrong."""
    scene = Scene(folder, Random(seed))
    await scene.make()
    process = scene.starts()
    try:
        await scene.approves()
        problems = await scene.comes_right(process)
        for number in range(1, kills + 1):
            if problems:
                return problems
            ends = time.monotonic() + scene.rng.uniform(0.0, 8.0)
            while time.monotonic() < ends:
                await scene.happens()
                await asyncio.sleep(scene.rng.uniform(0.02, 0.3))
            process.send_signal(signal.SIGKILL)
            process.wait()
            await scene.happens()
            process = scene.starts()
            if number % 10 == 0 or number == kills:
                problems = await scene.comes_right(process)
                scene.kills = number
        return problems
    finally:
        process.kill()
        process.wait()
        for stop in scene.stops:
            await stop()
        sys.stdout.write(f"{scene.kills} kills, {scene.sales} units sold, {scene.edits} edits\n")


def main(arguments: list[str] | None = None) -> int:
    """Run it; 0 when nothing went wrong."""
    reader = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    reader.add_argument("--kills", type=int, default=200)
    reader.add_argument("--seed", type=int, default=1)
    chosen = reader.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        problems = asyncio.run(killed(chosen.kills, chosen.seed, Path(folder)))
        for problem in problems:
            sys.stdout.write(f"  {problem}\n")
        if problems:
            sys.stdout.write((Path(folder) / "run.log").read_text(encoding="utf-8")[-3000:])
    sys.stdout.write("nothing lost, nothing counted twice\n" if not problems else "NOT right\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
