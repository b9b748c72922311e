"""The command table in English: verbs and choices that are understood beside the Chinese ones.

What a command's line looks like in English stands in the catalogue under its Chinese grammar ("Grammar|派 呼号 …"):
the first word is the verb, words with | between them are the choices in the order of the Chinese ones.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from console.commands.command import Command
from console.commands.table import TABLE
from console.services import catalogue


def grammar(command: Command) -> str:
    """The command's line in English, '' for one that has none."""
    return _grammars().get(command.id, "")


def verb(command: Command) -> str:
    """Its English verb, '' for one without a line."""
    return grammar(command).partition(" ")[0]


def verbs() -> list[str]:
    """Every English verb."""
    return list(_verbs())


def find(word: str) -> Command | None:
    """The command of an English verb."""
    return _verbs().get(word.lower()) if word.isascii() else None


def understood(command: Command, args: Sequence[str]) -> list[str]:
    """The words after the verb, each choice that was typed in English as the table knows it."""
    known = list(args)
    for place, (theirs, ours) in enumerate(zip(grammar(command).split()[1:], command.slots, strict=False)):
        if "|" in theirs and place < len(known):
            choices = dict(zip(theirs.strip("[]").split("|"), ours.strip("[]").split("|"), strict=True))
            known[place] = choices.get(known[place].lower(), known[place])
    return known


@lru_cache(maxsize=1)
def _grammars() -> Mapping[str, str]:
    entries = catalogue.own_entries("en")
    said = {command.id: entries.get(f"Grammar|{command.grammar}", "") for command in TABLE if command.grammar}
    return {command: line for command, line in said.items() if line}


@lru_cache(maxsize=1)
def _verbs() -> Mapping[str, Command]:
    return {verb(command): command for command in TABLE if grammar(command)}
