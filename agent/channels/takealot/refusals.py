"""Why Takealot refused a quantity, in words for the seller: the codes of its Seller API that a quantity can meet."""

from __future__ import annotations

from agent.words import in_words

INACTIVE = "E29"
"""The whole account: the channel is stopped."""
NOT_THERE = in_words("takealot.not_there")
KNOWN = {
    "E9": "takealot.e9", "E15": "takealot.e15", "E16": "takealot.e16", "E17": "takealot.e17", "E18": "takealot.e18",
    INACTIVE: "takealot.e29", "E30": "takealot.e30", "E31": "takealot.e31", "E32": "takealot.e32",
    "E33": "takealot.e33",
}  # fmt: skip


def refusal(code: str, said: str) -> str:
    """The sentence; what Takealot itself said where the code is not one of a quantity's."""
    if code in KNOWN:
        return in_words(KNOWN[code])
    return in_words("takealot.refused", said=said, code=code)
