"""For every test: a busy machine is no failure, so no example has a deadline; frames of twenty rows need one thread
on one core."""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import pytest
from hypothesis import settings

from tests.cores import stay_on_one

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    """Each worker has its core. Their parent has all: the workers are counted by its cores, and inherit them."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker or config.getoption("dist", "no") == "no":
        stay_on_one(int(worker.removeprefix("gw")) if worker else os.getpid())
