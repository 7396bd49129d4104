"""Ending a command that runs for ever: Ctrl-C and SIGTERM end it cleanly, with exit 0."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("agent.workbooks.starter")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are not sent on Windows")
ROOT = Path(__file__).parents[2]


def ended(command: list[str], said: str, by: signal.Signals) -> tuple[int, str]:
    """Start a command, wait until it has said something, send the signal: (exit code, everything that it said)."""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "agent", *command],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        lines = []
        for line in running.stdout:
            lines.append(line)
            if said in line:
                running.send_signal(by)
                break
        lines += running.stdout.readlines()
        return running.wait(60), "".join(lines)


def test_ctrl_c_ends_the_demo_and_its_folder_stays(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    code, told = ended(["demo", "--folder", str(folder), "--items", "30"], "Nothing was pushed yet", signal.SIGINT)
    assert code == 0, told
    assert "The demo has ended." in told
    assert "Traceback" not in told
    assert next(folder.glob("*.xlsx")).stat().st_size > 5000


def test_sigterm_ends_run_and_the_folder_is_free_again(place) -> None:  # type: ignore[no-untyped-def]
    code, told = ended(["run", "--config", str(place.config)], "The first plan for my-shop", signal.SIGTERM)
    assert code == 0, told
    assert "Stocksheet has ended." in told
    assert place.run("sync") == 1  # the lock is free, and the first plan still waits
