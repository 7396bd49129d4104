"""`python -m agent.channels.shopee sign < vector.json`."""

from __future__ import annotations

import sys

from agent.channels import sign_command
from agent.channels.shopee.signing import of_vector

if __name__ == "__main__":
    sys.exit(sign_command.run("shopee", of_vector))
