"""No idle sleep while it runs, where the computer has a way to say so; never a fault where it has none."""

from __future__ import annotations

from agent.awake import kept_awake


def test_it_can_be_switched_off() -> None:
    with kept_awake(wanted=False) as awake:
        assert awake is False


def test_a_computer_without_such_a_service_is_no_fault() -> None:
    with kept_awake() as awake:
        assert awake in (True, False)


def test_the_computer_is_asked_while_it_runs_and_let_go_after(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """WAKEPY_FAKE_SUCCESS is the library's own way to act on a machine without a desktop."""
    monkeypatch.setenv("WAKEPY_FAKE_SUCCESS", "yes")
    with kept_awake() as awake:
        assert awake is True
