"""Reading typed names: call signs and agencies, whole, shortened, or by their pinyin initials.

A short form counts only if no other unit or agency could be meant by it (巡5 is 巡05 as long as there is no
巡50; 巡1 is nobody while there are 巡01 and 巡10). Nothing is ever guessed: near names are only named.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from console.commands.command import Context
from console.domain.errors import UserError
from console.domain.reference import Agency
from console.domain.unit import Unit
from console.spelling.initials import initials

_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_initials = lru_cache(maxsize=1024)(initials)


def without_zeros(text: str) -> str:
    """巡05 → 巡5."""
    return _ZEROS.sub("", text)


def unit_fits(call_sign: str, word: str) -> bool:
    """Whether a word is a short form of a call sign: its beginning, its number without zeros, its initials."""
    names = [call_sign.upper()]
    if len(word) > 1:
        names.append(_initials(call_sign).upper())
    asked = word.upper()
    return any(
        full.startswith(asked) or (len(asked) < len(full) and without_zeros(full) == without_zeros(asked))
        for full in names
    )


def unit(context: Context, word: str) -> Unit:
    """The unit of a call sign; UserError names the candidates if it is not unmistakable."""
    if not word:
        raise UserError("请写明呼号")
    units = context.desk.picture.units()
    whole = [u for u in units if word.upper() in (u.id.upper(), u.name.upper())]
    found = whole or [u for u in units if unit_fits(u.id, word)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"“{word}”可能是 {_listed(u.id for u in found)}，请写全呼号")
    raise UserError(f"查无此警组：{word}{_near(word, [u.id for u in units])}")


def unit_on_the_case(context: Context) -> Unit:
    """The unit meant when none is named: the selected one if it is on the selected incident, else the only one."""
    picture, focus = context.desk.picture, context.focus
    if not focus.incident:
        return unit(context, focus.unit)
    there = [order.unit for order in picture.orders(focus.incident) if order.open]
    if focus.unit in there:
        return unit(context, focus.unit)
    if len(there) == 1:
        return unit(context, there[0])
    raise UserError(f"该警情上有 {_listed(there)}，请写明呼号" if there else "该警情上没有警组，请写明呼号")


def agency(context: Context, word: str) -> Agency:
    """The agency of a typed word: name, former name, number, or what can only be the beginning of one."""
    if not word:
        raise UserError("请写明联动单位")
    agencies = context.desk.reference.handoff_agencies
    found = named_agencies(agencies, word)
    if len(found) == 1:
        return found[0]
    others = found or context.desk.reference.find_agencies(word)
    if others:
        raise UserError(f"“{word}”可能是 {_listed(a.short for a in others)}，请写明")
    raise UserError(f"查无此联动单位：{word}{_near(word, [a.short for a in agencies])}")


def is_agency(context: Context, word: str) -> bool:
    """Whether a word is an agency's whole name or number (120, 12345)."""
    return any(_called(a, word.lower()) for a in context.desk.reference.handoff_agencies)


def named_agencies(agencies: Sequence[Agency], word: str) -> list[Agency]:
    """Those of this name; without any, those whose name begins so (two characters at least) or has these initials."""
    asked = word.lower()
    whole = [a for a in agencies if _called(a, asked)]
    if whole or len(asked) < 2:
        return whole
    return [
        a
        for a in agencies
        if asked in a.initials.split() or any(n.lower().startswith(asked) for n in (a.short, a.name, *a.aliases))
    ]


def _called(agency: Agency, word: str) -> bool:
    return word in (name.lower() for name in (agency.id, agency.short, agency.name, *agency.aliases))


def _listed(names: Iterable[str]) -> str:
    all_names = list(dict.fromkeys(names))
    return "、".join(all_names[:6]) + ("…" if len(all_names) > 6 else "")


def _near(word: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.3)
    return f"（是否 {'、'.join(near)}？）" if near else ""
