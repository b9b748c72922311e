"""Completion of a command line: verbs, call signs, incident numbers, agencies, choices; by letters or initials.

What a word may be stands in the command's grammar; completion only writes words, it never acts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from console.commands import english, names, words
from console.commands.command import Command, Context
from console.commands.line import verb_and_words
from console.commands.table import BY_VERB, TABLE
from console.commands.times import EXAMPLES
from console.domain.account import Seat
from console.domain.errors import UserError
from console.domain.incident import BEFORE_DISPATCH, Incident
from console.domain.site import Site
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble
from console.domain.unit import UNIT_LABELS
from console.services.bulletins import in_force
from console.services.major import reports_of
from console.services.sight import visible
from console.spelling.initials import initials

LIMIT = 8


@dataclass(frozen=True, slots=True)
class Completion:
    """A word to write, what it stands for, and the whole line with it."""

    word: str
    note: str
    line: str


def complete(context: Context, line: str) -> list[Completion]:
    """What the last word of the line may become, the likeliest first; empty when it is complete or unknown."""
    typed = words.split(line)
    at_new_word = line.translate(words.NARROW)[-1:].isspace()
    if not typed:
        return []
    if len(typed) == 1 and not at_new_word:
        verbs = _verbs(typed[0])
        if verbs:
            return verbs
    try:
        verb, args = verb_and_words(context, typed)
    except UserError:
        verb, args = _glued(typed)
    partial = "" if at_new_word or not args else args.pop()
    slots = BY_VERB[verb].slots[len(args) :] if verb else ()
    head = " ".join([typed[0] if english.find(typed[0]) else verb, *args])
    offered = [c for c in _offers(context, slots, partial) if c[0] != partial]
    return [Completion(word, note, f"{head} {word} ") for word, note in offered[:LIMIT]]


def _glued(typed: list[str]) -> tuple[str, list[str]]:
    """派x0 while it is being typed: the longest verb the word begins with."""
    verb = max((verb for verb in BY_VERB if typed[0].startswith(verb)), key=len, default="")
    glued = typed[0][len(verb) :]
    return verb, [*([glued] if glued else []), *typed[1:]]


def _verbs(typed: str) -> list[Completion]:
    """Verbs that begin so, or whose initials do; none when the word is a verb already."""
    if typed in BY_VERB and not any(verb != typed and verb.startswith(typed) for verb in BY_VERB):
        return []
    found = [(verb, command) for command in TABLE if (verb := _verb_of(command, typed))]
    found += [(verb, command) for command in TABLE if (verb := english.verb(command)).startswith(typed) and verb]
    return [Completion(verb, _about(command), f"{verb} ") for verb, command in found if verb != typed][:LIMIT]


def _verb_of(command: Command, typed: str) -> str:
    """The verb of a command that fits; only one of them, or the list would say everything twice."""
    fits = [v for v in command.verbs if v.startswith(typed) or initials(v).startswith(typed.lower())]
    return "" if typed in command.verbs else next(iter(fits), "")


def _about(command: Command) -> str:
    return f"{command.title}　{' '.join(command.slots)}".strip()


def _offers(context: Context, slots: tuple[str, ...], partial: str) -> Iterator[tuple[str, str]]:
    """Words for the next slot; an optional one may also be left out."""
    for slot in slots:
        kind = slot.strip("[]")
        if "|" in kind:
            yield from ((w, "") for w in kind.split("|") if _begins(w, partial))
        elif kind in _KINDS:
            yield from _KINDS[kind](context, partial)
        if not slot.startswith("["):
            return


def _begins(word: str, partial: str) -> bool:
    return word.startswith(partial) or initials(word).startswith(partial.lower())


def _units(context: Context, partial: str) -> Iterator[tuple[str, str]]:
    """The best for the selected incident first, then the others by call sign."""
    ranked = [c.unit.id for c in context.focus.ranked(context.focus.incident)] if context.focus.incident else []
    order = {call_sign: place for place, call_sign in enumerate(ranked)}
    for unit in sorted(context.desk.picture.units(), key=lambda u: order.get(u.id, len(order))):
        if names.unit_fits(unit.id, partial):
            yield unit.id, f"{UNIT_LABELS[unit.status]} {unit.name}".strip()


def _incidents(context: Context, partial: str) -> Iterator[tuple[str, str]]:
    """Open ones, those still to be dispatched first, the newest first."""
    short = partial.upper().lstrip("0") if partial.isdigit() else partial.upper()
    found = [
        i
        for i in visible(context.desk)
        if i.open and (i.short.lstrip("0").startswith(short) or i.number.startswith(short) or _titled(i, partial))
    ]
    for incident in sorted(found, key=lambda i: (i.state in BEFORE_DISPATCH, i.number), reverse=True):
        yield incident.short, f"{incident.title} {incident.place}".strip()


def _titled(incident: Incident, partial: str) -> bool:
    return bool(incident.title) and not partial.isascii() and partial in incident.title


def _agencies(context: Context, partial: str) -> Iterator[tuple[str, str]]:
    """Those on the handoff keys first."""
    if partial:
        found: Iterable[str] = [a.id for a in context.desk.reference.find_agencies(partial)]
    else:
        found = context.focus.suggested
    known = context.desk.reference.agencies
    for agency in sorted(found, key=lambda a: a not in context.focus.suggested):
        yield known[agency].short, f"{known[agency].name} {known[agency].phone}".strip()


def _statuses(_: Context, partial: str) -> Iterator[tuple[str, str]]:
    return ((label, code.value) for code, label in UNIT_LABELS.items() if _begins(label, partial))


def _people(context: Context, partial: str) -> Iterator[tuple[str, str]]:
    """Whoever sits at a seat now, by number or name."""
    for seat in context.desk.picture.state.all(Seat):
        if seat.actor and seat.actor != context.desk.actor and (seat.actor.startswith(partial) or partial in seat.name):
            yield seat.actor, f"{seat.name} {seat.id}席".strip()


def _seats(context: Context, partial: str) -> Iterator[tuple[str, str]]:
    """Other seats at which somebody sits, by their number or his name."""
    for seat in context.desk.picture.state.all(Seat):
        if seat.actor and seat.id != context.desk.seat and (seat.id.startswith(partial) or partial in seat.name):
            yield seat.id, f"{seat.name} {seat.actor}".strip()


def _sites(context: Context, partial: str) -> Iterator[tuple[str, str]]:
    """By account or name, those in whose lane something stands or runs first."""
    state = context.desk.picture.state
    busy = {row.site for row in state.all(Trouble) if row.open} | {
        w.site for w in state.where(TestWindow, ended_at=None)
    }
    for site in sorted(state.all(Site), key=lambda site: (site.id not in busy, site.account)):
        if site.account and (site.account.startswith(partial.upper()) or (partial and _begins(site.name, partial))):
            yield site.account, site.name


def _times(_: Context, partial: str) -> Iterator[tuple[str, str]]:
    return ((example, "") for example in EXAMPLES if _begins(example, partial))


def _partners(context: Context, partial: str) -> Iterator[tuple[str, str]]:
    """Zones and counties that may be asked for help."""
    found = (p for p in context.desk.reference.plans.partners if _begins(p.name, partial))
    return ((partner.name, partner.phone) for partner in found)


def _bulletins(context: Context, partial: str) -> Iterator[tuple[str, str]]:
    """What is in force, the newest first."""
    found = in_force(context.desk.picture.state, context.desk.clock())
    return ((b.short, b.title) for b in found if partial.upper() in b.short or _begins(b.title, partial))


def _superiors(context: Context, partial: str) -> Iterator[tuple[str, str]]:
    """Who of the selected incident's list is not told yet."""
    rows = reports_of(context.desk.picture.state, context.focus.incident)
    return ((row.name, row.phone) for row in rows if row.told_at is None and _begins(row.name, partial))


_KINDS: Mapping[str, Callable[[Context, str], Iterator[tuple[str, str]]]] = {
    "呼号": _units,
    "单位": _agencies,
    "警情号": _incidents,
    "主号": _incidents,
    "重复号": _incidents,
    "状态": _statuses,
    "警号": _people,
    "席位": _seats,
    "点位": _sites,
    "接收方": _partners,
    "时间": _times,
    "编号": _bulletins,
    "上级": _superiors,
}

TEXT = frozenset(
    {
        "防区",
        "分钟",
        "理由",
        "内容",
        "情况",
        "结果",
        "说明",
        "方式",
        "答复人",
        "接报人",
        "答复",
        "对象",
        "接听人",
        "词语",
        "位置",
    }
)
"""Slots that take any words."""

SLOTS = frozenset(_KINDS) | TEXT
"""Every word a grammar may use besides choices."""
