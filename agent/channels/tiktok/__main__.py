"""`python -m agent.channels.tiktok sign < vector.json`."""

from __future__ import annotations

import sys

from agent.channels import sign_command
from agent.channels.tiktok.signing import of_vector

if __name__ == "__main__":
    sys.exit(sign_command.run("tiktok", of_vector))
