"""The `sign` command as strangers use it: their spellings of a vector, and inputs that are none."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from random import Random
from typing import Any

import pytest

from agent.channels import sign_command
from agent.channels.lazada.signing import of_vector as lazada
from agent.channels.shopee.signing import of_vector as shopee
from agent.channels.takealot.__main__ import of_vector as takealot
from agent.channels.tiktok.signing import of_vector as tiktok

PLATFORMS = {"lazada": lazada, "shopee": shopee, "takealot": takealot, "tiktok": tiktok}
LETTERS = [*'aZ0 +/=&%é中😀"\\\n~', "\u200f"]

MULTIPART = "Multipart/Form-Data"


def by_definition(key: str, message: str) -> str:
    """HMAC-SHA256 as RFC 2104 defines it, from nothing but the hash."""
    raw = key.encode() if len(key.encode()) <= 64 else sha256(key.encode()).digest()
    padded = raw.ljust(64, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in padded) + message.encode()).digest()
    return sha256(bytes(byte ^ 0x5C for byte in padded) + inner).hexdigest()


def any_text(rng: Random, longest: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(0, longest)))


def command(platform: str, said: bytes) -> tuple[int, str]:
    told = io.StringIO()
    return sign_command.main(platform, PLATFORMS[platform], ["sign"], io.BytesIO(said), told), told.getvalue()


def test_random_calls_are_signed_as_a_second_hand_signs_them_from_the_vendors_rules() -> None:
    rng = Random(5)
    for _ in range(100):
        key, body, path = any_text(rng, 90) or "k", any_text(rng, 200), f"/a/{rng.randint(0, 99)}"
        query = [[rng.choice("abcXYZ_"), any_text(rng, 9)] for _ in range(rng.randint(0, 6))]
        ordered = "".join(name + value for name, value in sorted(query, key=lambda pair: pair[0]))
        kind = rng.choice(["public", "shop", "merchant"])
        call = {"kind": kind, "partner_id": 7, "path": path, "timestamp": 8, "access_token": body, f"{kind}_id": 2**60}
        signed = f"7{path}8" if kind == "public" else f"7{path}8{body}{2**60}"
        assert shopee(call | {"partner_key": key}) == by_definition(key, signed)
        vector = {"app_secret": key, "path": path, "query": [*query, ["sign", "x"]], "body": body}
        assert tiktok(vector) == by_definition(key, key + path + ordered + body + key)
        params = dict(query)
        plain = path + "".join(name + params[name] for name in sorted(params))
        assert lazada({"app_secret": key, "path": path, "params": params}) == by_definition(key, plain).upper()
        assert takealot({"secret": key, "body": body}) == by_definition(key, body)


def test_a_name_that_comes_again_keeps_the_order_of_its_values() -> None:
    """TikTok's `ids`, repeated: only names are put in order, as its clients do."""
    vector = {"app_secret": "s", "path": "/p", "query": [["ids", "9"], ["ids", "10"], ["a", "1"]]}
    assert tiktok(vector) == by_definition("s", "s/pa1ids9ids10s")


@pytest.mark.parametrize(
    ("platform", "one", "other"),
    [
        ("shopee", {"partner_id": 7, "shop_id": 2**60}, {"partner_id": "7", "shop_id": str(2**60)}),
        ("lazada", {"params": {"b": 1, "a": "2"}}, {"params": [["a", 2], ["b", "1"], ["c", None]]}),
        ("lazada", {"path": "/seller/get"}, {"path": "/rest/seller/get"}),
        ("lazada", {"kind": "push", "app_key": 1, "body": "{}"}, {"app_key": "1", "body": "{}", "params": {}}),
        ("tiktok", {"query": [["a", "1"]], "body": None}, {"query": {"a": 1}, "body": ""}),
        ("tiktok", {"body": "x", "content_type": "multipart/form-data; boundary=b"}, {"content_type": MULTIPART}),
        ("takealot", {"body": ""}, {"body": None}),
    ],
)  # fmt: skip
def test_two_spellings_of_the_same_inputs_have_one_signature(platform: str, one: Any, other: Any) -> None:
    call: dict[str, dict[str, Any]] = {
        "shopee": {"kind": "shop", "partner_key": "k", "path": "/api/v2/x", "timestamp": 1, "access_token": "t"},
        "lazada": {"app_secret": "s", "path": "/seller/get", "params": {"a": "1"}},
        "tiktok": {"app_secret": "s", "path": "/p", "query": []},
        "takealot": {"secret": "s"},
    }
    if one.get("kind") == "push":
        other = {"kind": "push", **other}
    sign = PLATFORMS[platform]
    assert sign(call[platform] | one) == sign(call[platform] | other)


def test_a_vector_is_utf_8_with_or_without_a_mark_and_whatever_the_terminal_speaks() -> None:
    said = json.dumps({"inputs": {"secret": "s", "body": "é 中"}}, ensure_ascii=False)
    plain = command("takealot", said.encode())
    assert plain == (0, by_definition("s", "é 中") + "\n") == command("takealot", said.encode("utf-8-sig"))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_inputs_that_cannot_be_signed_are_refused_in_a_sentence(
    platform: str, capsys: pytest.CaptureFixture[str]
) -> None:
    half = b'{"secret": "\\ud800", "app_secret": {}, "kind": "push", "partner_key": "\\ud800"}'
    none = (b"", b"[", b"[]", b"null", b'"x"', b'{"inputs": null}', b'{"inputs": [1]}', b"{}", b"\xff\xfe\x00")
    for said in (*none, b"[" * 100_000, half):
        assert command(platform, said) == (2, "")
        told = capsys.readouterr().err
        assert told.startswith(("Missing: ", "Cannot be signed: ")) and "object has no" not in told
