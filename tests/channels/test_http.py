"""The room every call goes through: what is repeated, what is not, what an answer means, and what is never said."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import logging
import random
import ssl
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from agent.channels.base import ChannelOut, Lane
from agent.channels.guard import HIDDEN, Forbidden, GuardedTransport, check_url, may_connect, redact
from agent.channels.http import LARGEST_ANSWER, Answer, CallFailed, Fixes, Http, Ports, Said, Timeouts
from tests.channels.clock import FakeClock

KEY, SECRET = "ck_canary0123456789", "cs_canary9876543210"
Script = Callable[[httpx.Request], httpx.Response]


class Host:
    """A host that answers by a list, the last one for ever."""

    def __init__(self, *answers: httpx.Response | Exception | Script, clock: FakeClock | None = None) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.clock = clock or FakeClock()
        self.times: list[float] = []
        ports = Ports(self.clock, random.Random(1), httpx.MockTransport(self._answer))
        self.http = Http(
            "my-shop",
            "https://shop.example/api/",
            ports,
            requests_per_second=100,
            burst=100,
            fixes=Fixes(access="Make a new key.", address="Copy the address."),
            auth=httpx.BasicAuth(KEY, SECRET),
            secrets=(KEY, SECRET),
            timeouts=Timeouts(total=60),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.times.append(self.clock.monotonic())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)

    def ask(self, method: str = "GET", *, idempotent: bool = True, lane: Lane = "orders") -> Answer:
        body = None if method == "GET" else {"set": 1}
        return asyncio.run(self.http.request(method, "things", json=body, lane=lane, idempotent=idempotent))

    def fails(self, method: str = "GET", *, idempotent: bool = True) -> CallFailed:
        with pytest.raises(CallFailed) as failed:
            self.ask(method, idempotent=idempotent)
        return failed.value


def ok(found: object = None, **headers: str) -> httpx.Response:
    return httpx.Response(200, json={"ok": True} if found is None else found, headers=headers)


def page(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, html="<html><title>Something</title></html>", headers=headers)


# --- repeating --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 408])
def test_a_read_is_repeated_after_trouble_at_the_host(status: int) -> None:
    host = Host(page(status), page(status), ok())
    assert host.ask().json == {"ok": True}
    assert len(host.requests) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_that_met_trouble_may_have_been_applied_and_is_not_repeated(status: int) -> None:
    host = Host(page(status), ok())
    failed = host.fails("POST", idempotent=False)
    assert failed.kind == "host" and failed.reached and len(host.requests) == 1


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("slow"), httpx.ReadError("cut"), httpx.RemoteProtocolError("gone")]
)
def test_silence_after_a_write_is_not_repeated_and_after_a_read_once(error: Exception) -> None:
    host = Host(error)
    failed = host.fails("POST", idempotent=False)
    assert failed.reached and not failed.answered and len(host.requests) == 1
    host = Host(error, ok())
    assert host.ask().status == 200 and len(host.requests) == 2
    host = Host(error)
    host.fails()
    assert len(host.requests) == 2


@pytest.mark.parametrize("error", [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("busy")])
def test_a_write_that_never_left_is_certainly_not_applied_and_may_be_repeated(error: Exception) -> None:
    host = Host(error, ok())
    assert host.ask("POST", idempotent=False).status == 200
    host = Host(error)
    assert not host.fails("POST", idempotent=False).reached and len(host.requests) == 4


def test_waits_grow_and_are_spread_by_the_injected_randomness() -> None:
    host = Host(page(502))
    host.fails()
    gaps = [b - a for a, b in zip(host.times, host.times[1:], strict=False)]
    again = Host(page(502))
    again.fails()
    assert gaps == [b - a for a, b in zip(again.times, again.times[1:], strict=False)]
    assert all(0 <= gap <= 0.5 * 2**n for n, gap in enumerate(gaps)) and len(set(gaps)) == 3


def test_a_call_ends_at_its_total_limit_whatever_drips_in_R18() -> None:
    async def drip(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(3600)
        return ok()

    ports = Ports(FakeClock(), random.Random(1), httpx.MockTransport(drip))
    http = Http(
        "my-shop",
        "https://shop.example",
        ports,
        requests_per_second=9,
        burst=9,
        fixes=Fixes("", ""),
        timeouts=Timeouts(total=0.01),
    )
    with pytest.raises(CallFailed, match="in time") as failed:
        asyncio.run(http.request("POST", "x", lane="lower", idempotent=False))
    assert failed.value.reached and not failed.value.answered


# --- waiting when asked -----------------------------------------------------------------------------------------------


def test_retry_after_in_seconds_is_honoured_also_for_a_write() -> None:
    """429 means not applied, so that even a write may go again."""
    host = Host(page(429, **{"Retry-After": "7"}), ok())
    host.ask("POST", idempotent=False)
    assert host.times[1] - host.times[0] >= 7


def test_retry_after_as_a_date_is_read_against_the_hosts_own_clock_I19() -> None:
    server = datetime(2031, 1, 1, tzinfo=UTC)  # years ahead of ours
    headers = {"Date": format_datetime(server, usegmt=True)}
    headers["Retry-After"] = format_datetime(server + timedelta(seconds=9), usegmt=True)
    host = Host(page(429, **headers), ok())
    host.ask()
    assert 9 <= host.times[1] - host.times[0] < 10


def test_a_long_wait_is_handed_on_and_every_lane_keeps_quiet_until_then() -> None:
    host = Host(page(429, **{"Retry-After": "120"}), ok())
    failed = host.fails()
    assert (failed.kind, failed.retry_after, failed.reached, len(host.requests)) == ("wait", 120, False, 1)
    assert 110 < (host.fails("POST", idempotent=False).retry_after or 0) <= 120
    assert len(host.requests) == 1
    host.clock.advance(121)
    assert host.ask().status == 200


def test_a_complaining_host_is_called_less_often_and_recovers() -> None:
    host = Host(page(429), ok())
    host.ask()
    assert host.http.slowed
    for _ in range(30):
        host.ask()
    assert not host.http.slowed


# --- what an answer means ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "reached"),
    [
        (httpx.Response(401, json={"message": "Consumer secret is invalid."}), "access", False),
        (page(401), "access", False),
        (httpx.Response(403, json={"code": "forbidden"}), "access", False),
        (page(403), "host", False),
        (page(404), "host", False),
        (httpx.Response(301, headers={"Location": "https://www.shop.example/api/things?x=1"}), "host", False),
        (page(200), "host", True),
        (httpx.Response(200, content=b""), "host", True),
        (httpx.Response(200, content=b'{"half": '), "host", True),
        (httpx.Response(200, content=b"[" * 100_000), "host", True),
        (httpx.Response(200, content=b"\xff\xfe"), "host", True),
    ],
)
def test_answers_that_are_no_answers_are_sorted_out(answer: httpx.Response, kind: str, reached: bool) -> None:
    failed = Host(answer).fails("POST", idempotent=False)
    assert (failed.kind, failed.reached) == (kind, reached)
    assert failed.what.startswith("my-shop ") and failed.fix


def test_a_refusal_in_json_is_an_answer() -> None:
    answer = Host(httpx.Response(413, json={"code": "too_many"})).ask("POST", idempotent=False)
    assert answer.status == 413


def test_a_redirect_is_not_followed_and_its_place_is_named_R17() -> None:
    host = Host(httpx.Response(302, headers={"Location": "https://evil.example/take?token=abc"}))
    failed = host.fails()
    assert "https://evil.example" in failed.what and "token" not in failed.what and len(host.requests) == 1


def test_not_a_number_is_null_and_a_byte_order_mark_is_no_harm_I11() -> None:
    assert Host(httpx.Response(200, content=b'\xef\xbb\xbf{"q": NaN}')).ask().json == {"q": None}


def test_an_answer_that_is_too_big_is_dropped_R18() -> None:
    async def endless() -> Any:
        for _ in range(LARGEST_ANSWER // 1_000_000 + 2):
            yield b"x" * 1_000_000

    host = Host(lambda request: httpx.Response(200, content=endless()))
    assert "20 MB" in host.fails().what and len(host.requests) == 1


def test_server_time_is_the_hosts_and_began_is_before_its_work() -> None:
    clock = FakeClock()
    server = datetime(2026, 11, 22, 12, 30, 0, tzinfo=UTC)

    def slow(request: httpx.Request) -> httpx.Response:
        clock.advance(3)
        return ok(Date=format_datetime(server, usegmt=True))

    answer = Host(slow, clock=clock).ask()
    assert answer.server_time == server and answer.began == server - timedelta(seconds=3)
    assert Host(ok(), clock=clock).ask().server_time == clock.now()
    cached = Host(ok(Date=format_datetime(server, usegmt=True), Age="40")).ask()
    assert cached.server_time == server + timedelta(seconds=40)


# --- secrets (R6, R7) -------------------------------------------------------------------------------------------------


def test_no_secret_in_any_sentence_traceback_or_log_R7(caplog: pytest.LogCaptureFixture) -> None:
    basic = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    storms: list[httpx.Response | Exception] = [
        httpx.Response(401, json={"message": f"Key {KEY} with Basic {basic} is unknown"}),
        httpx.Response(403, json={"message": f"https://{KEY}:{SECRET}@shop.example?consumer_key={KEY}"}),
        httpx.Response(302, headers={"Location": f"https://{KEY}:{SECRET}@other.example/?s={SECRET}"}),
        httpx.ConnectError(f"cannot reach https://{KEY}:{SECRET}@shop.example"),
        httpx.ReadTimeout(f"Authorization: Basic {basic}"),
        page(500),
        page(429, **{"Retry-After": "600"}),
    ]
    said = ""
    with caplog.at_level(logging.DEBUG):
        for storm in storms:
            failed = Host(storm).fails()
            said += "".join(traceback.format_exception(failed)) + failed.what + failed.fix
        Host(ok()).ask()
    said += caplog.text
    assert "my-shop" in said
    for secret in (KEY, SECRET, "canary", basic, base64.b64encode(SECRET.encode()).decode()):
        assert secret not in said


@pytest.mark.parametrize(
    "secret",
    [
        "shpat_0123456789abcdef",
        "Bearer abc.def.ghi-jklmno",
        "ya29.a0AfH6SMB",
        "1//0gabcdefghijkl",
        "ck_0123abcd",
        "Atza|IwEB",
    ],
)
def test_secrets_are_known_by_their_looks_too_R6(secret: str) -> None:
    assert secret not in redact(f"it said {secret} to me")


def test_redaction_knows_encoded_forms_and_leaves_plain_words_alone() -> None:
    secret = "p&ss wörd/1"
    for form in (secret, "p%26ss%20w%C3%B6rd%2F1", base64.b64encode(secret.encode()).decode()):
        assert redact(f"<{form}>", [secret]) == f"<{HIDDEN}>"
    plain = "Basic T-shirt, red? Yes: 3 left (see Authorization page)"
    assert redact(plain, [secret]) == plain


# --- addresses (R16-R20) ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example",
        "ftp://shop.example",
        "https://name:word@shop.example",
        "https://shop.example/?x=1",
        "https://10.0.0.5",
        "https://192.168.1.9",
        "https://169.254.169.254",
        "https://100.64.0.1",
        "https://[::ffff:10.0.0.1]",
        "https://[fe80::1]",
        "https://0.0.0.0",
        "https://224.0.0.1",
        "shop",
        "https://",
    ],
)
def test_addresses_that_may_not_be_called_are_refused_with_what_to_type(url: str) -> None:
    with pytest.raises(ChannelOut) as out:
        check_url(url)
    assert out.value.kind == "host" and out.value.fix and "word" not in out.value.what.replace("password", "")


@pytest.mark.parametrize("url", ["https://shop.example/sub", "http://127.0.0.1:8080", "http://localhost:8080"])
def test_the_internet_and_this_computer_may_be_called(url: str) -> None:
    assert check_url(url).host


def test_a_shop_in_the_own_network_needs_the_owners_word() -> None:
    assert check_url("http://192.168.1.9", allow_http=True, allow_private=True).host == "192.168.1.9"
    with pytest.raises(ChannelOut):
        check_url("https://169.254.169.254", allow_private=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_into_a_private_network_is_not_connected_to_R17(address: str) -> None:
    reached: list[httpx.Request] = []

    async def resolver(host: str, port: int) -> list[str]:
        return [address]

    inner = httpx.MockTransport(lambda request: reached.append(request) or ok())  # type: ignore[func-returns-value]
    guarded = GuardedTransport(inner, allow_private=False, resolver=resolver)
    with pytest.raises(Forbidden):
        asyncio.run(guarded.handle_async_request(httpx.Request("GET", "https://rebinding.example/")))
    assert not reached


def test_the_checked_address_is_the_one_connected_to_and_tls_still_proves_the_name() -> None:
    seen: list[httpx.Request] = []

    async def resolver(host: str, port: int) -> list[str]:
        return ["10.0.0.1", "93.184.216.34"]

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return ok()

    guarded = GuardedTransport(httpx.MockTransport(answer), allow_private=False, resolver=resolver)
    asyncio.run(guarded.handle_async_request(httpx.Request("GET", "https://shop.example:8443/x?y=1")))
    (request,) = seen
    assert str(request.url) == "https://93.184.216.34:8443/x?y=1"
    assert request.headers["host"] == "shop.example:8443" and request.extensions["sni_hostname"] == "shop.example"


def test_metadata_addresses_stay_shut_even_in_the_own_network() -> None:
    assert not may_connect(ipaddress.ip_address("169.254.169.254"), loopback=False, allow_private=True)
    assert may_connect(ipaddress.ip_address("10.0.0.1"), loopback=False, allow_private=True)


def test_a_self_signed_certificate_is_refused_and_not_tried_again_R20(tmp_path: Any) -> None:
    """A real server on this computer, with a certificate that nobody vouches for."""
    pytest.importorskip("cryptography", reason="needed to make a certificate for the test")
    certificate, key = _self_signed(tmp_path)

    async def scenario() -> tuple[CallFailed, int]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        tried = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal tried
            tried += 1
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        http = Http(
            "my-shop",
            f"https://localhost:{port}/",
            Ports(FakeClock(), random.Random(1)),
            requests_per_second=10,
            burst=10,
            fixes=Fixes("", ""),
        )
        with pytest.raises(CallFailed) as failed:
            await http.request("GET", "x", lane="orders", idempotent=True)
        await http.close()
        server.close()
        return failed.value, tried

    failed, tried = asyncio.run(scenario())
    assert "certificate" in failed.what and not failed.reached and tried == 0


def _self_signed(folder: Any) -> tuple[str, str]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "cert.pem"
    pem.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    secret = folder / "key.pem"
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(pem), str(secret)


def test_no_setting_of_the_environment_switches_anything_off_R20(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    host = Host(ok())
    assert host.ask().status == 200
    assert json.loads(host.requests[0].content or b"{}") == {}


# --- answers that say in their body what others say by the status -----------------------------------------------------


class Telling(Host):
    """A host that says it is throttled, or unwell, with status 200."""

    def __init__(self, *answers: httpx.Response, clock: FakeClock | None = None) -> None:
        super().__init__(*answers, clock=clock)
        self.http = Http(
            "my-shop",
            "https://shop.example/api/",
            Ports(self.clock, random.Random(1), httpx.MockTransport(self._answer)),
            requests_per_second=100,
            burst=100,
            fixes=Fixes(access="Make a new key.", address="Copy the address."),
            auth=httpx.BasicAuth(KEY, SECRET),
            said=lambda answer: Said(**answer.json) if answer.json != {"ok": True} else Said(),  # type: ignore[arg-type]
        )


@pytest.mark.parametrize("idempotent", [True, False])
def test_a_host_that_says_wait_in_its_body_is_waited_for_also_with_a_write(idempotent: bool) -> None:
    """Nothing was done: sending it again is no second time."""
    host = Telling(ok({"wait": 6.0}), ok())
    assert host.ask("POST", idempotent=idempotent).json == {"ok": True}
    assert host.times[1] - host.times[0] >= 6


def test_trouble_told_in_the_body_is_trouble_a_read_is_repeated_and_a_write_may_have_been_done() -> None:
    assert Telling(ok({"unwell": True}), ok()).ask("POST").json == {"ok": True}
    host = Telling(ok({"unwell": True}), ok())
    failed = host.fails("POST", idempotent=False)
    assert (failed.kind, failed.reached, len(host.requests)) == ("host", True, 1)


def test_too_many_calls_told_in_the_body_make_fewer_of_them() -> None:
    for slower in (False, True):
        host = Telling(ok({"wait": 0.0, "slower": slower}), ok())
        assert host.ask("POST", idempotent=False).json == {"ok": True}
        assert host.http.slowed == slower


@pytest.mark.parametrize("status", [401, 403, 429])
def test_where_the_body_says_what_is_wrong_the_status_says_nothing_of_the_access(status: int) -> None:
    """A marketplace that refuses a quantity as it refuses a key is asked in its own words (Shopee's error_auth)."""
    host = Telling(httpx.Response(status, json={"told": True}))
    assert host.ask("POST", idempotent=False).status == status
    assert Telling(httpx.Response(401, json={"told": False})).fails().kind == "access"


def test_retry_after_may_have_a_fraction() -> None:
    host = Host(page(429, **{"Retry-After": "2.5"}), ok())
    host.ask()
    assert host.times[1] - host.times[0] >= 2.5
    assert Host(page(429, **{"Retry-After": "1.2.3"})).fails().retry_after is None


# --- files at another address -----------------------------------------------------------------------------------------


def download(host: Host, url: str) -> list[str]:
    found: list[str] = []
    asyncio.run(host.http.download(url, found.append))
    return found


def test_a_file_is_read_line_by_line_and_its_host_is_given_no_key_R17() -> None:
    host = Host(httpx.Response(200, text='{"a": 1}\n{"b": 2}\n\n'))
    assert download(host, "https://files.example/x?signature=abc") == ['{"a": 1}', '{"b": 2}']
    (request,) = host.requests
    assert "authorization" not in request.headers and request.url.host == "files.example"


@pytest.mark.parametrize("url", ["http://files.example/x", "ftp://files.example/x", "file:///etc/passwd", "nonsense"])
def test_a_file_comes_from_a_safe_address_only(url: str) -> None:
    host = Host(httpx.Response(200, text="x\n"))
    with pytest.raises(CallFailed):
        download(host, url)
    assert host.requests == []


def test_a_file_that_is_refused_broken_off_or_too_large_is_a_failed_call(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CallFailed, match="status 403"):
        download(Host(page(403)), "https://files.example/x")
    with pytest.raises(CallFailed):
        download(Host(httpx.ReadError("gone")), "https://files.example/x")
    monkeypatch.setattr("agent.channels.http.LARGEST_DOWNLOAD", 10)
    with pytest.raises(CallFailed, match="more than"):
        download(Host(httpx.Response(200, text="123456\n" * 3)), "https://files.example/x")
