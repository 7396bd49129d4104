"""The token endpoint: a service account's signed request, a refresh token, a code from the consent page (PKCE)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from agent.practice.google.errors import answered
from agent.practice.google.service import SELLER, TOKEN_LIFE, Google
from agent.practice.wire import Request, Response

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = "https://www.googleapis.com/auth/spreadsheets https://www.googleapis.com/auth/drive"


def service_account(google: Google, email: str, base: str) -> dict[str, str]:
    """A key file for a service account that this Google knows from now on. `base`: where its token endpoint is."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    google.keys[email] = public.decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "stocksheet-practice",
        "private_key_id": "practice-key",
        "private_key": private.decode(),
        "client_email": email,
        "client_id": "100000000000000000000",
        "auth_uri": f"{base}/o/oauth2/v2/auth",
        "token_uri": f"{base}/token",
    }


def token(google: Google, request: Request) -> Response:
    """POST /token."""
    asked = dict(request.form())
    grants = {JWT_BEARER: _signed, "refresh_token": _refreshed, "authorization_code": _coded}
    grant = grants.get(asked.get("grant_type", ""))
    if grant is None:
        return _refused("unsupported_grant_type", f"Invalid grant_type: {asked.get('grant_type', '')}")
    if google.faults.strikes("token_refused", google.rng):
        return _refused("invalid_grant", "Token has been expired or revoked.")
    return grant(google, asked)


def _refused(code: str, sentence: str, status: int = 400) -> Response:
    return answered({"error": code, "error_description": sentence}, status)


def _given(google: Google, email: str, scope: str = SCOPES, **more: str) -> Response:
    told: dict[str, Any] = {"access_token": google.new_token(email), "expires_in": int(TOKEN_LIFE.total_seconds())}
    return answered({**told, "scope": scope, "token_type": "Bearer", **more})


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _signed(google: Google, asked: dict[str, str]) -> Response:
    try:
        head, body, signature = asked.get("assertion", "").split(".")
        claims = json.loads(_decoded(body))
        email = str(claims["iss"])
    except (ValueError, KeyError, TypeError):
        return _refused("invalid_grant", "Invalid JWT: Failed to parse assertion.")
    if email not in google.keys:
        if google.open_to_all:
            return _given(google, email, str(claims.get("scope", SCOPES)))
        return _refused("invalid_grant", "Invalid grant: account not found")
    if not _verified(google.keys[email], f"{head}.{body}".encode(), _decoded(signature)):
        return _refused("invalid_grant", "Invalid JWT Signature.")
    now = google.clock().timestamp()
    if not (claims.get("iat", 0) - 300 <= now <= claims.get("exp", 0) + 300):
        sentence = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
        return _refused("invalid_grant", f"{sentence} Check your iat and exp values in the JWT claim.")
    return _given(google, email, str(claims.get("scope", SCOPES)))


def _verified(public: str, signed: bytes, signature: bytes) -> bool:
    key = serialization.load_pem_public_key(public.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _client(google: Google, asked: dict[str, str]) -> bool:
    known = google.clients.get(asked.get("client_id", ""))
    return google.open_to_all or (known is not None and known == asked.get("client_secret", known))


def _refreshed(google: Google, asked: dict[str, str]) -> Response:
    if not _client(google, asked):
        return _refused("invalid_client", "The OAuth client was not found.", 401)
    email = google.refresh_tokens.get(asked.get("refresh_token", ""))
    if email is None and not google.open_to_all:
        return _refused("invalid_grant", "Token has been expired or revoked.")
    return _given(google, email or SELLER)


def _coded(google: Google, asked: dict[str, str]) -> Response:
    if not _client(google, asked):
        return _refused("invalid_client", "The OAuth client was not found.", 401)
    email, challenge = google.codes.pop(asked.get("code", ""), ("", ""))
    if not email:
        return _refused("invalid_grant", "Malformed auth code.")
    digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
    if challenge and base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
        return _refused("invalid_grant", "Invalid code verifier.")
    kept = f"1//practice-{google.rng.getrandbits(96):024x}"
    google.refresh_tokens[kept] = email
    return _given(google, email, refresh_token=kept)


def consent(google: Google, request: Request) -> Response:
    """GET /o/oauth2/v2/auth: the person agrees at once, and is sent back with a code. `login_hint` says who it is."""
    asked = dict(request.query)
    back = asked.get("redirect_uri", "")
    if asked.get("client_id") not in google.clients and not google.open_to_all:
        return _refused("invalid_client", "The OAuth client was not found.", 401)
    if not back.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]")):
        return _refused("redirect_uri_mismatch", "The redirect URI in the request does not match.")
    code = f"4/practice-{google.rng.getrandbits(96):024x}"
    google.codes[code] = (asked.get("login_hint") or SELLER, asked.get("code_challenge", ""))
    told = {"code": code, "scope": asked.get("scope", SCOPES)} | ({"state": asked["state"]} if "state" in asked else {})
    return Response(302, b"", {"Location": f"{back}?{urlencode(told)}"})


def revoke(google: Google, request: Request) -> Response:
    """POST /revoke: a token or refresh token is taken back."""
    asked = dict(request.form()) | dict(request.query)
    gone = asked.get("token", "")
    if google.tokens.pop(gone, None) is None and google.refresh_tokens.pop(gone, None) is None:
        return _refused("invalid_token", "Token expired or revoked")
    return answered({})
