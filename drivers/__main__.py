"""python -m drivers: decode, simulate, ports, monitor; for technicians, scripts and acceptance tests."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from drivers.commands import decode, monitor, ports, simulate

COMMANDS = (decode, simulate, ports, monitor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 good, 1 a failure said in one line, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m drivers", description="Talk to one-key alarm equipment.")
    subparsers = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except (KeyboardInterrupt, BrokenPipeError):
        return 0
    except ValueError as problem:
        return _say(str(problem), 2)
    except OSError as problem:
        named = problem.filename is not None
        return _say(f"{problem.filename}: {problem.strerror}" if named else str(problem), 1)


def _say(problem: str, code: int) -> int:
    print(f"drivers: {problem}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
