"""The log: plain sentences in a file of the data folder that puts itself aside when it is full (R6).

    logging.getLogger(__name__).info("5 quantities pushed.", extra={"channel": "etsy", "count": 5})

writes `2026-11-22 14:03:05Z info 5 quantities pushed. (channel=etsy count=5)`. Only the fields of `FIELDS` are written.
Every line, tracebacks included, goes through the `Redactor`.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

from agent.config import LogSettings
from agent.ports import Clock, SystemClock

ROOT = "agent"
"""The logger above all modules of the package."""
FILE = "stocksheet.log"
FIELDS = (
    "channel", "listing", "cell", "sku", "order", "lane", "count", "quantity", "target", "code", "kind", "status",
    "seconds", "tab", "generation", "run",
)  # fmt: skip
"""What may stand behind a sentence. Nothing else of a record is written."""
LEVELS = {"quiet": logging.WARNING, "normal": logging.INFO, "detailed": logging.DEBUG}
HIDDEN = "***"
_OURS = "stocksheet"

_SHORTEST = 6
"""A shorter secret would blacken ordinary words."""
_NAMES = (
    r"access[_-]?token|refresh[_-]?token|id[_-]?token|consumer[_-]?(?:key|secret)|client[_-]?secret|app[_-]?secret|"
    r"partner[_-]?key|api[_-]?key|x-[\w-]*(?:token|key|sec[\w.]*)|authorization|set-cookie|cookie|password|secret|sign"
)
_PATTERNS = [
    # what stands behind a telling name: header, JSON, form; with its Bearer or Basic
    (re.compile(rf"""(?i)\b({_NAMES})(["']?\s*[:=]\s*["']?)((bearer|basic)\s+)?[^\s"',;&)}}]+"""), rf"\1\2{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=|-]{6,}"), rf"\1 {HIDDEN}"),
    # what is in an address: user and password, and everything asked for
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@\"']+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"\?[^\s\"'<>?]*=[^\s\"'<>]*"), f"?{HIDDEN}"),
    # what begins like a token of a known platform
    (re.compile(r"\bshp(?:at|ss|ca|pa|ua|rt)_\w+"), HIDDEN),
    (re.compile(r"\bc[ks]_[0-9A-Za-z]{8,}"), HIDDEN),
    (re.compile(r"\bAtz[ar]\|[\w.~+/=|-]+"), HIDDEN),
    (re.compile(r"\bya29\.[\w.-]+"), HIDDEN),
    (re.compile(r"\b1//[\w-]{10,}"), HIDDEN),
    (re.compile(r"\bEAA[0-9A-Za-z]{16,}"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),
    # a buyer's e-mail address (R8)
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), HIDDEN),
]


class Redactor:
    """Takes secrets out of a text: by what they look like, and by the exact value of each one that was loaded."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._exact: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Learn a secret, and its URL-encoded, JSON and base64 forms."""
        if len(secret) < _SHORTEST:
            return
        self._forms |= {
            secret,
            quote(secret),
            quote(secret, safe=""),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            *_base64(secret),
        }
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._exact = re.compile("|".join(re.escape(form) for form in longest_first))

    def clean(self, text: str) -> str:
        """The text without secrets."""
        if self._exact:
            text = self._exact.sub(HIDDEN, text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text


def _base64(secret: str) -> set[str]:
    """How it stands inside base64, wherever it begins there (as in `Basic`, behind a user's name)."""
    raw, found = secret.encode(), set()
    for shift, skip in ((0, 0), (1, 2), (2, 3)):
        text = base64.b64encode(b"\0" * shift + raw).decode()
        certain = text[skip : (len(raw) + shift) * 8 // 6]
        found |= {certain, certain.replace("+", "-").replace("/", "_")}
    return found


redactor = Redactor()
"""The one of the running program: `open_secrets(kind, folder, redactor.add)`."""


class Lines(logging.Formatter):
    """One record -> one line: time, level, sentence, allowed fields; a traceback below."""

    def __init__(self, clock: Clock, clean: Redactor, *, tracebacks: bool = True) -> None:
        super().__init__()
        self._clock = clock
        self._clean = clean
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """The line. What is not ours in it (cells, shops) cannot begin a line of its own."""
        now: datetime = self._clock.now()
        fields = " ".join(f"{name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name))
        sentence = _one_line(record.getMessage() + (f" ({fields})" if fields else ""))
        line = f"{now:%Y-%m-%d %H:%M:%S}Z {record.levelname.lower()} {sentence}"
        if record.exc_info and self._tracebacks:
            line += "\n" + self.formatException(record.exc_info)
        return self._clean.clean(line)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


class OwnFileHandler(RotatingFileHandler):
    """A rotating file that only its owner can read. A log that cannot be written never stops the agent."""

    def _open(self) -> Any:
        stream = super()._open()
        if Path(self.baseFilename).stat().st_mode & 0o077:
            Path(self.baseFilename).chmod(0o600)
        return stream

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the library's name)
        """Say nothing: the disk is full or the file is held elsewhere, and stock goes before the log."""


def start(
    folder: Path, settings: LogSettings, clock: Clock | None = None, screen: TextIO | None = None
) -> logging.Logger:
    """Begin to log into `folder`, and warnings to the screen (stderr). Called again, it replaces what was set up.

    Warnings of the libraries are taken in, too: nothing reaches file or screen that was not redacted.
    """
    stop()
    lines = Lines(clock or SystemClock(), redactor)
    size = int(settings.megabytes * 1_000_000)
    file = OwnFileHandler(folder / FILE, maxBytes=size, backupCount=int(settings.files), encoding="utf-8", delay=True)
    shown = logging.StreamHandler(screen or sys.stderr)
    shown.setLevel(logging.WARNING)
    file.setFormatter(lines)
    shown.setFormatter(Lines(clock or SystemClock(), redactor, tracebacks=False))  # a person is told the sentence alone
    for handler in (file, shown):
        handler.set_name(_OURS)
        logging.getLogger().addHandler(handler)
    logger = logging.getLogger(ROOT)
    logger.setLevel(LEVELS[settings.level])
    return logger


def stop() -> None:
    """Close the log."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.name == _OURS]:
        root.removeHandler(handler)
        handler.close()


def path(folder: Path) -> Path:
    """Where the log lies."""
    return folder / FILE
