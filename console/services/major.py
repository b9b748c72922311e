"""Acts on major incidents 重大警情: declared, reported up, told, and the log of orders given.

A declaration tells exactly those whom the person saw named before Enter. Where a telephone is registered that takes
texts, the report goes out in the same act; everybody else is rung up by a person, who then says so and when.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from console.domain.answer import Answer
from console.domain.assignment import Assignment
from console.domain.desk_facts import CommandLogged, MajorDeclared, ReportedUp
from console.domain.equipment_facts import MessageQueued
from console.domain.errors import UserError
from console.domain.incident import ENDED, Incident
from console.domain.ledger import Ledger
from console.domain.major import PLACES, MajorTable, OrderTemplate, Sign, Superior, filled, open_places
from console.domain.outbox import MessageState, OutboxMessage
from console.domain.report_up import ReportUp
from console.domain.secrecy import is_secret
from console.domain.state import State, need
from console.persistence.numbers import SHANGHAI
from console.services.masking import mask_text
from console.services.order_text import tables
from console.services.phone_numbers import number_to_text
from console.services.receivers import DEMO, refusal
from console.services.wording import PRIORITIES
from resources import ROOT

PURPOSE = "report_up"
"""What the outbox's rows of reports up are for."""

UNREGISTERED = "未登记"
FILE = ROOT / "reference" / "major.json"
MOST_LETTERS = 400
STORY = 60
"""So many letters of the narrative go into a text."""


class MajorFile(BaseModel):
    """major.json as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    date: str = Field(min_length=4)
    signs: tuple[Sign, ...]
    superiors: tuple[Superior, ...] = Field(min_length=1)
    templates: tuple[OrderTemplate, ...]
    report: str = Field(min_length=1)


@lru_cache
def table(path: Path = FILE) -> MajorTable:
    """What makes a major incident and who is told; UserError names every fault of the file, one a line."""
    try:
        read = MajorFile.model_validate(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as fault:
        raise refusal(path, fault) from None
    questions = [question.id for one in tables().protocols.protocols.values() for question in one.questions]
    faults = list(_faults(read, tables().codes, frozenset(questions)))
    if faults:
        raise UserError("\n".join(f"{path.name} {fault}" for fault in faults))
    return MajorTable(read.signs, read.superiors, read.templates, read.report)


def _faults(read: MajorFile, codes: Collection[str], questions: Collection[str]) -> Iterator[str]:
    for name, keys in (("superiors", [s.id for s in read.superiors]), ("templates", [t.id for t in read.templates])):
        yield from (f"{name}：{key} 出现 {n} 次" for key, n in Counter(keys).items() if n > 1)
    for sign in read.signs:
        yield from (f"signs {sign.why}：编码 {code} 不存在" for code in sign.codes if code and code not in codes)
        asked = [answer.partition("=") for answer in sign.answers]
        yield from (f"signs {sign.why}：问题 {q} 不存在" for q, _, value in asked if q not in questions or not value)
        if not set(sign.priorities) <= set(PRIORITIES):
            yield f"signs {sign.why}：级别须为 1 到 4"
    for one in read.superiors:
        yield from _superior_faults(one, codes)
    for place, text in (("report", read.report), *((f"templates {t.id}", t.text) for t in read.templates)):
        unknown = [name for name in open_places(text) if name not in (*PLACES, "to")]
        yield from (f"{place}：不认识的占位 {{{name}}}，可用 {'、'.join((*PLACES, 'to'))}" for name in unknown)


def _superior_faults(one: Superior, codes: Collection[str]) -> Iterator[str]:
    if not (one.id and one.title.strip()) or "^" in one.id:
        yield f"superiors {one.id or '（空）'}：编号和名称不能为空，编号不能含 ^"
    if one.channel not in ("phone", "sms"):
        yield f"superiors {one.id}：方式须为 phone 或 sms"
    if not 30 <= one.within_s <= 24 * 3600:
        yield f"superiors {one.id}：时限须在 30 到 86400 秒之间"
    yield from (f"superiors {one.id}：编码 {code} 不存在" for code in one.codes if code not in codes)
    if one.phone and not one.phone.startswith(DEMO):
        try:
            number_to_text(one.phone)
        except UserError as why:
            yield f"superiors {one.id}：{why}"


# -- acts ------------------------------------------------------------------------------------------------------------


def declare(ledger: Ledger, *, incident: str, recipients: Sequence[str], reason: str = "") -> None:
    """It is a major incident, and these are told; whoever is already on the list stays there as he is."""
    target = need(ledger, Incident, incident)
    if target.state in ENDED:
        raise UserError(f"警情{target.short}已结束，不能再报重大警情")
    known = {one.id: one for one in table().superiors}
    unknown = [key for key in recipients if key not in known]
    if unknown:
        raise UserError(f"没有登记这个报告对象：{'、'.join(unknown)}")
    listed = {row.recipient for row in ledger.where(ReportUp, incident=target.number)}
    fresh = [known[key] for key in dict.fromkeys(recipients) if key not in listed]
    if not fresh:
        raise UserError("名单上的都已在报告，请勾选要报告的人" if recipients else "请至少选一个报告对象")
    text = report_text(ledger, target)
    reports = tuple(_report(ledger, target, one, text) for one in fresh)
    ledger.record(MajorDeclared(incident=target.number, reason=reason.strip(), reports=reports))
    for report in reports:
        if report.channel == "sms":
            ledger.record(MessageQueued(message=_message(ledger, report)))


def _report(ledger: Ledger, target: Incident, one: Superior, text: str) -> ReportUp:
    return ReportUp(
        id=f"{target.number}^{one.id}",
        incident=target.number,
        recipient=one.id,
        name=one.title,
        phone=one.phone,
        channel="sms" if _number(one) else "phone",
        text=text,
        asked_at=ledger.now,
        asked_by=ledger.act.actor,
    )


def _number(one: Superior) -> str:
    """The number that takes a text, '' for whoever is rung up."""
    if one.channel == "sms" and one.phone:
        with suppress(UserError):
            return number_to_text(one.phone)
    return ""


def _message(ledger: Ledger, report: ReportUp) -> OutboxMessage:
    name = f"{ledger.act.act_id}\n{report.recipient}\n{PURPOSE}"
    return OutboxMessage(
        id=str(uuid5(NAMESPACE_OID, name)),
        number=number_to_text(report.phone),
        text=report.text,
        purpose=PURPOSE,
        about=report.id,
        queued_at=ledger.now,
    )


def told(ledger: Ledger, *, report: str, by: str = "", answer: str = "") -> None:
    """A person told him; `by` is who took the report there, `answer` what he said."""
    found = need(ledger, ReportUp, report)
    if found.told_at is not None:
        raise UserError(f"{found.name} 已于 {found.told_at.astimezone(SHANGHAI):%H:%M} 报告")
    ledger.record(ReportedUp(incident=found.incident, report=found.id, by=by.strip(), answer=answer.strip()))


def log_command(ledger: Ledger, *, incident: str, to: str, text: str, by: str = "", template: str = "") -> None:
    """An order was given, in these words; it is kept, nobody is told by it."""
    target = need(ledger, Incident, incident)
    if not (to.strip() and text.strip()):
        raise UserError("请写明口令给谁、内容是什么")
    if len(text.strip()) > MOST_LETTERS:
        raise UserError(f"口令最多 {MOST_LETTERS} 字")
    if template and template not in {one.id for one in table().templates}:
        raise UserError(f"没有这个口令模板：{template}")
    said = {"to": to.strip(), "text": text.strip(), "by": by.strip() or ledger.act.actor, "template": template}
    ledger.record(CommandLogged(incident=target.number, **said))


def message_moved(ledger: Ledger, message: OutboxMessage, act: str) -> None:
    """A row of the outbox moved: who has the text on his telephone is told. Called within the row's own act."""
    report = ledger.get(ReportUp, message.about) if message.purpose == PURPOSE and act == "deliver" else None
    if report is not None and report.told_at is None:
        ledger.record(ReportedUp(incident=report.incident, report=report.id, by="短信送达"))


# -- words -----------------------------------------------------------------------------------------------------------


def known_of(state: State, incident: Incident) -> Mapping[str, str]:
    """What stands for each placeholder; no person's name or number, and of a secret case only kind and place."""
    code = tables().codes.get(incident.kind)
    sent = dict.fromkeys(order.unit for order in state.where(Assignment, incident=incident.number) if order.open)
    story = "" if is_secret(incident) else " ".join(mask_text(incident.narrative).split())[:STORY]
    return {
        "number": incident.short,
        "kind": code.name if code is not None else incident.title or "警情",
        "priority": PRIORITIES[incident.priority],
        "place": incident.place or incident.place_unknown,
        "beat": incident.beat,
        "narrative": story or "不明",
        "time": f"{incident.created_at.astimezone(SHANGHAI):%m-%d %H:%M}",
        "units": "、".join(sent) or "尚未派警",
    }


def report_text(state: State, incident: Incident) -> str:
    """The words of the report up."""
    return filled(table().report, known_of(state, incident))[:MOST_LETTERS]


def order_text(state: State, incident: Incident, template: OrderTemplate, to: str) -> str:
    """A template's words for this incident."""
    return filled(template.text, {**known_of(state, incident), "to": to or template.to})


# -- reading ---------------------------------------------------------------------------------------------------------


def why_major(state: State, incident: Incident) -> str:
    """Why the table proposes to declare it, '' if it does not, or somebody did."""
    if incident.major_at is not None or incident.state in ENDED:
        return ""
    answers = {row.question: row.value for row in state.where(Answer, incident=incident.number) if not row.skipped}
    return table().why(incident, answers)


def reports_of(state: State, incident: str) -> list[ReportUp]:
    """The list in the table's order."""
    order = {one.id: place for place, one in enumerate(table().superiors)}
    rows = state.where(ReportUp, incident=incident)
    return sorted(rows, key=lambda row: (order.get(row.recipient, len(order)), row.recipient))


def due_at(report: ReportUp) -> datetime | None:
    """Until when he has to be told."""
    within = table().within(report.recipient)
    return report.asked_at + within if within is not None else None


def stands(state: State, report: ReportUp) -> str:
    """How the text to him stands, '' for whoever is rung up."""
    rows = [row for row in state.where(OutboxMessage, about=report.id) if row.purpose == PURPOSE]
    if not rows:
        return ""
    state_words = {MessageState.QUEUED: "短信待发", MessageState.SENT: "短信已发，未见回执"}
    return state_words.get(rows[-1].state, "短信未送达，请打电话" if rows[-1].state is MessageState.FAILED else "")
