"""The one table of desk commands. Menu, keys, command line, key card and tests come from it.

A command line is a verb and its words (`派 巡05 0190`); the space after the verb may be left out where the
verb is unmistakable. `interpret` answers what Enter will do before anything happens.
"""

import difflib
from collections.abc import Mapping

from console.commands import alarms, incidents, linkage, units, window
from console.commands.command import Command, Context, Focus, Prepared, Surface
from console.domain.errors import UserError

__all__ = ["BY_ID", "BY_VERB", "TABLE", "Command", "Context", "Focus", "Prepared", "Surface", "interpret"]

TABLE: tuple[Command, ...] = (
    *alarms.COMMANDS,
    *units.COMMANDS,
    *linkage.COMMANDS,
    *incidents.COMMANDS,
    *window.COMMANDS,
)
BY_ID: Mapping[str, Command] = {command.id: command for command in TABLE}
BY_VERB: Mapping[str, Command] = {verb: command for command in TABLE for verb in command.verbs}


def interpret(context: Context, line: str) -> Prepared:
    """What this command line will do; UserError says what is missing, or the nearest verb."""
    words = line.split()
    if not words:
        raise UserError("请输入命令，如：派 巡05 0190")
    command, rest = _verb(words)
    return command.prepare(context, rest)


def _verb(words: list[str]) -> tuple[Command, list[str]]:
    first, rest = words[0], words[1:]
    if first in BY_VERB:
        return BY_VERB[first], rest
    glued = [verb for verb in BY_VERB if first.startswith(verb)]
    if glued:
        verb = max(glued, key=len)
        return BY_VERB[verb], [first[len(verb) :], *rest]
    near = difflib.get_close_matches(first, list(BY_VERB), n=3, cutoff=0.3)
    raise UserError(f"不认识的命令：{first}" + (f"（是否 {'、'.join(near)}？）" if near else "，按 Ctrl+/ 看键位卡"))
