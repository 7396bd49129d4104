"""`python -m agent.channels.takealot sign < vector.json`: the signature of a message that Takealot sends.

Calls to Takealot are not signed, and Stocksheet opens no port that its messages could reach. This is here so that the
rule can be held against others' figures: lower-case hex of HMAC-SHA256(secret, body), in `X-Takealot-Signature`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys


def sign(secret: str, body: str) -> str:
    """The signature of a body, byte for byte as it came."""
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()


def main(arguments: list[str]) -> int:
    """Reads `{"inputs": {"secret": ..., "body": ...}}`, or the inputs alone."""
    if arguments != ["sign"]:
        sys.stderr.write("Say: sign < vector.json\n")
        return 2
    given = json.load(sys.stdin)
    inputs = given.get("inputs", given)
    sys.stdout.write(sign(inputs["secret"], inputs["body"]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
