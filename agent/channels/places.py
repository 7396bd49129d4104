"""Which of a shop's places Stocksheet keeps: asked for once, and again where they seem to be others now."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from agent.channels.base import ChannelOut
from agent.words import in_words


class Called(Protocol):
    """A place as its shop calls it."""

    @property
    def id(self) -> str | int: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Place:
    """A warehouse. `id`: what stock carries of it."""

    id: str
    name: str


Ask = TypeVar("Ask")
Found = TypeVar("Found", bound=Called)
Chosen = TypeVar("Chosen")


class Kept(ABC, Generic[Ask, Found, Chosen]):
    """The places of one shop. `Ask`: what asks its questions; `Chosen`: what is known of the one that is kept."""

    _chosen: Chosen

    def __init__(self, name: str, wanted: str) -> None:
        """`name`: the channel's. `wanted`: a place's name or id; "" where there is only one."""
        self._name, self._wanted = name, wanted
        self._known = False

    @abstractmethod
    async def all(self, ask: Ask) -> Sequence[Found]:
        """Every place that could be meant. Raises ChannelOut."""

    @abstractmethod
    def _choose(self, found: Sequence[Found]) -> Chosen:
        """Of these. Raises ChannelOut `access` where a person must say which."""

    async def chosen(self, ask: Ask, *, again: bool = False) -> Chosen:
        """The one that is kept. Raises ChannelOut, `access` where it must be chosen."""
        if again or not self._known:
            found = await self.all(ask)
            self.forget()  # what was known is so no more, whatever is found
            self._chosen = self._choose(found)
            self._known = True
        return self._chosen

    def forget(self) -> None:
        """Something showed that the places are others now."""
        self._known = False


def one_of(found: Sequence[Found], wanted: str) -> Found | None:
    """The one that is wanted, by its name or id, or the only one; None where that is not one."""
    asked = wanted.casefold()
    fitting = [each for each in found if asked in ("", each.name.casefold(), str(each.id).casefold())]
    return fitting[0] if len(fitting) == 1 else None


def named(found: Sequence[Called]) -> str:
    """Their names, with the ids that tell two of one name apart."""
    return ", ".join(f"{each.name} ({each.id})" for each in found)


def which_warehouse(name: str, wanted: str, found: Sequence[Called], setting: str = "location") -> ChannelOut:
    """None of the warehouses is the one that is wanted, or it is not said which; they are named. `setting`: its key."""
    several = not wanted or any(wanted.casefold() == each.name.casefold() for each in found)
    sentence = "places.several_warehouses" if several else "places.no_warehouse_called"
    what = in_words(sentence, name=name, wanted=wanted, names=named(found))
    return ChannelOut("access", what, in_words("places.name_the_warehouse", channel=name, setting=setting))
