"""`python -m agent.channels.takealot sign < vector.json`: the signature of a message that Takealot sends.

Calls to Takealot are not signed, and Stocksheet opens no port that its messages could reach. This is here so that the
rule can be held against others' figures: lower-case hex of HMAC-SHA256(secret, body), in `X-Takealot-Signature`.
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from collections.abc import Mapping
from typing import Any

from agent.channels import sign_command
from agent.channels.sign_command import text


def of_vector(inputs: Mapping[str, Any]) -> str:
    """The signature of a body, byte for byte as it came: `secret`, `body`. Raises KeyError, ValueError."""
    secret, body = text(inputs, "secret"), text(inputs, "body", "")
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()


if __name__ == "__main__":
    sys.exit(sign_command.run("takealot", of_vector))
