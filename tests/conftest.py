"""For every test: a busy machine is no failure, so no example has a deadline; frames of twenty rows need one thread."""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")

from hypothesis import settings

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
