"""Commands whose work comes with later issues: named, so that nobody looks for them in vain, and honest."""

import argparse

from console.cli.words import WRONG_USE, Subparsers, add_command, say

LATER = {
    "gateway": "与其他系统的 HTTP 交换、警组和联动单位网页",
    "mappack": "地图包制作与检查",
    "replay": "按日志回放",
    "report": "统计报表",
}


def add(subparsers: Subparsers) -> None:
    """Declare the commands; whatever arguments they get, the answer is the same."""
    for name, about in LATER.items():
        parser = add_command(subparsers, name, _later, f"{about}（将随后续版本提供）")
        parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def _later(options: argparse.Namespace) -> int:
    say(f"{options.command}：将随后续版本提供（{LATER[options.command]}）")
    return WRONG_USE
