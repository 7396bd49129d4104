"""A person at a real LibreOffice: opens, types, saves and closes a workbook, without a screen.

LibreOffice speaks UNO with a Python that has its bindings (Debian: python3-uno), seldom the one that runs the tests; so
this file is also run by that other Python, as a client that takes one command a line and answers with one line.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

_FEW = 90


@functools.cache
def python_with_uno():
    """A Python that can speak with LibreOffice, or None."""
    beside = [str(path) for path in Path(os.path.realpath(shutil.which("soffice") or "/")).parent.glob("python*")]
    for python in (sys.executable, "/usr/bin/python3", *beside):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run([python, "-c", "import uno"], check=True, capture_output=True, timeout=30)
            return python
    return None


def why_not():
    """Why there is no LibreOffice to try; empty where there is one."""
    if shutil.which("soffice") is None:
        return "LibreOffice is not installed here"
    return "" if python_with_uno() else "no Python here can speak with LibreOffice (python3-uno)"


class Office:
    """A LibreOffice of its own, with its own profile. Use as a context manager."""

    def __init__(self, folder: Path):
        self._folder, self._pipe = folder, f"stocksheet{uuid.uuid4().hex[:8]}"

    def __enter__(self):
        profile = f"-env:UserInstallation={(self._folder / 'profile').as_uri()}"
        listen = f"--accept=pipe,name={self._pipe};urp;"
        command = ["soffice", "--headless", "--norestore", "--nologo", profile, listen]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._office = subprocess.Popen(command, process_group=0, **quiet)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._client = subprocess.Popen([python_with_uno(), __file__, self._pipe], **pipes)
        self._answer()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, AssertionError):
            self.do("quit")
        self._client.kill()
        self._client.wait()
        try:
            self._office.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._office.pid, 9)
            self._office.wait()

    def do(self, *words):
        """One command: `open PATH`, `type TAB CELL VALUE`, `see TAB CELL`, `rename TAB NAME`, `save`, `close`, `tabs`.

        What would be a dialog for a person is an error here.
        """
        self._client.stdin.write("\t".join(str(word) for word in words) + "\n")
        self._client.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self._client.stdout.readline().rstrip("\n")
        assert line.startswith("ok"), f"LibreOffice: {line or 'no answer'}"
        return line[3:]


# --- run by the Python that has uno


def _client(pipe):
    import uno

    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(_FEW * 4):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            break
        except Exception:
            time.sleep(0.25)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    _say("ok")
    book = None
    for line in sys.stdin:
        verb, *words = line.rstrip("\n").split("\t")
        try:
            if verb == "open":
                book = desktop.loadComponentFromURL(Path(words[0]).as_uri(), "_blank", 0, ())
                answer = "read-only" if book.isReadonly() else "open"
            else:
                answer = _act(desktop, book, verb, words)
        except Exception as error:
            _say(f"error {type(error).__name__} {error}")
            continue
        _say(f"ok {answer}")
        if verb == "quit":
            return


def _say(line):
    sys.stdout.write(line.replace("\n", " ") + "\n")
    sys.stdout.flush()


def _act(desktop, book, verb, words):
    if verb == "type":
        cell = book.Sheets.getByName(words[0]).getCellRangeByName(words[1])
        with contextlib.suppress(ValueError):
            cell.Value = float(words[2])
            return words[2]
        cell.String = words[2]
    elif verb == "see":
        return book.Sheets.getByName(words[0]).getCellRangeByName(words[1]).String
    elif verb == "rename":
        book.Sheets.getByName(words[0]).Name = words[1]
    elif verb == "move":
        book.Sheets.moveByName(words[0], int(words[1]))
    elif verb == "save":
        book.store()
    elif verb == "close":
        book.close(True)
    elif verb == "tabs":
        return "|".join(book.Sheets.ElementNames)
    elif verb == "tables":
        return "|".join(book.DatabaseRanges.ElementNames)
    elif verb == "quit":
        with contextlib.suppress(Exception):
            desktop.terminate()
    return verb


if __name__ == "__main__":
    _client(sys.argv[1])
