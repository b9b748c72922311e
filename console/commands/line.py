"""A typed line and what it means: a verb of the table and its words (`派 巡05 0190`).

The space after the verb may be left out where what follows can only be the verb's object (`派巡05 0190`,
`联120`); a glued reason is not enough, so that an unknown verb never acts because it begins like a known one.
The object may come first (`巡05 到场`, `0190 派 巡05`, `巡05到场`), as people say it on the radio.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence

from console.commands import english, names, words
from console.commands.command import Command, Context, Prepared
from console.commands.table import BY_VERB
from console.domain.errors import UserError


def interpret(context: Context, line: str) -> Prepared:
    """What this line will do; UserError says what is missing or why it cannot be done, or the nearest verbs."""
    typed = words.split(line)
    if not typed:
        raise UserError("请输入命令，如：派 巡05 0190")
    verb, args = verb_and_words(context, typed)
    return BY_VERB[verb].prepare(context, args)


def verb_and_words(context: Context, typed: Sequence[str]) -> tuple[str, list[str]]:
    """The verb and the words after it; UserError names the nearest verbs if there is none."""
    first, rest = typed[0], list(typed[1:])
    if first in BY_VERB:
        return first, rest
    in_english = english.find(first)
    if in_english is not None:
        return in_english.verbs[0], english.understood(in_english, rest)
    turned = _object_first(context, first, rest)
    if turned is not None:
        return turned
    glued = [
        verb for verb in BY_VERB if first.startswith(verb) and _is_object(context, BY_VERB[verb], first[len(verb) :])
    ]
    if len(glued) > 1:
        raise UserError(f"“{first}”可能是 {'、'.join(f'{verb} {first[len(verb) :]}' for verb in glued)}，请加空格")
    if glued:
        return glued[0], [first[len(glued[0]) :], *rest]
    near = difflib.get_close_matches(first, english.verbs() if first.isascii() else list(BY_VERB), n=3, cutoff=0.3)
    raise UserError(f"不认识的命令：{first}" + (f"（是否 {'、'.join(near)}？）" if near else "，按 Ctrl+/ 看键位卡"))


def _object_first(context: Context, first: str, rest: Sequence[str]) -> tuple[str, list[str]] | None:
    """巡05 到场, 0190 派 巡05, 巡05到场: a call sign, an incident number or an agency, and then the verb."""
    if rest and rest[0] in BY_VERB and _is_any_object(context, first):
        return rest[0], [first, *rest[1:]]
    ends = [verb for verb in BY_VERB if first.endswith(verb) and _is_any_object(context, first[: -len(verb)])]
    # 巡05出发 ends with 发 as well, where that is a verb: the longest is meant.
    verb = max(ends, key=len, default="")
    return (verb, [first[: -len(verb)], *rest]) if verb else None


def _is_any_object(context: Context, word: str) -> bool:
    return bool(word) and any(known(context, word) for known in (_is_unit, _is_number, _is_agency))


def _is_object(context: Context, command: Command, word: str) -> bool:
    """Whether a word is what the verb's first slot takes, whole and unmistakable."""
    known = _OBJECTS.get(command.slots[0].strip("[]")) if command.slots else None
    return known is not None and known(context, word)


def _is_unit(context: Context, word: str) -> bool:
    return any(names.unit_fits(unit.id, word) for unit in context.desk.picture.units())


def _is_agency(context: Context, word: str) -> bool:
    return bool(names.named_agencies(context.desk.reference.handoff_agencies, word))


def _is_number(_: Context, word: str) -> bool:
    return words.is_number(word)


def _is_anything(_: Context, word: str) -> bool:
    """Looking something up harms nobody."""
    return bool(word)


_OBJECTS: Mapping[str, Callable[[Context, str], bool]] = {
    "呼号": _is_unit,
    "单位": _is_agency,
    "警情号": _is_number,
    "主号": _is_number,
    "重复号": _is_number,
    "词语": _is_anything,
}
