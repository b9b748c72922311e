"""Every Chinese text in the code that may reach a window, found by reading the code; and which have no English yet.

`python -m tests.widgets.chinese_texts [path …]` prints the missing ones as JSON to be filled in.
"""

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from console.commands import TABLE
from console.services import catalogue

ROOT = Path(__file__).parents[2]
ROOMS = (
    "widgets",
    "console/commands",
    "console/domain",
    "console/services",
    "console/persistence",
    "console/geo",
    "console/station.py",
    "console/seat.py",
    "console/logs",
)
NEVER_SHOWN = {
    "console/commands/card.py": "the README's key card in Markdown",
    "console/domain/lexicon.py": "words a narrative is searched for",
    "console/persistence/backup.py": "told at a terminal",
    "console/persistence/cases.py": "made-up incidents for measurements",
    "console/persistence/dialect/postgresql.py": "told at a terminal",
    "console/persistence/drill.py": "told at a terminal",
    "console/persistence/export.py": "told at a terminal",
    "console/persistence/filling.py": "told at a terminal",
    "console/persistence/rebuild.py": "told at a terminal",
    "console/persistence/retention.py": "told at a terminal",
    "console/services/acceptance.py": "names of printed files; paper stays Chinese",
    "console/services/printing.py": "names of printed files; paper stays Chinese",
    "widgets/models/queue_measure.py": "made-up rows to measure with",
}
"""Modules whose Chinese no window shows, each with the reason."""

DATA = {
    "console/persistence/dialect/server_faults.py": (
        "认证失败",
        "角色.*",
        "数据库.*不存在",
        "太多的客户",
        "启动|",
        "|只读",
    ),
    "console/commands/incidents.py": ("[警情号]", "1一", "2二", "3三", "4四", "一二三四", "回访 "),
    "console/commands/linkage.py": ("[警情号]", "代录 单位 ", "裁定 单位 "),
    "console/domain/bulletin.py": ("京津沪",),
    "console/services/receivers.py": ("例：000-",),
    "console/services/places.py": ("口", "门", "附近", "对面", "旁边", "路边"),
    "widgets/panels/stages.py": ("一",),
    "widgets/panels/room_bar.py": ("让出 {0}", "接手 {0}"),
    "widgets/windows/bench_lines.py": ("报文-{0}",),
    "widgets/windows/calltaker.py": ("程序", "派 {0}", "状态 {0} {1}"),
    "widgets/windows/emergencies.py": ("应援 {0}",),
    "widgets/windows/surface.py": ("查 ",),
    "widgets/windows/technical.py": ("结束报备 {0}",),
}
"""Literals that are patterns, file names, or lines typed for a person: parts of them, by module."""

HANZI = re.compile(r"[\u3400-\u9fff]")


def texts_of(file: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of every Chinese literal of a module: an f-string is one text with {0}, {1} … in it.

    Docstrings and sentences for the log are not read in a window.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = set(_unread(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        text = ""
        if isinstance(node, ast.JoinedStr):
            text = _pattern(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        if HANZI.search(text):
            yield node.lineno, text  # type: ignore[attr-defined]


def _pattern(node: ast.JoinedStr) -> str:
    said, count = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            said += str(part.value).replace("{", "{{").replace("}", "}}")
        else:
            said, count = f"{said}{{{count}}}", count + 1
    return said


def _unread(tree: ast.AST) -> Iterator[int]:
    """Ids of the literals nobody reads in a window: docstrings, and what is told to a log."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in ("log", "re")
        ):
            yield from (id(within) for argument in node.args for within in ast.walk(argument))


def modules(rooms: Iterable[str] = ROOMS) -> Iterator[Path]:
    """The modules whose texts may reach a window."""
    for room in rooms:
        place = ROOT / room
        found = [place] if place.is_file() else sorted(place.rglob("*.py"))
        yield from (file for file in found if file.relative_to(ROOT).as_posix() not in NEVER_SHOWN)


def missing(rooms: Iterable[str] = ROOMS) -> dict[str, list[str]]:
    """Texts without English, by module."""
    known, grammars = catalogue.load("en").entries, _grammars()
    found: dict[str, list[str]] = {}
    for file in modules(rooms):
        name = file.relative_to(ROOT).as_posix()
        data = DATA.get(name, ())
        texts = dict.fromkeys(text for _, text in texts_of(file) if text not in known and text not in grammars)
        lost = [text for text in texts if not any(part in text for part in data)]
        if lost:
            found[name] = lost
    return found


def _grammars() -> set[str]:
    """Verbs and the words they take: typed in Chinese; their English stands under "Grammar|…"."""
    spoken = {piece for command in TABLE for piece in (*command.verbs, command.grammar, *command.slots)}
    return spoken | {command.grammar.partition(" ")[2] for command in TABLE}


if __name__ == "__main__":
    lost = missing(sys.argv[1:] or ROOMS)
    print(json.dumps(lost, ensure_ascii=False, indent=0))
