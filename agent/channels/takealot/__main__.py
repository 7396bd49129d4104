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


def of_vector(inputs: Mapping[str, Any]) -> str:
    """The signature of a body, byte for byte as it came: `secret`, `body`. Raises KeyError."""
    return hmac.new(inputs["secret"].encode(), inputs["body"].encode(), hashlib.sha256).hexdigest()


if __name__ == "__main__":
    sys.exit(sign_command.main("takealot", of_vector, sys.argv[1:], sys.stdin, sys.stdout))
