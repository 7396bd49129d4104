"""Etsy's refusals, in its own words, as far as they are on record (vendor's issue tracker)."""

from __future__ import annotations


class Refusal(Exception):
    """An answer that is a refusal: its status, its error, and what is told of it besides."""

    def __init__(self, status: int, error: str, description: str | None = None) -> None:
        super().__init__(error)
        self.status, self.error, self.description = status, error, description


NO_SECRET = (403, "Shared secret is required in x-api-key header.")
WRONG_KEY = (401, "Invalid API key.")
EXPIRED = (401, "invalid_token", "access token is expired")
REVOKED = (401, "invalid_token", "access token is revoked")
NO_SCOPE = (403, "insufficient_scope", "The access token lacks a scope that this call needs.")
BAD_CODE = (400, "invalid_grant", "code is invalid or expired")
BAD_VERIFIER = (400, "invalid_grant", "code_verifier is invalid")
BAD_REFRESH = (400, "invalid_grant", "refresh_token is revoked")
OLD_REFRESH = (400, "invalid_grant", "refresh_token is expired")
WRONG_CLIENT = (400, "invalid_client", "client_id is not known")
PER_SECOND = (429, "Exceeded per second rate limit")
PER_DAY = (429, "Exceeded daily rate limit")
NOT_FOUND = (404, "Resource not found")
NO_PATH = (404, "The requested path was not found.")
ALL_ZERO = (400, "One offering must have quantity greater than 0")
OUT_OF_RANGE = (400, "The quantity of an offering must be between 0 and 999.")
SUM_TOO_LARGE = (400, "There was a problem with /quantity : cannot be greater than 999")
SUM_EMPTY = (400, "There was a problem with /quantity : cannot be empty")
NO_VALUES = (400, "Property values can't be empty")
TWICE = (400, "Two products have the same property values.")
NOT_ON_PROPERTY = (400, "The supplied values are not compatible with the *_on_property fields.")
FROZEN = (403, "This listing is not publishable because it's frozen")
CONFLICT = (409, "The listing was changed by another request.")
SERVER = (500, "Server Error")
