"""Question protocols 接警问询要点: what to ask, what an answer means, what to read out, what the unit must know.

A protocol is data (resources/reference/protocols); this engine is pure: (protocol, answers) → the questions to ask now,
in their order, and what the answers mean together. An answer may raise the priority, propose units, agencies and a
route, tell a post, warn. Nothing here lowers anything, and nothing is sent: a person decides. Source: domain.md D.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from console.domain.errors import UserError

QuestionType = Literal["yes_no", "choice", "multi", "number", "text", "place", "person"]

COMMON, SHARED = "c_", "s_"
"""How the ids of common and of shared questions begin; an answer to them is known to every protocol that asks."""

PLACE_OF_OPTION = "123456789"
"""The keys of a question's options: no question has more options than there are keys."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a question, picked by its digit."""

    value: str
    zh: str
    en: str


YES_NO = (Option("yes", "是", "yes"), Option("no", "否", "no"), Option("unknown", "不清楚", "unknown"))
"""A yes-or-no question may be answered honestly with “unknown”."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What an answer has to be. Exactly one of the five is set; a skipped or missing answer fulfils none of them."""

    is_: tuple[str, ...] = ()
    is_not: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    given: bool = False

    def holds(self, value: str) -> bool:
        """Whether the answer `value` fulfils it; '' never does."""
        if not value:
            return False
        said = set(value.split(","))
        if self.is_:
            return not said.isdisjoint(self.is_)
        if self.is_not:
            return said.isdisjoint(self.is_not)
        if self.given:
            return True
        number = number_of(value)
        if number is None:
            return False
        return number >= self.at_least if self.at_least is not None else number <= (self.at_most or 0)


@dataclass(frozen=True, slots=True)
class Condition:
    """That a question was answered so."""

    question: str
    match: Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an answer means. `raises_to` 0 = no priority; `because` is said instead of “label：answer”.

    `units` are types of units, `agencies` ids of linkage agencies, `notify` posts (值班长), `route` A, B, C or ''.
    """

    match: Match
    raises_to: int = 0
    because: Words | None = None
    units: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    route: str = ""
    warn: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `id` is known in the whole desk: `c_…` common, `s_…` shared, else `<protocol>.<own id>`.

    `text` is read out, `short` labels its answer in a list. It is asked while all of `ask_if` hold. `fills` is a field
    of the incident that answers it (and that an answer fills while it is empty). A `private` answer stays at the desk.
    """

    id: str
    text: Words
    short: Words
    type: QuestionType
    options: tuple[Option, ...] = ()
    required: bool = False
    ask_if: tuple[Condition, ...] = ()
    effects: tuple[Effect, ...] = ()
    fills: str = ""
    private: bool = False

    @property
    def choices(self) -> tuple[Option, ...]:
        """What can be picked by a digit; empty where an answer is typed."""
        return YES_NO if self.type == "yes_no" else self.options


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line to read to the caller, or of the handling checklist (`unit`: it goes to the unit with the order)."""

    text: Words
    when: tuple[Condition, ...] = ()
    unit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """The questions of one kind of incident, common and shared ones already in their places.

    `codes` are beginnings of incident codes it is for, the longest counts. `police_first`: units are sent before
    anything is verified (one-key alarms). `draft`: ours, not yet approved where it is used.
    """

    id: str
    title: Words
    codes: tuple[str, ...]
    questions: tuple[Question, ...]
    instructions: tuple[Line, ...] = ()
    checklist: tuple[Line, ...] = ()
    police_first: bool = False
    draft: bool = True
    source: str = ""
    jurisdiction: str = ""
    date: str = ""

    def question(self, id_: str) -> Question | None:
        """The question with this id, None if the protocol has none."""
        return next((question for question in self.questions if question.id == id_), None)


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a question: its answer, or that it was skipped. `text` are the words a person reads."""

    value: str = ""
    text: str = ""
    skipped: bool = False


Known = Mapping[str, Given]
"""Answers by the question's id."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One reason for a priority: the level, the question, and why in words."""

    level: int
    question: str
    because: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What the answers mean together. `level` 0 = they ask for none; `route` '' = they ask for none.

    `raised` is gravest first; units, agencies, posts and warnings are in the order of the questions.
    """

    level: int = 0
    raised: tuple[Raised, ...] = ()
    units: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    route: str = ""
    warnings: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """All protocols of a desk and its posts (值班长, 刑侦 …) by id. `faults`: what a county's own folder got wrong."""

    protocols: Mapping[str, Protocol] = field(default_factory=dict)
    posts: Mapping[str, Words] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    def for_code(self, code: str) -> Protocol | None:
        """The protocol of an incident code: the one that names its longest beginning; None if none does."""
        known = [(len(start), p) for p in self.protocols.values() for start in p.codes if code.startswith(start)]
        return max(known, key=lambda pair: pair[0])[1] if code and known else None


def number_of(value: str) -> float | None:
    """The number an answer is; None for anything else."""
    try:
        found = float(value)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def asked(protocol: Protocol, known: Known) -> tuple[Question, ...]:
    """The questions that belong to the call as far as it is known, in their order."""
    kept: list[Question] = []
    on: set[str] = set()
    for question in protocol.questions:
        # An answer to a question that is not asked any more opens no others.
        if all(c.question in on and _holds(c, known) for c in question.ask_if):
            kept.append(question)
            on.add(question.id)
    return tuple(kept)


def open_questions(protocol: Protocol, known: Known) -> tuple[Question, ...]:
    """Those that are neither answered nor skipped."""
    return tuple(question for question in asked(protocol, known) if question.id not in known)


def skipped(protocol: Protocol, known: Known) -> tuple[Question, ...]:
    """Those that were passed over."""
    return tuple(q for q in asked(protocol, known) if q.id in known and known[q.id].skipped)


def meant(protocol: Protocol, known: Known) -> Meant:
    """What all answers mean together."""
    return _together(protocol, [(q, known[q.id].value) for q in asked(protocol, known) if q.id in known])


def meant_by(question: Question, value: str) -> Meant:
    """What this one answer means."""
    return _together(None, [(question, value)])


def instructions(protocol: Protocol, known: Known) -> tuple[Words, ...]:
    """What to read to the caller now."""
    return tuple(line.text for line in protocol.instructions if _all(line.when, protocol, known))


def checklist(protocol: Protocol, known: Known, *, unit: bool) -> tuple[Words, ...]:
    """The handling checklist: the unit's part, or the desk's own."""
    return tuple(line.text for line in protocol.checklist if line.unit is unit and _all(line.when, protocol, known))


def read_answer(question: Question, said: str) -> Given:
    """An answer as it was said (option values, or what was typed), checked; UserError says what is possible."""
    said = said.strip()
    if not said:
        raise UserError(f"“{question.short.zh}”还没有回答；不问请按跳过")
    if question.type == "number":
        return _number(question, said)
    if not question.choices:
        return Given(said, said)
    words = {option.value: option.zh for option in question.choices}
    values = list(dict.fromkeys(said.split(",")))
    wrong = [value for value in values if value not in words]
    if wrong or (len(values) > 1 and question.type != "multi"):
        choices = "、".join(f"{n}{option.zh}" for n, option in enumerate(question.choices, 1))
        raise UserError(f"“{question.short.zh}”只能答：{choices}")
    return Given(",".join(values), "、".join(words[value] for value in values))


def _number(question: Question, said: str) -> Given:
    found = number_of(said)
    if found is None or found < 0:
        raise UserError(f"“{question.short.zh}”要填数字，不能填“{said}”")
    plain = f"{found:g}" if abs(found) < 1e6 else str(int(found))
    return Given(plain, plain)


def _holds(condition: Condition, known: Known) -> bool:
    given = known.get(condition.question)
    return given is not None and not given.skipped and condition.match.holds(given.value)


def _all(conditions: Iterable[Condition], protocol: Protocol, known: Known) -> bool:
    conditions = tuple(conditions)
    on = {question.id for question in asked(protocol, known)} if conditions else set()
    return all(c.question in on and _holds(c, known) for c in conditions)


STRICTNESS = {"": 0, "C": 1, "A": 2, "B": 3}
"""B includes A (police go) and notifies as well; C never goes over either (domain/routing.py)."""


def _together(protocol: Protocol | None, said: Iterable[tuple[Question, str]]) -> Meant:
    found = [(q, value, e) for q, value in said for e in q.effects if e.match.holds(value)]
    raised = sorted(
        (Raised(e.raises_to, q.id, e.because or _because(q, value)) for q, value, e in found if e.raises_to),
        key=lambda reason: reason.level,
    )
    return Meant(
        level=raised[0].level if raised else 0,
        raised=tuple(raised),
        units=_unique(unit for *_, e in found for unit in e.units),
        agencies=_unique(agency for *_, e in found for agency in e.agencies),
        notify=_unique(post for *_, e in found for post in e.notify),
        route=max((e.route for *_, e in found), key=STRICTNESS.__getitem__, default=""),
        warnings=_unique(e.warn for *_, e in found if e.warn is not None),
    )


def _because(question: Question, value: str) -> Words:
    """凶器：刀具 / Weapon: knife; a plain yes needs no word."""
    if question.type == "yes_no" and value == "yes":
        return question.short
    picked = [option for option in question.choices if option.value in value.split(",")]
    zh, en = "、".join(o.zh for o in picked) or value, ", ".join(o.en for o in picked) or value
    return Words(f"{question.short.zh}：{zh}", f"{question.short.en}: {en}")


def _unique(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
