"""ports: what is plugged in, by identity, so that a line can be named by it and not by a passing name."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from drivers.streams import plugged_in

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("ports", help="list serial ports with vid, pid, serial number and product")
    parser.add_argument("--json", action="store_true", help="one JSON object a port")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print one line for each port; none at all is a good answer too."""
    for port in plugged_in():
        if options.json:
            print(json.dumps(port, ensure_ascii=False))
        else:
            print("  ".join(str(value) for value in port.values() if value))
    return 0
