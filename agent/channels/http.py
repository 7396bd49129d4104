"""Every call to every shop: auth, pacing, retry, time limits, paging help, and what a bad answer means.

Two rules carry it. A *read* may be repeated. A *write* whose answer is lost may have been applied: it is reported as
such (`CallFailed.reached`), never as failed, and never sent again from here.

Repeating is tenacity's work; it is handed the injected clock to sleep on and the injected randomness, so that the whole
agent runs under a virtual clock. Pacing is our own: no library serves four lanes in order.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NoReturn, TypedDict

import httpx
from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt

from agent.channels.answers import (
    NONSENSE,
    NORMAL,
    SAID_NOTHING,
    Answer,
    CallFailed,
    Fixes,
    Ports,
    Refused,
    Said,
    Timeouts,
    http_date,
    is_certificate,
    parse,
    place,
    reason,
)
from agent.channels.auth import TokenAuth
from agent.channels.base import ChannelOut, Lane
from agent.channels.guard import PRIVATE, Forbidden, GuardedTransport, Nameless, check_url, is_loopback, redact
from agent.channels.pacing import Pacer
from agent.words import in_words

__all__ = ["Answer", "CallFailed", "Fixes", "Http", "Ports", "Said", "Timeouts", "allowed", "not_connected"]

log = logging.getLogger(__name__)
for noisy in ("httpx", "httpcore"):
    logging.getLogger(noisy).setLevel(logging.WARNING)  # they write addresses and headers at lower levels (R6)

LARGEST_ANSWER = 20 * 1024 * 1024
LARGEST_DOWNLOAD = 1024**3
LONGEST_DOWNLOAD = 900.0
ATTEMPTS = 4
FIRST_BACKOFF, LONGEST_BACKOFF = 0.5, 8.0
PATIENCE = 15.0
"""The longest a call waits because the host asked for it; beyond that the channel is out until then."""
LONGEST_RETRY_AFTER = 86_400.0
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)
NO_SUCH_NAME = in_words("http.look_whether_computer_online")
TRY_AGAIN = in_words("http.nothing_do_stocksheet_tries")


class Allowed(TypedDict):
    """What `Http` may call beyond https in public networks."""

    allow_http: bool
    allow_private: bool


def allowed(settings: Mapping[str, str]) -> Allowed:
    """Plain http and private addresses: only where the person said so."""
    return {"allow_http": _yes(settings.get("allow_http")), "allow_private": _yes(settings.get("allow_private"))}


def _yes(value: str | None) -> bool:
    return (value or "").strip().lower() in ("yes", "true", "1")


def not_connected(name: str, missing: Sequence[str], fixes: Fixes) -> ChannelOut:
    """Settings are missing; `missing`: what `connect` calls them."""
    return ChannelOut(
        "access", in_words("http.not_connected_missing", name=name, missing=", ".join(missing)), fixes.renewal(name)
    )


class Http:
    """The calls of one channel. Redirects are not followed, certificates always checked, answers limited to 20 MB."""

    def __init__(
        self,
        name: str,
        base_url: str,
        ports: Ports,
        *,
        requests_per_second: float,
        burst: int,
        fixes: Fixes,
        auth: httpx.Auth | None = None,
        secrets: Sequence[str] = (),
        timeouts: Timeouts = NORMAL,
        allow_http: bool = False,
        allow_private: bool = False,
        said: Callable[[Answer], Said] = lambda answer: SAID_NOTHING,
    ) -> None:
        """`said`: what an answer says in its body that others say by the status. `requests_per_second` and `burst`
        are in the unit of the calls' costs. Raises ChannelOut `host` where the address may not be called."""
        url = check_url(base_url, allow_http=allow_http, allow_private=allow_private)
        self._name, self._clock, self._rng = name, ports.clock, ports.rng
        self._fixes, self._secrets, self._timeouts, self._auth = fixes, tuple(secrets), timeouts, auth
        self._pacer = Pacer(ports.clock, requests_per_second, burst)
        self._said = said
        self._quiet_until = 0.0
        self._client = httpx.AsyncClient(
            base_url=url,
            auth=auth,
            headers={"User-Agent": "Stocksheet", "Accept": "application/json", "Accept-Encoding": "gzip, deflate"},
            transport=ports.transport or network(allow_private or is_loopback(url.host)),
            timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect, write=timeouts.write, pool=timeouts.total),
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def slowed(self) -> bool:
        """The host complained lately, so that it is called less often."""
        return self._pacer.slowed

    def redact(self, said: str) -> str:
        """A text of the host's without our secrets, whatever it echoes (R6)."""
        return redact(said, self._secrets + (self._auth.secrets if isinstance(self._auth, TokenAuth) else ()))

    async def close(self) -> None:
        await self._client.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        reads: Callable[[bytes], object] = parse,
        lane: Lane,
        idempotent: bool,
        cost: float = 1.0,
    ) -> Answer:
        """One call. `idempotent`: it changes nothing (more the second time), and may be repeated after silence. A token
        that is refused is renewed, and the call made once more, whatever it does: nothing was done. `content`: what is
        sent where it is not JSON; `reads`: what makes values of the answer's body then, or NONSENSE.

        Raises CallFailed: `access` (401, 403), `wait` (429), `host` (5xx, no answer, no JSON, redirect, wrong address).
        """
        request = self._client.build_request(
            method, path, params=params, json=json, data=form, content=content, headers=headers
        )
        retrying = AsyncRetrying(
            sleep=self._clock.sleep,
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._backoff,
            retry=_worth_repeating,
            reraise=True,
        )
        try:
            answer: Answer = await retrying(self._once, request, lane, idempotent, cost, reads)
        except Refused:
            if not isinstance(self._auth, TokenAuth) or not await self._auth.renewed(request):
                raise
            answer = await retrying(self._once, request, lane, idempotent, cost, reads)
        return answer

    async def page(self, path: str) -> str:
        """What a web page of the site shows to everyone, as text; "" where it does not show it."""
        request = self._client.build_request("GET", path, headers={"Accept": "text/html"})
        call = _Call("GET", request.url.path, "audit", True, 1.0, self._clock.monotonic())
        try:
            async with asyncio.timeout(self._timeouts.total):
                status, _, body = await self._exchange(request, call)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, CallFailed):
            return ""
        return body.decode("utf-8", "replace") if status == 200 else ""

    async def download(self, url: str, take: Callable[[str], None]) -> None:
        """The lines of a file that the host has laid ready at another address, one by one. It needs no key, so that
        none is sent there. Raises CallFailed `host`."""

        async def lines(response: httpx.Response, call: _Call) -> None:
            size = 0
            async for line in response.aiter_lines():
                size = self._within(size + len(line), LARGEST_DOWNLOAD, call)
                if line:
                    take(line)

        await self._elsewhere("GET", url, lines)

    async def fetch(self, url: str) -> bytes:
        """A whole file as it lies at another address, packed or not. No key is sent there. Raises CallFailed `host`."""
        found = bytearray()

        async def parts(response: httpx.Response, call: _Call) -> None:
            async for part in response.aiter_bytes():
                found.extend(part)
                self._within(len(found), LARGEST_DOWNLOAD, call)

        await self._elsewhere("GET", url, parts)
        return bytes(found)

    async def upload(self, url: str, content: bytes, kind: str) -> None:
        """Lay a file at an address that the host has given for it. No key is sent there. Raises CallFailed `host`."""

        async def ended(response: httpx.Response, call: _Call) -> None:
            await self._body(response, call)

        await self._elsewhere("PUT", url, ended, content, {"Content-Type": kind})

    async def _elsewhere(
        self,
        method: str,
        url: str,
        take: Callable[[httpx.Response, _Call], Awaitable[None]],
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        call = _Call(method, "(file)", "audit", True, 1.0, self._clock.monotonic())
        try:
            target = httpx.URL(url)
            if target.scheme != "https" and not is_loopback(target.host):
                raise self._failed("host", in_words("http.names_file_at_address"), TRY_AGAIN, call, reached=True)
            request = self._client.build_request(method, target, content=content, headers=headers)
            async with asyncio.timeout(LONGEST_DOWNLOAD):
                response = await self._client.send(request, stream=True, auth=None)
                try:
                    if response.status_code != 200:
                        what = in_words("http.does_not_hand_out", status=response.status_code)
                        raise self._failed("host", what, TRY_AGAIN, call, reached=True)
                    await take(response, call)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            self._silence(error, call)

    def _within(self, size: int, largest: int, call: _Call) -> int:
        if size > largest:
            raise self._failed("host", in_words("http.sent_file_more_than"), TRY_AGAIN, call, reached=True)
        return size

    async def _once(
        self, request: httpx.Request, lane: Lane, idempotent: bool, cost: float, reads: Callable[[bytes], object]
    ) -> Answer:
        await self._keep_quiet()
        await self._pacer.take(lane, cost)
        call = _Call(request.method, request.url.path, lane, idempotent, cost, self._clock.monotonic(), reads)
        try:
            async with asyncio.timeout(self._timeouts.total):
                status, headers, body = await self._exchange(request, call)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            self._silence(error, call)
        self._note(call, status)
        return self._judge(status, headers, body, call)

    async def _exchange(self, request: httpx.Request, call: _Call) -> tuple[int, httpx.Headers, bytes]:
        response = await self._client.send(request, stream=True)
        if isinstance(self._auth, TokenAuth) and "date" in response.headers:
            self._auth.heard(self._server_time(response.headers))
        try:
            return response.status_code, response.headers, await self._body(response, call)
        finally:
            await response.aclose()

    async def _body(self, response: httpx.Response, call: _Call) -> bytes:
        """The whole body; counted after unpacking, so that a small bomb is as big as it opens (R18)."""
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > LARGEST_ANSWER:
                raise self._failed("host", in_words("http.sent_answer_more_than"), TRY_AGAIN, call, reached=True)
        return bytes(body)

    # --- what an answer means ---------------------------------------------------------------------------------------

    def _judge(self, status: int, headers: httpx.Headers, body: bytes, call: _Call) -> Answer:
        found, ended = call.reads(body), self._server_time(headers)
        elapsed = timedelta(seconds=max(0.0, self._clock.monotonic() - call.started))
        answer = Answer(status, found, headers, ended, ended - elapsed)
        told = status in (401, 403, 429) and found is not NONSENSE and self._said(answer).told
        if status == 429 and not told:
            self._ask_to_wait(headers, call)
        if (status == 401 or (status == 403 and found is not NONSENSE)) and not told:
            self._refused(found, call, token=status == 401 or self._said(answer).refused)
        if 300 <= status < 400:
            what = in_words("http.sends_us_another_address", place=place(headers))
            raise self._failed("host", what, self._fixes.address, call, reached=False)
        if status >= 500 or status in (408, 425):
            self._unwell(status, headers, call)
        if found is NONSENSE:
            self._nonsense(status, call)
        self._listen(answer, call)
        self._pacer.thank()
        return answer

    def _listen(self, answer: Answer, call: _Call) -> None:
        """What the answer says of itself."""
        said = self._said(answer)
        if said.budget is not None:
            self._pacer.settle(call.lane, call.cost, said.budget)
        if said.wait is not None:
            if said.slower:
                self._pacer.complain()
                self._quiet_until = max(self._quiet_until, self._clock.monotonic() + said.wait)
            what = in_words("http.asks_us_wait")
            raise self._failed("wait", what, TRY_AGAIN, call, reached=False, again=True, retry_after=said.wait)
        if said.refused:
            self._refused(answer.json, call, token=True)
        if said.unwell:
            self._unwell(500, answer.headers, call)

    def _refused(self, found: object, call: _Call, *, token: bool) -> NoReturn:
        """`token`: with another one it may be granted."""
        what = in_words("http.refuses_access", found=reason(found))
        failed = self._failed("access", what, self._fixes.renewal(self._name), call, reached=False)
        raise Refused(failed.kind, failed.what, failed.fix, reached=False) if token else failed

    def _ask_to_wait(self, headers: httpx.Headers, call: _Call) -> NoReturn:
        self._pacer.complain()
        after = self._retry_after(headers)
        self._quiet_until = max(self._quiet_until, self._clock.monotonic() + (after or 0.0))
        raise self._failed(
            "wait", in_words("http.asks_us_wait"), TRY_AGAIN, call, reached=False, again=True, retry_after=after
        )

    def _unwell(self, status: int, headers: Mapping[str, str], call: _Call) -> NoReturn:
        """5xx: a proxy may have given up on a request that the host still carries out, so a write is never repeated."""
        if status != 500:  # one product's own trouble is no sign of load
            self._pacer.complain()
        after = self._retry_after(headers)
        if after:
            self._quiet_until = max(self._quiet_until, self._clock.monotonic() + after)
        what = in_words("http.trouble_own_answered", status=status)
        raise self._failed("host", what, TRY_AGAIN, call, reached=True, again=call.idempotent, retry_after=after)

    def _nonsense(self, status: int, call: _Call) -> NoReturn:
        if status in (404, 405, 410):
            raise self._failed("host", in_words("http.no_such_page"), self._fixes.address, call, reached=False)
        if status == 403:
            what = in_words("http.or_firewall_before_refuses")
            fix = self._fixes.firewall or in_words("http.ask_whoever_hosts_shop")
            raise self._failed("host", what, fix, call, reached=False)
        what = in_words("http.answers_with_something_no", status=status)
        fix = in_words("http.if_worked_before_wait", address=self._fixes.address)
        raise self._failed("host", what, fix, call, reached=True, again=call.idempotent)

    def _silence(self, error: Exception, call: _Call) -> NoReturn:
        """No answer, or half of one. What is raised never holds the error's own text (R6)."""
        if isinstance(error, Forbidden):
            fix = PRIVATE
            what = in_words("http.name_leads_into_private")
            raise self._failed("host", what, fix, call, reached=False) from None
        if is_certificate(error):
            fix = in_words("http.owner_or_host_must")
            what = in_words("http.certificate_cannot_trusted")
            raise self._failed("host", what, fix, call, reached=False) from None
        if isinstance(error, Nameless):
            what, fix = in_words("http.cannot_found_under_address", host=self._client.base_url.host), NO_SUCH_NAME
            raise self._failed("host", what, fix, call, reached=False, again=True, answered=False) from None
        reached = not isinstance(error, NOT_SENT)
        late = isinstance(error, TimeoutError | httpx.TimeoutException)
        what = (
            in_words("http.cannot_reached")
            if not reached
            else in_words("http.did_not_answer_time")
            if late
            else in_words("http.broke_off_answer")
        )
        again = not reached or call.idempotent
        raise self._failed("host", what, TRY_AGAIN, call, reached=reached, again=again, answered=False) from None

    def _failed(
        self,
        kind: Literal["access", "host", "wait"],
        what: str,
        fix: str,
        call: _Call,
        *,
        reached: bool,
        again: bool = False,
        answered: bool = True,
        retry_after: float | None = None,
    ) -> CallFailed:
        said = self.redact(f"{self._name} {what}.")
        self._note(call, said)
        return CallFailed(kind, said, fix, retry_after, reached=reached, again=again, answered=answered)

    def _note(self, call: _Call, outcome: object) -> None:
        log.debug("%s %s -> %s", call.method, self.redact(call.path), outcome)

    # --- waiting ----------------------------------------------------------------------------------------------------

    async def _keep_quiet(self) -> None:
        """The host asked us to wait: every lane does."""
        rest = self._quiet_until - self._clock.monotonic()
        if rest > PATIENCE:
            what = self.redact(in_words("http.asked_us_wait", name=self._name))
            raise CallFailed("wait", what, TRY_AGAIN, rest, reached=False)
        if rest > 0:
            await self._clock.sleep(rest)

    def _backoff(self, state: RetryCallState) -> float:
        """Exponential with full jitter; not before what the host asked for."""
        error = state.outcome.exception() if state.outcome else None
        ceiling = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** (state.attempt_number - 1))
        after = error.retry_after or 0.0 if isinstance(error, CallFailed) else 0.0
        return after + self._rng.uniform(0.0, ceiling)

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        """Seconds, from a number (Shopify says 2.0) or an HTTP date (which is read against the host's own clock)."""
        value = headers.get("retry-after", "").strip()
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value):
            return min(float(value), LONGEST_RETRY_AFTER)
        until = http_date(value)
        if until is None:
            return None
        return min(max(0.0, (until - self._server_time(headers)).total_seconds()), LONGEST_RETRY_AFTER)

    def _server_time(self, headers: Mapping[str, str]) -> datetime:
        """The Date of the answer, plus its Age if a cache gave it; our own clock where the host says nothing."""
        date = http_date(headers.get("date", ""))
        if date is None:
            return self._clock.now()
        age = headers.get("age", "")
        return date + timedelta(seconds=min(int(age), 86_400)) if age.isascii() and age.isdigit() else date


@dataclass(frozen=True)
class _Call:
    method: str
    path: str
    lane: Lane
    idempotent: bool
    cost: float
    started: float
    reads: Callable[[bytes], object] = parse


def _worth_repeating(state: RetryCallState) -> bool:
    """Silence is repeated once only: it may have lasted a minute already."""
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, CallFailed) or not error.again or (error.retry_after or 0) > PATIENCE:
        return False
    return error.answered or not error.reached or state.attempt_number == 1


def network(allow_private: bool) -> httpx.AsyncBaseTransport:
    """The real network: certificates by the certifi list alone; no environment variable has a say (R20)."""
    limits = httpx.Limits(max_connections=4, max_keepalive_connections=2)
    return GuardedTransport(httpx.AsyncHTTPTransport(verify=True, trust_env=False, limits=limits), allow_private)
