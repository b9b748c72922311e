"""python -m console <command>: the command line contract's front door.

Bad input, a missing port, a full disk, an absent database: one clear sentence on stderr and exit 1, never a
traceback. `console.app` (windows) is loaded only by the commands that open one. Each command logs to stderr and
to a file of its own (`console.logs`).
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import freeze_support

from console.cli import (
    asking,
    exporting,
    journal,
    keeping,
    later,
    learning,
    protocols,
    receiving,
    spooling,
    users,
    windows,
)
from console.cli.words import FAILED, GOOD, say
from console.domain.clock import system_clock
from console.domain.errors import EnvironmentFault, UserError
from console.logs import open_logs
from console.settings import load_settings

log = logging.getLogger("console")

SWITCH_S = 0.0005
"""How long a busy thread may keep the others waiting. Python's 5 ms cost the ACK 2 ms (p50 4.0 to 2.2 ms measured)."""


def program_version() -> str:
    """The version this program was installed as."""
    try:
        return version("console110")
    except PackageNotFoundError:
        return "（未安装，源码运行）"


def build_parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = argparse.ArgumentParser(prog="python -m console", description="110 接处警指挥台")
    parser.add_argument("--version", action="version", version=f"console110 {program_version()}")
    parser.add_argument(
        "--log", default="WARNING", choices=("DEBUG", "INFO", "WARNING", "ERROR"), help="日志级别（写到标准错误）"
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (
        windows,
        receiving,
        asking,
        journal,
        keeping,
        protocols,
        learning,
        exporting,
        users,
        spooling,
        later,
    ):
        module.add(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; answers the exit code."""
    parser = build_parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown and options.command not in later.LATER:
        parser.error(f"不认识的参数：{' '.join(unknown)}")
    sys.setswitchinterval(SWITCH_S)
    settings = load_settings(getattr(options, "config", None)).settings
    seat = getattr(options, "seat", None) or settings.seat
    kept = {"stderr_level": options.log, "log_days": settings.log_days, "log_mb": settings.log_mb}
    with open_logs(settings.data_folder, seat, options.command, system_clock, **kept):
        return _carry_out(options)


def _carry_out(options: argparse.Namespace) -> int:
    """Run the command; what went wrong becomes a sentence and an exit code."""
    log.info("%s begins, version %s", options.command, program_version())
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
    except Exception:
        log.exception("%s: fault of our own", options.command)
        say(f"程序内部错误（{options.command}），详情见运行日志；请保存日志并报告")
    finally:
        log.info("%s ends", options.command)
    return FAILED


if __name__ == "__main__":
    freeze_support()
    sys.exit(main())
