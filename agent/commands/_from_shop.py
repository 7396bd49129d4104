"""Items taken from a connected shop."""

import argparse

from agent.commands._screen import Screen


def run(chosen: argparse.Namespace, screen: Screen) -> int:
    """Later."""
    raise NotImplementedError
