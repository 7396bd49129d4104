"""The access to a Google Sheet: a service account that it is shared with, or the person's own login in a browser.

Both are kept by `agent.secrets` under a name that no shop can have. Least scopes: the spreadsheets that the account may
open anyway, and of Drive only what is told about files. google-auth makes and renews the tokens; where the browser
brings the person's yes is `agent.loopback`, with PKCE (RFC 7636), so that a yes is of use to nobody else.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import google.auth.exceptions
import google.oauth2.credentials
import google.oauth2.service_account
from google.auth.credentials import Credentials
from gspread.exceptions import NoValidUrlKeyFound
from gspread.utils import extract_id_from_url

from agent.loopback import waiting
from agent.secrets import Secrets
from agent.words import say
from agent.workbooks.base import WorkbookOut
from agent.workbooks.google.calls import SheetOut
from agent.workbooks.google.session import Session

SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
)
KEEP = "_google"
"""The name that the access is kept under; no shop's name begins with a low line."""
ROBOT, LOGIN = "service_account", "login"
AUTHORIZE = "https://accounts.google.com/o/oauth2/v2/auth"
TOKENS = "https://oauth2.googleapis.com/token"
PATIENCE = 300.0
"""Seconds for which the browser is waited for."""


def sheet_id_of(address: str) -> str:
    """The id in a sheet's address. Raises WorkbookOut."""
    try:
        return str(extract_id_from_url(address))
    except NoValidUrlKeyFound:
        words = say("google_address", {"found": address})
        raise WorkbookOut(words.what, words.fix) from None


def credentials(secrets: Secrets) -> Credentials:
    """What the calls are signed with. Raises WorkbookOut, SecretsOut."""
    robot, login = secrets.find(KEEP, ROBOT), secrets.find(KEEP, LOGIN)
    if robot is not None:
        return of_robot(json.loads(robot))
    if login is None:
        raise _out("google_not_connected")
    kept = json.loads(login)
    return google.oauth2.credentials.Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=kept["refresh_token"],
        token_uri=kept.get("token_uri", TOKENS),
        client_id=kept["client_id"],
        client_secret=kept["client_secret"],
        scopes=list(SCOPES),
    )


def of_robot(info: Mapping[str, Any]) -> Credentials:
    """The credentials of a service account's key file. Raises WorkbookOut."""
    try:
        made: Credentials = google.oauth2.service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            dict(info), scopes=list(SCOPES)
        )
    except (ValueError, KeyError, TypeError, google.auth.exceptions.GoogleAuthError):
        raise _out("google_key_file") from None
    return made


def keep_robot(secrets: Secrets, text: str) -> str:
    """Keep a service account's key; gives the address to share the sheet with. Raises WorkbookOut, SecretsOut."""
    info = parsed(text)
    of_robot(info)
    secrets.put(KEEP, ROBOT, json.dumps(info))
    return str(info["client_email"])


def parsed(text: str) -> Mapping[str, Any]:
    """The JSON file that Google gave. Raises WorkbookOut."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, Mapping):
        raise _out("google_key_file")
    return found


async def sign_in(client: Mapping[str, Any], session: Session, show: Callable[[str], None], secrets: Secrets) -> None:
    """The person's own login. `client`: the file of an OAuth client of the kind desktop. `show`: opens the page in a
    browser. Raises WorkbookOut, SecretsOut."""
    about = client.get("installed")
    if not isinstance(about, Mapping) or not {"client_id", "client_secret"} <= set(about):
        raise _out("google_client_file")
    verifier, state = token_urlsafe(64), token_urlsafe(24)
    async with waiting() as door:
        asked = {
            "client_id": about["client_id"],
            "redirect_uri": door.yes,
            "response_type": "code",
            "scope": " ".join(SCOPES),
            "access_type": "offline",
            "prompt": "consent",
            "state": state,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        show(f"{AUTHORIZE}?{urlencode(asked)}")
        try:
            came = await door.came(PATIENCE)
        except TimeoutError:
            raise _out("google_nobody_came") from None
        if came is None or came.get("state") != state or "code" not in came:
            raise _out("google_said_no")
        code = {
            "grant_type": "authorization_code",
            "code": came["code"],
            "redirect_uri": door.yes,
            "client_id": str(about["client_id"]),
            "client_secret": str(about["client_secret"]),
            "code_verifier": verifier,
        }
    secrets.put(KEEP, LOGIN, json.dumps(_exchanged(session, code)))
    secrets.remove(KEEP, ROBOT)


def _exchanged(session: Session, code: Mapping[str, str]) -> dict[str, str]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = session.token_request(TOKENS, "POST", urlencode(code).encode(), headers)
        said = json.loads(answer.data)
    except (google.auth.exceptions.TransportError, ValueError):
        raise _out("google_unreachable") from None
    if answer.status != 200 or "refresh_token" not in said or not _enough(said.get("scope")):
        raise _out("google_said_no")
    return {
        "refresh_token": said["refresh_token"],
        "client_id": code["client_id"],
        "client_secret": code["client_secret"],
        "token_uri": TOKENS,
    }


def _enough(granted: object) -> bool:
    """Whether every box was ticked; a wider access has the narrower one in it."""
    scopes = str(granted or " ".join(SCOPES)).split()
    return SCOPES[0] in scopes and bool({SCOPES[1], SCOPES[1].partition(".metadata")[0]} & set(scopes))


def challenge(verifier: str) -> str:
    """PKCE, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _out(code: str) -> SheetOut:
    words = say(code, {})
    return SheetOut("access", words.what, words.fix)
