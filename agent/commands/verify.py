"""`stocksheet verify`: a few listings read live, side by side with your sheet. Only reads (S2-4, S2-13, S2-22)."""

from __future__ import annotations

import argparse
import asyncio

import polars as pl

from agent import app, cycle
from agent.asking.questions import facts_of
from agent.commands import DONE, NEEDS_YOU
from agent.commands._screen import Screen
from agent.commands._settings import add_config, add_json, agent_on, must_be_read, with_shops
from agent.config import Settings
from agent.core import sample
from agent.core.report import titled
from agent.deciding.cells import channels_out
from agent.deciding.decide import Decision, decide
from agent.looking import look
from agent.looking.channel_rows import channel_row
from agent.state import Agent
from agent.words import in_words, say

HELP = "Read a few listings live and show them side by side with your sheet. Only reads."
KEY = ["channel", "listing"]
SHOWN = ("Shop", "Kind", "Title", "SKU there", "Item", "Shows", "Stocked", "Allocated", "Available", "Would set", "Why")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `verify` takes."""
    parser.add_argument("sku", nargs="*", help="these items, instead of a sample of each kind of listing")
    parser.add_argument("--channel", metavar="NAME", help="only this shop")
    add_config(parser)
    add_json(parser)


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: shown. 1: a shop could not be read. Raises LookupError where nothing has such a SKU, and ConfigProblems,
    SecretsOut, WorkbookOut."""
    return asyncio.run(_verify(chosen, screen))


async def _verify(chosen: argparse.Namespace, screen: Screen) -> int:
    settings = with_shops(chosen)
    names = _names(settings, chosen.channel)
    app.start_log(settings)
    async with agent_on(settings, app.copy_store(settings)) as agent:
        with screen.working(in_words("verify.reading_workbook", names=", ".join(names))):
            await cycle.cycle(agent, names, push=False, write=False)
            must_be_read(agent)
            picked = _picked(agent, names, chosen.sku)
            decision = await _read_live(agent, picked)
        rows = side_by_side(agent, decision, picked)
        out = [name for name in channels_out(agent) if name in names]
        troubles = [_trouble(agent, name) for name in out]
    _show(screen, rows, troubles, [] if chosen.sku else _lacking(picked, [name for name in names if name not in out]))
    return NEEDS_YOU if out else DONE


def _names(settings: Settings, wanted: str | None) -> list[str]:
    if wanted is None:
        return list(settings.channels)
    if wanted not in settings.channels:
        raise LookupError(in_words("verify.no_shop_called", channel=wanted, names=", ".join(settings.channels)))
    return [wanted]


def _picked(agent: Agent, names: list[str], skus: list[str]) -> pl.DataFrame:
    """SAMPLE. Raises LookupError where a SKU is neither an item's nor a listing's."""
    listings = agent.store.table("listing").filter((pl.col("absent") < 2) & pl.col("channel").is_in(names))
    parts = decide(agent).structure.parts
    if not skus:
        return sample.choose(listings, parts)
    unknown = [sku for sku in skus if sample.named(listings, parts, [sku]).is_empty()]
    if unknown:
        raise LookupError(in_words("verify.no_listing_sells", names=" or ".join(names), skus=", ".join(unknown)))
    return sample.named(listings, parts, skus)


async def _read_live(agent: Agent, picked: pl.DataFrame) -> Decision:
    """Read just these listings and the orders once more, and decide on that."""
    out = channels_out(agent)
    groups = picked.filter(~pl.col("channel").is_in(out)).group_by("channel", maintain_order=True)
    reads = [look.look_afresh(agent, str(name), rows["listing"].to_list()) for (name,), rows in groups]
    await asyncio.gather(*reads)
    return decide(agent)


def side_by_side(agent: Agent, decision: Decision, picked: pl.DataFrame) -> pl.DataFrame:
    """What the shop shows and what the sheet says, one row a listing (SHOWN). Bundles have no stock of their own."""
    listings = agent.store.table("listing")
    linked = decision.targets.select(*KEY, pl.col("sku").alias("item"), "target", "why", "hold")
    imports = decision.structure.matched.imports
    reasons = [say(code, facts_of(facts)).what for code, facts in imports.select("reason", "facts").iter_rows()]
    waiting = imports.select(KEY).with_columns(pl.Series("reason", reasons, dtype=pl.String))
    rows = (
        picked.join(listings, on=KEY, how="left", maintain_order="left")
        .join(linked, on=KEY, how="left", maintain_order="left")
        .join(waiting, on=KEY, how="left", maintain_order="left")
        .join(decision.stock, left_on="item", right_on="sku", how="left", maintain_order="left")
    )
    kinds = sample.KINDS | {"named": in_words("verify.as_you_named")}
    held = [say(code, {"sku": sku}).what if code else None for code, sku in rows.select("hold", "item").iter_rows()]
    return rows.select(
        pl.col("channel").alias("Shop"),
        pl.col("kind").replace(kinds).alias("Kind"),
        titled().alias("Title"),
        pl.col("sku").alias("SKU there"),
        pl.col("item").alias("Item"),
        pl.col("quantity").alias("Shows"),
        pl.col("stocked").alias("Stocked"),
        pl.col("allocated").alias("Allocated"),
        pl.col("available").alias("Available"),
        pl.when("managed").then("target").alias("Would set"),
        pl.when(~pl.col("managed") & pl.col("item").is_not_null())
        .then(pl.lit(say("unmanaged_there").what))
        .otherwise(pl.coalesce("why", pl.Series("held", held, dtype=pl.String), "reason"))
        .alias("Why"),
    )


def _trouble(agent: Agent, name: str) -> str:
    row = channel_row(agent.store, name)
    named = str(row["problem_what"]) if name in str(row["problem_what"]) else f"{name}: {row['problem_what']}"
    return f"{named} {row['problem_fix']}"


def _lacking(picked: pl.DataFrame, names: list[str]) -> list[str]:
    """Kinds of listings that a shop has none of: a sentence a shop."""
    told = []
    for name in names:
        had = picked.filter(pl.col("channel") == name)["kind"].to_list()
        if not had:
            told.append(in_words("verify.sells_nothing_yet", name=name))
            continue
        lacking = [what for kind, what in sample.KINDS.items() if kind not in had]
        told += [in_words("verify.nothing_that_is", channel=name, lacking=" or ".join(lacking))] if lacking else []
    return told


def _show(screen: Screen, rows: pl.DataFrame, troubles: list[str], lacking: list[str]) -> None:
    if rows.height:
        screen.table(rows)
        screen.say()
    for sentence in lacking:
        screen.say(sentence)
    for sentence in troubles:
        screen.sign("fix", sentence)
    linked = rows.filter(pl.col("Would set").is_not_null())
    same = linked.filter(pl.col("Would set") == pl.col("Shows")).height
    if rows.height:
        waits = rows.filter(pl.col("Item").is_null()).height
        screen.say(in_words("verify.would_change", change=linked.height - same, same=same, waits=waits))
        screen.say(in_words("verify.all_of_it"))
    screen.data({
        "listings": rows.rename({name: name.lower().replace(" ", "_") for name in SHOWN}).to_dicts(),
        "trouble": troubles,
    })  # fmt: skip
