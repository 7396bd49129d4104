"""Google Sheets and Drive to practise on: the Sheets v4 and Drive v3 calls about spreadsheets, in memory.

How it is used:

    google = Google(clock=clock, rng=random.Random(1))
    book = google.new_book("Item Master", share={AGENT: "writer"})       # the seller's; the agent may edit
    token = google.accept("practice-token", AGENT)                       # or ask POST /token as the real clients do
    client = httpx.AsyncClient(transport=transport(google))              # or `handle(google, request)`, or `serve`
"""

from __future__ import annotations

from agent.practice.google.book import Book
from agent.practice.google.demo import main
from agent.practice.google.faults import Faults
from agent.practice.google.person import Person
from agent.practice.google.routes import answer, handle, opens
from agent.practice.google.service import AGENT, SELLER, Google
from agent.practice.google.session import Local, Turned, mounted
from agent.practice.google.tokens import service_account
from agent.practice.wire import ConnectionLost, Request, Response

__all__ = [
    "AGENT",
    "SELLER",
    "Book",
    "ConnectionLost",
    "Faults",
    "Google",
    "Local",
    "Person",
    "Request",
    "Response",
    "Turned",
    "answer",
    "app",
    "handle",
    "main",
    "mounted",
    "serve",
    "service_account",
    "transport",
]

app, transport, serve = opens.app, opens.transport, opens.serve
