"""Amazon's marketplaces: how each is called in the API, which host serves it, and where its pages are (vendor's lists
`marketplace-ids` and `sp-api-endpoints`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Market:
    """One country's Amazon."""

    country: str
    id: str
    region: str
    domain: str

    @property
    def host(self) -> str:
        """Where its calls go."""
        return f"https://sellingpartnerapi-{self.region}.amazon.com"

    def with_neighbours(self, ids: Iterable[str]) -> tuple[str, ...]:
        """This one's id, and those of these marketplaces in its region that are known: what one seller sells of a SKU
        there comes off one quantity (vendor's help on unified accounts, and what the API was seen to do)."""
        here = {market.id for market in MARKETS.values() if market.region == self.region and market is not self}
        return (self.id, *sorted(here & {*ids}))

    @property
    def encoding(self) -> str:
        """How its reports are written where they are not UTF-8."""
        return "cp932" if self.country == "JP" else "cp1252"


_KNOWN = """
CA A2EUQ1WTGCTBG2 na amazon.ca
US ATVPDKIKX0DER na amazon.com
MX A1AM78C64UM0Y8 na amazon.com.mx
BR A2Q3Y263D00KWC na amazon.com.br
IE A28R8C7NBKEWEA eu amazon.ie
ES A1RKKUPIHCS9HS eu amazon.es
UK A1F83G8C2ARO7P eu amazon.co.uk
FR A13V1IB3VIYZZH eu amazon.fr
BE AMEN7PMS3EDWL eu amazon.com.be
NL A1805IZSGTT6HS eu amazon.nl
DE A1PA6795UKMFR9 eu amazon.de
IT APJ6JRA9NG5V4 eu amazon.it
SE A2NODRKZP88ZB9 eu amazon.se
ZA AE08WJ6YKNBMC eu amazon.co.za
PL A1C3SOZRARQ6R3 eu amazon.pl
EG ARBP9OOSHTCHU eu amazon.eg
TR A33AVAJ2PDY3EV eu amazon.com.tr
SA A17E79C6D8DWNP eu amazon.sa
AE A2VIGQ35RCS4UG eu amazon.ae
IN A21TJRUUN4KGV eu amazon.in
SG A19VAU5U5O7RUS fe amazon.sg
AU A39IBJ37TRP1C6 fe amazon.com.au
JP A1VC38T7YXB528 fe amazon.co.jp
"""
MARKETS = {market.country: market for market in (Market(*line.split()) for line in _KNOWN.split("\n") if line)}


def market_of(typed: str) -> Market | None:
    """By its two letters, its domain or its id; None where there is no such Amazon."""
    wanted = typed.strip().casefold().removeprefix("https://").removeprefix("www.").rstrip("/")
    wanted = "uk" if wanted == "gb" else wanted
    named = {name: each for each in MARKETS.values() for name in (each.country, each.id, each.domain)}
    return next((each for name, each in named.items() if name.casefold() == wanted), None)
