"""For every test: a busy machine is no failure, so no example has a deadline; frames of twenty rows need one thread
on one core."""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")

from hypothesis import settings

from tests.cores import stay_on_one

stay_on_one(int(os.environ.get("PYTEST_XDIST_WORKER", f"gw{os.getpid()}").removeprefix("gw")))

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
