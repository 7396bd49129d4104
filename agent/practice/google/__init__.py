"""Google Sheets and Drive to practise on: the Sheets v4 and Drive v3 calls about spreadsheets, in memory.

How it is used:

    google = Google(clock=clock, rng=random.Random(1))
    book = google.new_book("Item Master", share={AGENT: "writer"})       # the seller's; the agent may edit
    token = google.accept("practice-token", AGENT)                       # or ask POST /token as the real clients do
    client = httpx.AsyncClient(transport=transport(google))              # or `handle(google, request)`, or `serve`
    session = mounted(AuthorizedSession(credentials), Local(google))     # gspread, without a socket
    person = Person(google, book); person.types("Items", {"SKU": "MUG-1"}, "Counted", 5)
    google.share(book.id, AGENT, "reader"); google.revoke(book.id, AGENT)
    google.faults.reads_a_minute = 60; google.faults.unavailable_after_apply = 1; google.faults.drive_lag = 180

Or alone: `python -m agent.practice google --port 8080`, which says its base URL, and gives a token to whoever asks.

Known by recorded exchanges: what tests/practice/test_google_replay.py replays. By Google's documents: names and types
of all fields, limits, what is atomic. Known by neither, and so decided here: a write beyond the grid is refused and
does not make it larger (`values.append` does); developer metadata stays at its row's place when rows are sorted;
metadata, tabs and charts with an id that is taken are refused, and the whole batch with them; no Retry-After comes with
a 429. Not offered: tables, slicers, pivot tables, data sources, charts on tabs of their own, R1C1 addresses, exports as
XLSX or PDF.

Read in this order, in which no file needs a later one: `a1`, `cells` (one cell), `formats` and `entry` (what is shown,
what is typed), `tab`, `references`, `formula`, `functions` with `criteria`, `lookups` and `spill`, `library` (the
functions by their names), `compute` (what formulas come to), `book` (a spreadsheet), `filters`, `render`, `values`,
`service` (files and people), `batch` with its `batch_*`, `person`, `faults`; then the wire: `calls`, `value_calls`,
`sheet_calls`, `drive_calls`, `sharing_calls`, `tokens`, `routes`; `session` for clients that use requests.
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
