"""Google as a whole: who there is, their files, who may do what with them, and what Drive knows of each change."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.practice.google.book import Book
from agent.practice.google.errors import FORBIDDEN, NOT_FOUND, DriveRefused, Refused
from agent.practice.google.faults import Faults, Quotas
from agent.practice.google.guards import Writer
from agent.practice.google.look import default_properties
from agent.practice.wire import Request, Response

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"
ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
TOKEN_LIFE = timedelta(seconds=3599)  # as told in `expires_in`
AGENT = "agent@stocksheet-practice.iam.gserviceaccount.com"
SELLER = "seller@practice.example"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass
class File:
    """A file of Drive's. `book`: its cells, where it is a spreadsheet; `roles`: address -> role, "" for anyone."""

    id: str
    name: str
    kind: str
    owner: str
    created: datetime
    book: Book | None = None
    roles: dict[str, str] = field(default_factory=dict)
    permissions: dict[str, dict[str, Any]] = field(default_factory=dict)  # id -> resource
    parents: list[str] = field(default_factory=lambda: ["root"])
    trashed: bool = False
    properties: dict[str, Any] = field(default_factory=dict)  # description, starred, appProperties ...
    history: list[tuple[datetime, int, str]] = field(default_factory=list)  # when, version, who

    def touched(self, at: datetime, who: str) -> None:
        """Somebody changed it."""
        self.history.append((at, (self.history[-1][1] if self.history else 0) + 1, who))

    def known(self, at: datetime) -> tuple[datetime, int, str]:
        """The last change that Drive tells of, where it tells only of those up to `at`; the first at any rate."""
        if self.history[-1][0] <= at:
            return self.history[-1]
        return next((one for one in reversed(self.history) if one[0] <= at), self.history[0])


class Google:
    """Drive and Sheets in memory. Time comes from `clock` only (aware), chance from `rng` only."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        rng: random.Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        open_to_all: bool = False,
    ) -> None:
        self.clock, self.rng, self.sleep = clock, rng or random.Random(1), sleep
        self.open_to_all = open_to_all  # whoever signs a request for a token gets one
        self.faults = Faults()
        self.quotas = Quotas(clock)
        self.files: dict[str, File] = {}
        self.tokens: dict[str, tuple[str, datetime | None]] = {}  # -> who, until when (None: for ever)
        self.keys: dict[str, str] = {}  # service account -> its public key, PEM
        self.refresh_tokens: dict[str, str] = {}  # -> who; taken out: access was taken away
        self.codes: dict[str, tuple[str, str]] = {}  # authorization code -> who, PKCE challenge
        self.clients: dict[str, str] = {"practice-client-id": "practice-client-secret"}
        self.no_storage: set[str] = set()  # who owns no room: a new service account
        self.on_exchange: Callable[[Request, Response], None] | None = None

    # -- who

    def accept(self, token: str, email: str = AGENT, until: datetime | None = None) -> str:
        """From now on this bearer token is that person's; returns it."""
        self.tokens[token] = (email, until)
        return token

    def new_token(self, email: str) -> str:
        """A bearer token for an hour."""
        return self.accept(f"ya29.practice-{self.rng.getrandbits(96):024x}", email, self.clock() + TOKEN_LIFE)

    def who(self, token: str) -> str | None:
        """Whose token it is; None where it is nobody's now."""
        email, until = self.tokens.get(token, ("", None))
        return email if email and (until is None or until > self.clock()) else None

    # -- files

    def new_file(self, name: str, owner: str = SELLER, kind: str = SPREADSHEET, file_id: str | None = None) -> File:
        """A new file, a spreadsheet with one empty tab unless `kind` says otherwise."""
        file_id = file_id or "1" + "".join(self.rng.choices(_LETTERS, k=43))
        now = self.clock()
        found = File(file_id, name, kind, owner, now, roles={owner: "owner"})
        found.permissions[self.permission_id(owner)] = self._permission(owner, "owner")
        if kind == SPREADSHEET:
            found.book = Book(file_id, name, self.clock, self.rng)
            found.book.properties |= default_properties()
        found.touched(now, owner)
        self.files[file_id] = found
        return found

    def new_book(self, title: str, owner: str = SELLER, share: Mapping[str, str] | None = None) -> Book:
        """A new spreadsheet of the owner's, shared as told (e-mail address -> role)."""
        found = self.new_file(title, owner)
        for email, role in (share or {}).items():
            self.share(found.id, email, role)
        assert found.book is not None
        return found.book

    def share(self, file_id: str, email: str, role: str = "writer") -> dict[str, Any]:
        """Give somebody a role in a file ("" is anyone); returns the permission."""
        found = self.files[file_id]
        found.roles[email] = role
        permission = self._permission(email, role)
        found.permissions[permission["id"]] = permission
        return permission

    def revoke(self, file_id: str, email: str) -> None:
        """Take somebody's role away."""
        found = self.files[file_id]
        found.roles.pop(email, None)
        found.permissions.pop(self.permission_id(email), None)

    def permission_id(self, email: str) -> str:
        """The id of somebody's permissions."""
        if not email:
            return "anyoneWithLink"
        return str(int.from_bytes(email.encode().ljust(8, b"-")[:8], "big") % 10**19 + sum(email.encode())).zfill(20)

    def _permission(self, email: str, role: str) -> dict[str, Any]:
        kind = {"type": "user" if email else "anyone", "kind": "drive#permission", "id": self.permission_id(email)}
        if not email:
            return kind | {"role": role, "allowFileDiscovery": False}
        name = email.partition("@")[0]
        return kind | {
            "emailAddress": email,
            "role": role,
            "displayName": name,
            "deleted": False,
            "pendingOwner": False,
        }

    def role(self, found: File, email: str) -> str | None:
        """What somebody may do with a file; None: nothing."""
        roles = [role for role in (found.roles.get(email), found.roles.get("")) if role]
        return max(roles, key=ROLES.index, default=None)

    # -- access of the Sheets API

    def sheet(self, file_id: str, email: str, writes: bool) -> File:
        """A spreadsheet that somebody may read, or write; refused where there is none or they may not."""
        found = self.files.get(file_id)
        if found is None:
            raise Refused(NOT_FOUND, 404)
        role = self.role(found, email)
        if role is None or (writes and ROLES.index(role) < ROLES.index("writer")):
            raise Refused(FORBIDDEN, 403)
        if found.book is None:
            raise Refused("This operation is not supported for this document")
        return found

    def writer(self, found: File, email: str) -> Writer:
        """Somebody as they change that spreadsheet."""
        assert found.book is not None
        return Writer(found.book, email, found.owner == email)

    def drive_file(self, file_id: str, email: str, least: str = "reader") -> File:
        """A file that somebody may see, and use with at least that role; refused in Drive's words."""
        found = self.files.get(file_id)
        role = self.role(found, email) if found else None
        if found is None or role is None:
            raise DriveRefused(f"File not found: {file_id}.", 404, "notFound", "fileId")
        if ROLES.index(role) < ROLES.index(least):
            told = "The user does not have sufficient permissions for this file."
            raise DriveRefused(told, 403, "insufficientFilePermissions")
        return found

    def changed(self, found: File, email: str) -> None:
        """Remember that somebody changed the file."""
        if found.book is not None:
            found.name = found.book.title
        found.touched(self.clock(), email)
