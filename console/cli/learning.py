"""`python -m console learn`: learn the weights anew from the sayings, after a county has changed them.

First the share of right answers is measured on sentences left out and printed, block by block; then all sayings are
learnt and the weights are written beside them. A desk uses them from its next start.
"""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from console.cli.words import GOOD, Subparsers, add_command, add_json, say, show
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.learnt import pack
from console.services.learning import Share, check, learn, together
from console.services.reference import SAYINGS, WEIGHTS, load_sayings
from console.services.sayings_table import Sayings
from resources import ROOT

SOURCE = "由 sayings 文件夹中的说法学得（python -m console learn）"


def add(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(subparsers, "learn", _learn, "从说法表（sayings）重新学习权重，并用留出的句子检验")
    parser.add_argument("--reference", metavar="DIR", type=Path, default=ROOT / "reference", help="参考数据文件夹")
    parser.add_argument("--check-only", action="store_true", help="只检验，不写权重文件")
    parser.add_argument("--no-check", action="store_true", help="不检验，直接写权重文件")
    add_json(parser)


def _learn(options: argparse.Namespace) -> int:
    spoken = load_sayings(options.reference)
    if not spoken:
        raise UserError(f"{options.reference / SAYINGS} 中没有说法")
    if not options.no_check:
        show(_shares(spoken), as_json=options.json)
    if not options.check_only:
        packed = pack(learn(spoken, {"source": SOURCE, "date": system_clock().astimezone().date().isoformat()}))
        file = options.reference / SAYINGS / WEIGHTS
        part = file.with_suffix(".part")
        part.write_bytes(packed)
        part.replace(file)
        say(f"已写入 {SAYINGS}/{WEIGHTS}，{len(packed) // 1024} KB；指挥台下次启动时使用")
    return GOOD


def _shares(spoken: Sayings) -> Iterator[dict[str, object]]:
    """Each block as it is done, and all together."""
    shares: list[Share] = []
    for share in check(spoken):
        shares.append(share)
        yield {"block": len(shares), **_rounded(share)}
    yield {"block": "all", **_rounded(together(shares))}


def _rounded(share: Share) -> dict[str, object]:
    return {name: round(value, 1) for name, value in asdict(share).items()}
