"""`python -m agent.practice google`: Google on a port of this computer, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.practice.google.routes import opens
from agent.practice.google.service import AGENT, SELLER, Google
from agent.practice.google.tokens import service_account
from agent.practice.serve import until_closed

PRIVATE = "1jIKzPs8LsiZZdLdeMEP-5ZIHw6RkjiOmj1LrJN706Yc"
"""A file that is there, and that nobody but its owner may open: public test suites ask for this one."""

TOKEN = "practice-token"  # noqa: S105 - made up


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m agent.practice google",
        description="Google Sheets and Drive to practise on, on this computer only. Anyone who asks gets a token.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same ids")
    parser.add_argument("--token", action="append", default=[], help="a bearer token to accept; may be repeated")
    parser.add_argument("--key-file", type=Path, help="write a key file of a service account there")
    parser.add_argument("--private", action="append", default=[], help="id of a file that nobody may open")
    parser.add_argument("--quotas", action="store_true", help="60 reads and 60 writes a minute, as Google allows")
    return parser


def filled(seed: int, tokens: Sequence[str] = (), private: Sequence[str] = ()) -> Google:
    """A Google with one empty spreadsheet of a seller's, shared with the agent, and files that nobody may open."""
    google = Google(rng=random.Random(seed), open_to_all=True)
    google.new_book("Item Master", share={AGENT: "writer"})
    for file_id in (PRIVATE, *private):
        google.new_file("Private", "somebody.else@practice.example", file_id=file_id)
    for token in (TOKEN, *tokens):
        google.accept(token)
    return google


def told(google: Google, base: str) -> str:
    """What is said when it opens."""
    book = next(one for one in google.files.values() if one.owner == SELLER)
    return (
        f"Google Sheets and Drive to practise on, base URL: {base}\n"
        f"Calls: {base}/v4/spreadsheets/... and {base}/drive/v3/files/...; tokens: POST {base}/token\n"
        f"Any service account or refresh token gets one there; the bearer token {TOKEN} is good, too ({AGENT}).\n"
        f"A spreadsheet that is shared with it: {book.id}"
    )


def main(arguments: list[str]) -> int:
    """Run it alone."""
    chosen = _parser().parse_args(arguments)
    google = filled(chosen.seed, chosen.token, chosen.private)
    if chosen.quotas:
        google.faults.reads_a_minute = google.faults.writes_a_minute = 60
    return until_closed(_stay_open(google, chosen.port, chosen.key_file), chosen.port)


async def _stay_open(google: Google, port: int, key_file: Path | None) -> None:
    bound, _ = await opens.serve(google, port=port)
    base = f"http://127.0.0.1:{bound}"
    if key_file is not None:
        key = service_account(google, AGENT, base)
        await asyncio.to_thread(key_file.write_text, json.dumps(key, indent=2), "utf-8")
    sys.stdout.write(f"{told(google, base)}\nCtrl-C closes it.\n")
    sys.stdout.flush()
    await asyncio.Event().wait()
