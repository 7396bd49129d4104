"""`stocksheet explain SKU`: everything behind one item's numbers, from the workbook and what was last seen.

It answers the questions of *Ask* in Control as well, with the same words: `stocksheet explain why 4 on my-shop`.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import polars as pl

from agent import app
from agent.accepting import sheet
from agent.commands import DONE
from agent.commands._screen import Screen
from agent.commands._settings import add_config, add_json, agent_on, must_be_read, settings
from agent.core import asked
from agent.deciding.decide import Decision, decide
from agent.state import Agent
from agent.telling import answers, explaining
from agent.words import in_words

HELP = "Say where one item's numbers come from: stock, orders, listings, rules, pushes."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `explain` takes."""
    parser.add_argument(
        "sku",
        nargs="+",
        help="the item's SKU, as it stands in Item Master; or a question: why 4 on my-shop, who changed BLUE-M, "
        "what if reserve 2",
    )
    add_config(parser)
    add_json(parser)


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """0: told. Raises LookupError where no item has that SKU, and ConfigProblems, SecretsOut, WorkbookOut."""
    return asyncio.run(_explain(chosen, screen))


async def _explain(chosen: argparse.Namespace, screen: Screen) -> int:
    found = settings(chosen)
    async with agent_on(found, app.copy_store(found)) as agent:
        await sheet.read(agent)
        must_be_read(agent)
        decision = decide(agent)
        text = " ".join(chosen.sku)
        names = explaining.codes(agent.store)
        question = asked.taken_apart(text, list(agent.channels), lambda name: explaining.meant(names, name))
        answer = answers.answer(agent, decision, text)
        if question.form == "item" and question.sku is not None:
            _show_item(agent, decision, question.sku, answer, screen)
        elif question.form == "no_item" and len(chosen.sku) == 1:
            raise LookupError(_not_there(agent, text))
        else:
            screen.say(answer)
            screen.data({"question": text, "answer": answer})
    return DONE


def _not_there(agent: Agent, typed: str) -> str:
    like = explaining.alike(agent.store, typed, most=1)
    return in_words("explain.no_item", typed_name=typed, like=like)


def _show_item(agent: Agent, decision: Decision, sku: str, answer: str, screen: Screen) -> None:
    parts = explaining.told(agent, decision, sku)
    title = parts["stock"]["Title"].to_list()
    screen.say("  ".join([sku, *(str(each) for each in title if each)]), "bold")
    screen.say(answer)
    for name, rows in parts.items():
        screen.say()
        if rows.height:
            screen.table(rows, name.capitalize())
        else:
            screen.say(f"{name.capitalize()}: none")
    plain = {name.replace(" ", "_"): _plain(rows) for name, rows in parts.items()}
    screen.data({"sku": sku, "answer": answer, **plain})


def _plain(rows: pl.DataFrame) -> list[dict[str, Any]]:
    return rows.rename({name: name.lower().replace(" ", "_") for name in rows.columns}).to_dicts()
