"""The token calls and the door before all others: partner, time, signature, token, permission (in that order)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any

from agent.practice.base import Pair
from agent.practice.shopee import wording
from agent.practice.shopee.declared import endpoints
from agent.practice.shopee.shop import ACCESS_LIFE, Shop
from agent.practice.shopee.wording import Refusal, gateway
from agent.practice.wire import Request, whole

SKEW = timedelta(minutes=5)


def signed(shop: Shop, path: str, query: dict[str, str]) -> str:
    """The signature that belongs to a call: partner, path, time, and for a shop's calls its token and number."""
    base = f"{query.get('partner_id', '')}{path}{query.get('timestamp', '')}"
    if endpoints()[path]["kind"] == "shop":
        base += query.get("access_token", "") + query.get("shop_id", "")
    return hmac.new(shop.partner_key.encode(), base.encode(), hashlib.sha256).hexdigest()


def admit(shop: Shop, request: Request) -> None:
    """Raises Refusal where the caller is not who it must be."""
    query = dict(request.query)
    if request.path not in endpoints():
        raise gateway(*wording.NO_SUCH_PATH)
    if shop.faults.address_unknown:
        raise gateway(*wording.ADDRESS)
    if query.get("partner_id") != str(shop.partner_id):
        raise gateway(*wording.WRONG_PARTNER)
    _in_time(shop, query.get("timestamp", ""))
    if "sign" not in query:
        raise gateway(*wording.NO_SIGN)
    if not hmac.compare_digest(signed(shop, request.path, query).encode(), query["sign"].encode()):
        raise gateway(*wording.WRONG_SIGN)
    if endpoints()[request.path]["kind"] == "shop":
        _token(shop, query)
    if shop.status == "BANNED":
        raise gateway(*wording.BANNED)
    if not shop.may_write and request.path.endswith("update_stock"):
        raise gateway(*wording.NOT_ALLOWED)


def _in_time(shop: Shop, said: str) -> None:
    if (at := whole(said)) is None:
        raise gateway(*wording.WRONG_TIME)
    if abs(shop.server_now().timestamp() - at) > SKEW.total_seconds():
        raise gateway(*wording.LATE)


def _token(shop: Shop, query: dict[str, str]) -> None:
    if "access_token" not in query:
        raise gateway(*wording.NO_TOKEN)
    if not shop.linked or query.get("shop_id") != str(shop.shop_id):
        raise gateway(*wording.NOT_LINKED)
    if not shop.knows(query["access_token"]) or shop.faults.strikes("expired_token", shop.rng):
        raise gateway(*(wording.BAD_TOKEN_TOO if shop.faults.wrong_token_twice else wording.BAD_TOKEN))


def exchange_code(shop: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    """POST /auth/token/get: a code, good once and for ten minutes, against the first pair."""
    code = str(asked["code"])
    if code not in shop.codes or asked.get("shop_id") != shop.shop_id:
        raise Refusal(*wording.BAD_CODE)
    if shop.codes.pop(code) < shop.moment():
        raise Refusal(*wording.OLD_CODE)
    return {**_told(shop.new_pair()), "shop_id_list": [shop.shop_id]}


def refresh(shop: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    """POST /auth/access_token/get: a refresh token, good once, against the next pair."""
    pair = shop.pair_with(asked["refresh_token"])
    if not shop.linked:
        raise Refusal(*wording.NOT_LINKED)
    if pair is None or pair.used or asked.get("shop_id") != shop.shop_id:
        raise Refusal(*wording.BAD_REFRESH)
    if pair.refresh_ends < shop.moment():
        raise Refusal(*wording.OLD_REFRESH)
    pair.used = True
    return {**_told(shop.new_pair()), "partner_id": shop.partner_id, "shop_id": shop.shop_id}


def _told(pair: Pair) -> dict[str, Any]:
    life = int(ACCESS_LIFE.total_seconds())
    return {"access_token": pair.access, "refresh_token": pair.refresh, "expire_in": life}
