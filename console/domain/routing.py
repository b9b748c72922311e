"""Three-way routing: from a caller's words and the chosen code to codes, agencies, route and legal basis.

A police alone, B police first with simultaneous notice, C straight to the agency (潢川县 2021 第八条). It only
proposes: where tables, code and words disagree all are shown and the stricter is preselected, never C over A
or B; a person decides. What a narrative sounds like (learnt.py) orders the codes and proposes others beside those the
rules named (likely.py): it may make route and priority stricter, never milder.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from typing import TypeVar

from console.domain.learnt import KIND, Learnt, unpack
from console.domain.lexicon import Findings, Hit, Lexicon
from console.domain.likely import NEVER_BESIDE, Likely, likely
from console.domain.reference import Agency, Duty, IncidentCode, Priority, Reference, Route, RoutingRule

T = TypeVar("T")

STRICTNESS: dict[Route, int] = {"C": 0, "A": 1, "B": 2}
"""B includes A (police go) and notifies as well, so between equals it is the safer choice."""

UNMATCHED_PRIORITY: Priority = 3

HOTLINE = "hotline"
SAYINGS = "sayings"
"""What `Match.rule` says of a piece that no rule but the table of sayings counted."""


@dataclass(frozen=True, slots=True)
class Match:
    """A piece of the narrative that counted, where it starts, and the first code and agency it stands for."""

    word: str
    start: int
    rule: str
    code: str
    agency: str


@dataclass(frozen=True, slots=True)
class Classification:
    """The proposal. Codes and agencies are best first; agencies never hold our own police.

    `duties` are the ids behind `articles`. `route` is None only for an empty narrative without a code.
    `conflicts` and `reasons` are sentences.
    """

    codes: tuple[str, ...]
    agencies: tuple[str, ...]
    route: Route | None
    priority: Priority
    words: tuple[Match, ...]
    articles: tuple[str, ...]
    duties: tuple[str, ...]
    conflicts: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Matter:
    """One matter at hand, from a rule or from the chosen code, with all defaults filled in."""

    codes: tuple[str, ...]
    agencies: tuple[str, ...]
    route: Route
    priority: Priority
    duty: str = ""
    conflict: str = ""
    weight: int = 0
    start: int = 0
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class _Table:
    """A reference made ready to search: `matters[i]` is what `rules[i]` stands for."""

    rules: tuple[RoutingRule, ...]
    matters: tuple[_Matter, ...]
    lexicon: Lexicon


LISTENED = 3000
"""Characters of a narrative that are looked through: a document may be pasted while a caller waits."""


def classify(narrative: str, code: str | None, reference: Reference) -> Classification:
    """Propose codes, agencies and route. An unknown code counts as none and is named in the reasons."""
    table, narrative = _table(reference), narrative[:LISTENED]
    found = table.lexicon.search(narrative)
    chosen = reference.codes.get(code or "")
    hazards = _ranked(_found(table, found, hazard=True))
    spoken = _ranked(_graver(m, table, found, reference) for m in _found(table, found, hazard=False))
    matters = _ranked([*spoken, *([_of_code(chosen)] if chosen else [])]) or hazards
    named = _codes(chosen, matters) or _codes(None, hazards)
    grave = {each: reference.codes[each].priority for each in named}
    beside = frozenset(each for hazard in hazards for each in hazard.codes)
    heard = narrative.strip() and not chosen
    guess = likely(narrative, grave, beside, spoken_table(reference)) if heard else Likely(named)
    sure, matters = matters, _ranked([*matters, *_guessed(guess, matters, reference)])
    everything = sorted(_unique([*matters, *hazards]), key=lambda m: m.priority)
    duties = tuple(_unique(m.duty for m in everything if m.duty))
    told, abused = _told(_agencies(everything, reference), guess, reference), _abused(guess, sure, chosen, reference)
    return Classification(
        codes=guess.codes,
        agencies=tuple(agency for agency in told if agency not in abused),
        route=_strictest(
            _route(sure, hazards), _route(matters, hazards), "A" if narrative.strip() and not everything else None
        ),
        priority=min((m.priority for m in everything), default=UNMATCHED_PRIORITY),
        words=(*_matches(narrative, found, table), *_likenesses(narrative, guess, reference)),
        articles=tuple(_unique(reference.basis(duty).text for duty in duties)),
        duties=duties,
        conflicts=tuple(_conflicts(chosen, spoken, matters, hazards)),
        reasons=tuple(_reasons(narrative, code, reference, found, matters, hazards)),
    )


def _guessed(guess: Likely, matters: Sequence[_Matter], reference: Reference) -> list[_Matter]:
    """The matter a likely code stands for, where it leads: no route C and no low priority on a likeness alone."""
    first = guess.codes[0] if guess.codes else ""
    if first not in guess.spans:
        return []
    code = reference.codes[first]
    calm = all(reference.codes[each].route == "C" for each in guess.codes)
    route: Route = "A" if code.route == "C" and not (calm or matters) else code.route
    priority: Priority = code.priority if calm else min(code.priority, UNMATCHED_PRIORITY)
    return [_Matter((first,), code.agencies, route, priority, guessed=True)]


def duty_for(agency: Agency, narrative: str, found: Classification) -> Duty:
    """The duty a handoff of this matter cites: the matched rule's, else the one whose keyword was said."""
    matched = [duty for id_ in found.duties for duty in agency.duties if duty.id == id_]
    if matched:
        return matched[0]
    said = [(len(k), duty) for duty in agency.duties for k in duty.keywords if k in narrative]
    return max(said, key=lambda pair: pair[0])[1] if said else agency.duty(found.route)


@lru_cache(maxsize=4)
def _table(reference: Reference) -> _Table:
    rules = reference.rules
    return _Table(rules, tuple(_of_rule(rule, reference) for rule in rules), Lexicon(rules))


@lru_cache(maxsize=4)
def spoken_table(reference: Reference) -> Learnt | None:
    """What was learnt from the sayings, ready to be asked, or None where nothing was: some hundredths of a second the
    first time, so a desk that opens asks for it in a thread."""
    return Learnt(unpack(reference.weights), reference.second) if reference.weights else None


def _of_rule(rule: RoutingRule, reference: Reference) -> _Matter:
    """What a rule stands for; where duty table and code table disagree the stricter route counts."""
    codes = [reference.codes[code] for code in rule.codes]
    agencies = rule.agencies if rule.agencies is not None else tuple(a for c in codes for a in c.agencies)
    own: Priority = min((c.priority for c in codes), default=UNMATCHED_PRIORITY)
    priority: Priority = rule.priority or own
    route, conflict = _table_route(rule, codes, reference)
    return _Matter(rule.codes, agencies, route, priority, rule.duty, conflict)


def _table_route(rule: RoutingRule, codes: list[IncidentCode], reference: Reference) -> tuple[Route, str]:
    if rule.route is not None:
        return rule.route, ""
    duty = reference.duties[rule.duty]
    if not codes:
        return "B", ""
    by_code = codes[0].route
    by_duty: Route = duty.route if duty.route in ("A", "B", "C") else by_code
    stricter = max(by_code, by_duty, key=STRICTNESS.__getitem__)
    if by_code == by_duty:
        return by_code, ""
    named = f"{codes[0].code} {codes[0].name}"
    return stricter, f"编码 {named} 为 {by_code} 类，职责 {duty.article} 为 {by_duty} 类：预选 {stricter} 类"


def _of_code(code: IncidentCode) -> _Matter:
    return _Matter((code.code,), code.agencies, code.route, code.priority)


def _found(table: _Table, found: Findings, *, hazard: bool) -> Iterator[_Matter]:
    """The matters whose words were found, each with the weight and place of its heaviest word."""
    best: dict[int, Hit] = {}
    for hit in found.hits:
        if table.rules[hit.rule].hazard is hazard:
            best[hit.rule] = max(hit, best.get(hit.rule, hit), key=lambda h: h.weight)
    for rule, hit in best.items():
        yield replace(table.matters[rule], weight=hit.weight, start=hit.start)


def _ranked(matters: Iterable[_Matter]) -> list[_Matter]:
    return sorted(matters, key=lambda m: (m.priority, -m.weight, m.start))


def _graver(matter: _Matter, table: _Table, found: Findings, reference: Reference) -> _Matter:
    """The matter with each code turned into the graver form a hazard word asks for (an injury)."""
    turned = {a: b for hit in found.hits for a, b in table.rules[hit.rule].becomes.items()}
    codes = tuple(turned.get(code, code) for code in matter.codes)
    if codes == matter.codes:
        return matter
    priority = min((matter.priority, *(reference.codes[code].priority for code in codes)))
    return replace(matter, codes=codes, priority=priority)


def _route(matters: Sequence[_Matter], hazards: Sequence[_Matter]) -> Route | None:
    """The route of the gravest matter that is not C; C only if all are and no hazard word was said."""
    if not matters:
        return None
    grave = [m for m in matters if m.route != "C"]
    if not grave:
        return "B" if hazards else "C"
    first = min(m.priority for m in grave)
    return max((m.route for m in grave if m.priority == first), key=STRICTNESS.__getitem__)


def _strictest(*routes: Route | None) -> Route | None:
    return max((route for route in routes if route), key=STRICTNESS.__getitem__, default=None)


def _codes(chosen: IncidentCode | None, matters: Sequence[_Matter]) -> tuple[str, ...]:
    """All codes, a person's choice first; a parent or an “other” (…99) gives way to its finer relatives."""
    codes = _unique([*([chosen.code] if chosen else []), *(code for m in matters for code in m.codes)])
    kept = [c for c in codes if (chosen and c == chosen.code) or not any(_is_finer(o, c) for o in codes)]
    return tuple(kept)


def _is_finer(other: str, code: str) -> bool:
    stem = code.removesuffix("99")
    return other != code and other.startswith(stem) and not other.endswith("99")


def _agencies(matters: Sequence[_Matter], reference: Reference) -> tuple[str, ...]:
    """The first agency of every matter, then the second ones, and so on: each matter gets its main agency."""
    own = {a.id for a in reference.agencies.values() if a.own_force}
    rounds = zip_longest(*(m.agencies for m in matters))
    return tuple(_unique(agency for row in rounds for agency in row if agency and agency not in own))


def _told(agencies: tuple[str, ...], guess: Likely, reference: Reference) -> tuple[str, ...]:
    """The agencies, and behind them the main one of each code that is nearly as likely as the first.

    What goes to the hotline goes nowhere besides, and what goes to 119 or 120 never goes to the hotline.
    """
    known = reference.agencies
    hotlines = {agency for agency in agencies if known[agency].kind == HOTLINE}
    if any(known[agency].limit == "industry" for agency in agencies):
        agencies = tuple(agency for agency in agencies if agency not in hotlines)
    elif hotlines:
        return agencies
    mains = (known[agency] for code in guess.near for agency in reference.codes[code].agencies[:1])
    return tuple(_unique([*agencies, *(a.id for a in mains if not a.own_force and a.kind != HOTLINE)]))


def _abused(guess: Likely, sure: Sequence[_Matter], chosen: IncidentCode | None, reference: Reference) -> set[str]:
    """Whom a swindler only pretended to be: where a fraud is first or second, no operator is told.

    Whom a matter of theirs surely concerns (a line that is cut) is told all the same. A person who chose has judged:
    the fraud, or the operators' own matter.
    """
    lent = {NEVER_BESIDE[code[:KIND]] for code in guess.codes[:2] if code[:KIND] in NEVER_BESIDE}
    lent -= {chosen.code} if chosen else set()
    matters = _table(reference).matters if lent else ()
    theirs, concerned = (
        {agency for matter in some if lent.intersection(matter.codes) for agency in matter.agencies}
        for some in (matters, () if chosen else sure)
    )
    return theirs - concerned


def _matches(narrative: str, found: Findings, table: _Table) -> Iterator[Match]:
    return (_match(narrative, hit, table) for hit in sorted(found.hits, key=lambda h: h.parts))


def _likenesses(narrative: str, guess: Likely, reference: Reference) -> Iterator[Match]:
    """The pieces that spoke for each likely code."""
    for code, spans in guess.spans.items():
        agency = next(iter(reference.codes[code].agencies), "")
        for start, end in spans:
            yield Match(narrative[start:end], start, SAYINGS, code, agency)


def _match(narrative: str, hit: Hit, table: _Table) -> Match:
    matter = table.matters[hit.rule]
    code = matter.codes[0] if matter.codes else ""
    agency = matter.agencies[0] if matter.agencies else ""
    return Match(narrative[hit.start : hit.end], hit.start, table.rules[hit.rule].id, code, agency)


def _conflicts(
    chosen: IncidentCode | None,
    spoken: Sequence[_Matter],
    matters: Sequence[_Matter],
    hazards: Sequence[_Matter],
) -> Iterator[str]:
    yield from _unique(m.conflict for m in spoken if m.conflict)
    by_words = _route(spoken, hazards)
    if chosen and by_words and by_words != chosen.route:
        preselected = _route(matters, hazards)
        yield f"所选 {chosen.code} {chosen.name} 为 {chosen.route} 类，描述为 {by_words} 类：预选 {preselected} 类"


def _reasons(
    narrative: str,
    code: str | None,
    reference: Reference,
    found: Findings,
    matters: Sequence[_Matter],
    hazards: Sequence[_Matter],
) -> Iterator[str]:
    if code and code not in reference.codes:
        yield f"编码 {code} 不在编码表中，未计入"
    for matter in matters:
        names = "、".join(f"{c} {reference.codes[c].name}" for c in matter.codes)
        said = f"描述第 {matter.start + 1} 字起" if matter.weight else "按说法推断" if matter.guessed else "人工选定"
        yield f"{said}：{names or '联动事项'}（{matter.route} 类，{matter.priority} 级）"
    if hazards and matters and all(m.route == "C" for m in matters):
        yield "描述中有危险，C 类升为 B 类"
    for word in _unique(narrative[hit.start : hit.end] for hit in found.negated):
        yield f"“{word}”前为否定，未计入"
    if narrative.strip() and not matters:
        yield "没有匹配的词，先按公安受理，请人工判断"


def _unique(items: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(items))
