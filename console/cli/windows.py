"""run, demo, screenshot, bench: what opens windows or measures. Their rooms are loaded only when asked for."""

import argparse
import importlib
from pathlib import Path
from typing import Any

from console.cli.words import WRONG_USE, Subparsers, add_command, add_database, add_json, say

BENCHES = ("alarm", "lines", "queue", "map", "route", "search", "store", "seats", "desk", "all")
WINDOWS = ("calltaker", "chief", "bench")
PICTURES = (*WINDOWS, "signon", "locked", "handover", "approvals")
"""What can be drawn: the windows, and states of a seat."""


def add(subparsers: Subparsers) -> None:
    """Declare the commands."""
    parser = add_command(subparsers, "run", run, "打开席位窗口")
    add_database(parser)
    _add_window(parser)
    parser.add_argument("--lang", choices=("zh", "en"))
    parser.add_argument("--theme", choices=("night", "day"))
    parser.add_argument("--line", action="append", default=[], metavar="NAME=PROTOCOL:PORT[,key=value…]")
    parser = add_command(subparsers, "demo", demo, "演示：一座演示城市的一刻钟；没有显示器时离屏快放并自行结束")
    add_database(parser)
    _add_window(parser)
    parser.add_argument("--seconds", type=float, metavar="N", help="演示多少秒后结束")
    parser.add_argument("--shots", type=Path, metavar="DIR", help="截图存放的文件夹")
    parser.add_argument("--speed", type=float, metavar="X", help="快放倍数")
    parser = add_command(subparsers, "screenshot", screenshot, "用演示数据绘制窗口并存为图片")
    parser.add_argument("window", choices=PICTURES, metavar="WINDOW")
    parser.add_argument("out", type=Path, metavar="OUT.png")
    parser.add_argument("--size", type=_size, default=(1920, 1080), metavar="1920x1080")
    parser.add_argument("--theme", choices=("night", "day"), default="night")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    parser.add_argument("--scale", type=float, default=1.0)
    parser = add_command(subparsers, "bench", bench, "性能测试，每个数字旁有同次运行的基准")
    parser.add_argument("which", nargs="?", choices=BENCHES, default="all")
    parser.add_argument("--incidents", type=int, default=0, metavar="N", help="search：在多少起警情里查（默认 20000）")
    add_json(parser)


def _add_window(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--window", choices=WINDOWS)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"尺寸写作 1920x1080，不是 {text}")
    return int(width), int(height)


def run(options: argparse.Namespace) -> int:
    """console.app.run(options) -> exit code."""
    return _call("console.app", "run", options)


def demo(options: argparse.Namespace) -> int:
    """console.demo.play.run(options) -> exit code."""
    return _call("console.demo.play", "run", options)


def screenshot(options: argparse.Namespace) -> int:
    """console.app.screenshot(options) -> exit code."""
    return _call("console.app", "screenshot", options)


def bench(options: argparse.Namespace) -> int:
    """console.bench.run(options) -> exit code."""
    return _call("console.bench", "run", options)


def _call(module: str, name: str, options: argparse.Namespace) -> int:
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as missing:
        if missing.name != module:
            raise
        return _later(options.command)
    function: Any = getattr(found, name, None)
    return _later(options.command) if function is None else int(function(options))


def _later(command: str) -> int:
    say(f"{command}：将随后续版本提供")
    return WRONG_USE
