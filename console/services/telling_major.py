"""The timeline's sentences for bulletins and major incidents; `telling` takes them into its table."""

from collections.abc import Callable, Mapping
from typing import Any

from console.domain import desk_facts as facts
from console.domain.body import Body
from console.domain.bulletin import BULLETIN_KINDS, RECEIPT_STATES
from console.services.speaker import Speaker


def _issued(teller: Speaker, body: facts.BulletinIssued) -> str:
    bulletin = body.bulletin
    teller.requests[bulletin.id] = f"{bulletin.short} {bulletin.title}"
    teller.requests.update({receipt.id: receipt.name for receipt in body.receipts})
    said = teller.say("发布{kind} {short}，通知 {n} 处").format(
        kind=teller.word(BULLETIN_KINDS[bulletin.kind]), short=bulletin.short, n=len(body.receipts)
    )
    return teller.told(said, bulletin.title, bulletin.plate)


def _receipt(teller: Speaker, body: facts.BulletinTold) -> str:
    key, _, recipient = body.receipt.partition("@")
    name = teller.requests.get(body.receipt, recipient)
    said = teller.say("{short} 回执：{name} {state}")
    short = f"BK{key[6:]}"
    state = teller.word(RECEIPT_STATES[body.state])
    return teller.told(said.format(short=short, name=name, state=state), teller.word(body.by), body.text)


def _cancelled(teller: Speaker, body: facts.BulletinCancelled) -> str:
    named = teller.requests.get(body.bulletin, body.bulletin)
    return teller.told(teller.say("撤销布控通播 {name}").format(name=named), body.reason)


def _major(teller: Speaker, body: facts.MajorDeclared) -> str:
    teller.requests.update({report.id: report.name for report in body.reports})
    names = teller.word("、").join(teller.word(report.name) for report in body.reports)
    said = teller.say("报重大警情，须报告 {names}").format(names=names)
    return teller.told(said, body.reason)


def _told(teller: Speaker, body: facts.ReportedUp) -> str:
    name = teller.requests.get(body.report, body.report.partition("^")[2])
    return teller.told(teller.say("已报告 {name}").format(name=teller.word(name)), teller.word(body.by), body.answer)


def _command(teller: Speaker, body: facts.CommandLogged) -> str:
    return teller.told(teller.say("口令 {by} → {to}").format(by=body.by, to=body.to), body.text)


MAJOR: Mapping[type[Body], Callable[[Speaker, Any], str]] = {
    facts.BulletinIssued: _issued,
    facts.BulletinTold: _receipt,
    facts.BulletinCancelled: _cancelled,
    facts.MajorDeclared: _major,
    facts.ReportedUp: _told,
    facts.CommandLogged: _command,
}
"""Kind of fact -> its sentence."""
