"""Asking the questions 接警问询要点: the acts, and what is known of an incident's protocol.

Each answer is saved as it is given. It may raise the priority, which is then told as raised by itself; it never lowers
it, and nothing is sent by it: units, agencies and a route are proposals. The protocol follows the incident's kind until
a person chooses one; answers to common and shared questions stay whatever protocol is asked.
"""

from collections.abc import Mapping
from typing import Any

from console.domain.answer import Answer
from console.domain.desk_facts import ProtocolChosen, QuestionAnswered
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.priority import Reason
from console.domain.protocol import Book, Given, Protocol, Question, asked, meant, meant_by, read_answer
from console.domain.protocol import checklist as checklist_of
from console.domain.state import State, need
from console.services import incidents, priorities

GENERAL = "general"
"""The protocol of an incident whose kind has none of its own, or is not chosen yet."""

NOTHING_SAID = ("no", "unknown")
"""Answers to a yes-or-no question that tell the unit nothing."""


# -- acts ------------------------------------------------------------------------------------------------------------


def choose_protocol(ledger: Ledger, *, incident: str, protocol: str) -> None:
    """Ask this protocol from now on, whatever kind is chosen later; '' = the kind's own again."""
    found = _running(ledger, incident)
    if found.protocol != protocol:
        ledger.record(ProtocolChosen(incident=found.number, protocol=protocol, by_person=bool(protocol)))


def answer_question(
    ledger: Ledger,
    *,
    incident: str,
    question: str,
    value: str,
    text: str,
    protocol: str = "",
    raise_to: int = 0,
    because: str = "",
    fills: str = "",
) -> None:
    """Keep an answer; `text` are the words people read (凶器：刀具), `because` why the level is raised.

    `fills` is a field of the incident that this answers: it is filled while it is empty, never overwritten.
    """
    found = _running(ledger, incident)
    if not value.strip():
        raise UserError("没有答复内容；不问请按跳过")
    if raise_to not in (0, 1, 2, 3, 4):
        raise UserError("级别只有一至四级")
    if not _keep(ledger, found, question, value=value.strip(), text=text, protocol=protocol):
        return
    if fills and not getattr(found, fills, ""):
        incidents.edit(ledger, incident=found.number, fields={fills: value.strip()})
    if raise_to:
        priorities.raise_to(ledger, found.number, (Reason("answer", raise_to, f"问询 {because or text}"),))


def skip_question(
    ledger: Ledger, *, incident: str, question: str, text: str, protocol: str = "", reason: str = ""
) -> None:
    """Pass a question over; that it was, and why if somebody said so, stays on record. An answer is not taken back."""
    found = _running(ledger, incident)
    before = ledger.get(Answer, _key(found, question))
    if before is not None and not before.skipped:
        raise UserError(f"“{text}”已有答复，可以改答，不能跳过")
    _keep(ledger, found, question, text=text, protocol=protocol, skipped=True, reason=reason.strip())


def _running(ledger: Ledger, incident: str) -> Incident:
    found = need(ledger, Incident, incident)
    if not found.open:
        raise UserError(f"警情{found.short}已结束，不再问询")
    return found


def _key(incident: Incident, question: str) -> str:
    return f"{incident.number}?{question}"


def _keep(ledger: Ledger, incident: Incident, question: str, **said: Any) -> bool:
    """Record it unless it stands there already; answers whether it was new."""
    before = ledger.get(Answer, _key(incident, question))
    if before is not None and all(getattr(before, name) == value for name, value in said.items()):
        return False
    row = Answer(
        id=_key(incident, question),
        incident=incident.number,
        question=question,
        answered_by=ledger.act.actor,
        at=ledger.now,
        **said,
    )
    ledger.record(QuestionAnswered(incident=incident.number, answer=row))
    return True


# -- what is known ---------------------------------------------------------------------------------------------------


def protocol_of(incident: Incident, book: Book) -> Protocol | None:
    """The protocol that is asked: the one chosen by hand, the kind's, else the general one."""
    chosen = book.protocols.get(incident.protocol)
    return chosen or book.for_code(incident.kind) or book.protocols.get(GENERAL)


def answers(state: State, number: str) -> dict[str, Answer]:
    """The answers of an incident by question."""
    return {row.question: row for row in state.where(Answer, incident=number)}


def known(state: State, incident: Incident, protocol: Protocol) -> dict[str, Given]:
    """What is known of the protocol's questions: what was answered or skipped, and what stands in the form."""
    given = {row.question: Given(row.value, row.text, row.skipped) for row in answers(state, incident.number).values()}
    return {**given, **from_form(protocol, {name: getattr(incident, name) for name in _filled(protocol)})}


def from_form(protocol: Protocol, fields: Mapping[str, str]) -> dict[str, Given]:
    """The questions that a form answers by what stands in its fields: nobody asks twice, nobody types twice."""
    found = {q.id: fields.get(q.fills, "").strip() for q in protocol.questions if q.fills}
    return {id_: Given(value, value) for id_, value in found.items() if value}


def _filled(protocol: Protocol) -> set[str]:
    return {question.fills for question in protocol.questions if question.fills}


def answer_step(incident: str, protocol: Protocol, question: Question, said: str) -> tuple[str, dict[str, Any]]:
    """The act for an answer as it was said (option values joined by commas, or what was typed); UserError if it cannot
    be one."""
    given = read_answer(question, said)
    means = meant_by(question, given.value)
    why = "；".join(raised.because.zh for raised in means.raised if raised.level == means.level)
    told = {"value": given.value, "text": f"{question.short.zh}：{given.text}", "protocol": protocol.id}
    raises = {"raise_to": means.level, "because": why} if means.level else {}
    fills = {"fills": question.fills} if question.fills else {}
    return "incident.answer_question", {"incident": incident, "question": question.id, **told, **raises, **fills}


def skip_step(incident: str, protocol: Protocol, question: Question, reason: str = "") -> tuple[str, dict[str, Any]]:
    """The act for a question that is passed over."""
    told = {"question": question.id, "text": question.short.zh, "protocol": protocol.id, "reason": reason}
    return "incident.skip_question", {"incident": incident, **told}


def agencies_asked_for(state: State, incident: Incident | None, book: Book) -> tuple[str, ...]:
    """The agencies that the answers ask for, in the order of the questions."""
    protocol = protocol_of(incident, book) if incident is not None else None
    return meant(protocol, known(state, incident, protocol)).agencies if incident and protocol else ()


# -- what goes to the unit -------------------------------------------------------------------------------------------


def checklist(state: State, incident: Incident, book: Book) -> list[str]:
    """What the unit must know and do, a line each: warnings first, then what was answered, then the checklist.

    What the order tells anyway (place, number, narrative) and what is only the desk's business is left out.
    """
    protocol = protocol_of(incident, book)
    if protocol is None:
        return []
    given = known(state, incident, protocol)
    said = [given[q.id].text for q in asked(protocol, given) if q.id in given and _for_unit(q, given[q.id])]
    warnings = [f"注意：{warning.zh}" for warning in meant(protocol, given).warnings]
    return [*warnings, *said, *(line.zh for line in checklist_of(protocol, given, unit=True))]


def _for_unit(question: Question, given: Given) -> bool:
    if question.fills or question.private or given.skipped:
        return False
    return question.type != "yes_no" or given.value not in NOTHING_SAID
