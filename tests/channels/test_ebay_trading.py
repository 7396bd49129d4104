"""The contract suite once more, over an eBay account whose listings were made by hand: the Trading API, 4 a call."""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.channels import test_channel_contract as contract
from tests.channels.clock import FakeClock
from tests.channels.wire.ebay import EbayWorld


@pytest.fixture
def world() -> Iterator[EbayWorld]:
    made = EbayWorld(FakeClock(), random.Random(1), model="trading")
    made.channel.can = replace(made.channel.can, batch=4)
    yield made
    made.validate()


for _name, _test in vars(contract).items():
    if _name.startswith("test_") and "world" in inspect.signature(_test).parameters:
        globals()[_name] = _test
