"""python -m console <command>: the command line contract's front door.

Bad input, a missing port, a full disk, an absent database: one clear sentence on stderr and exit 1, never a
traceback. `console.app` (windows) is loaded only by the commands that open one.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from multiprocessing import freeze_support

from console.cli import asking, keeping, later, receiving, spooling, windows
from console.cli.words import FAILED, GOOD, say
from console.domain.errors import EnvironmentFault, UserError

log = logging.getLogger("console")

SWITCH_S = 0.0005
"""How long a busy thread may keep the others waiting. Python's 5 ms cost the ACK 2 ms (p50 4.0 to 2.2 ms measured)."""


def build_parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = argparse.ArgumentParser(prog="python -m console", description="110 接处警指挥台")
    parser.add_argument(
        "--log", default="WARNING", choices=("DEBUG", "INFO", "WARNING", "ERROR"), help="日志级别（写到标准错误）"
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (windows, receiving, asking, keeping, spooling, later):
        module.add(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; answers the exit code."""
    parser = build_parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown and options.command not in later.LATER:
        parser.error(f"不认识的参数：{' '.join(unknown)}")
    logging.basicConfig(level=options.log, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.setswitchinterval(SWITCH_S)
    try:
        return int(options.run(options))
    except (UserError, EnvironmentFault) as problem:
        say(str(problem))
    except KeyboardInterrupt:
        say("已中断")
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD
    except OSError as problem:
        say(f"系统出错：{problem.strerror or problem}{f'（{problem.filename}）' if problem.filename else ''}")
    return FAILED


if __name__ == "__main__":
    freeze_support()
    sys.exit(main())
