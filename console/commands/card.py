"""The key card 键位卡 as data: what the window draws, the bar hints at and the README prints, from the table."""

from collections.abc import Iterator

from console.commands.command import Command
from console.commands.table import GROUPS, TABLE

BAR_KEYS = (
    ("Enter", "执行"),
    ("Esc", "回到队列（文字保留）"),
    ("↑ ↓", "本班命令历史"),
    ("Tab", "补全（可用拼音首字母）"),
)
"""Keys of the command line itself."""


def key_cap(key: str) -> str:
    """A key as it is written on a cap: Ctrl K."""
    return key.replace("+", " ")


def groups() -> Iterator[tuple[str, list[Command]]]:
    """The commands by group, in the table's order."""
    for group in GROUPS:
        yield group, [command for command in TABLE if command.group == group]


def hints() -> list[tuple[str, str]]:
    """(cap, short word) for the bar: F1 确认 · F5–F8 联动 · Ctrl K 命令; keys of one word stand as a span."""
    words: dict[str, list[str]] = {}
    for command in TABLE:
        if command.hint:
            words.setdefault(command.hint, []).append(key_cap(command.keys[0]))
    return [(keys[0] if len(keys) == 1 else f"{keys[0]}–{keys[-1]}", word) for word, keys in words.items()]


def key_card_markdown() -> str:
    """The whole card as Markdown tables."""
    lines: list[str] = []
    for group, commands in groups():
        lines += [f"**{group}**", "", "| 键 | 命令 | 写法 |", "| --- | --- | --- |", *map(_row, commands), ""]
    lines += ["**命令行**", "", "| 键 | 作用 |", "| --- | --- |"]
    lines += [f"| `{key}` | {what} |" for key, what in BAR_KEYS]
    return "\n".join(lines) + "\n"


def _row(command: Command) -> str:
    keys = " ".join(f"`{key_cap(key)}`" for key in command.keys)
    grammar = f"`{command.grammar}`".replace("|", "\\|") if command.grammar else ""
    others = "、".join(f"`{verb}`" for verb in command.verbs[1:])
    return f"| {keys} | {command.title} | {grammar}{f'（或 {others}）' if others else ''} |"
