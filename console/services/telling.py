"""The timeline's sentences: one fact, one line a person can read aloud.

The one table for the windows' timeline, for the demo's printout and for what a person is told when another was
faster. A fact that only repeats another one of the same act (the unit's status beside its report, the incident's step
beside its lead unit's) has no sentence and is not shown; nothing else is left out. Names of units and agencies
are learned from the facts themselves, so an incident of last year reads like one of today.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from console.domain import facts
from console.domain.alarm import ALARM
from console.domain.approval import APPROVAL_LABELS, ApprovalState
from console.domain.assignment import ASSIGNMENT
from console.domain.body import Body
from console.domain.equipment_facts import RepairOpened
from console.domain.facts import Fact
from console.domain.handoff import HANDOFF
from console.domain.incident import INCIDENT
from console.domain.unit import ORDER_CHAIN, UNIT_LABELS, UnitStatus
from console.services.speaker import Speaker, Translate, plain
from console.services.telling_major import MAJOR
from console.services.telling_orders import ORDERS
from console.services.telling_questions import QUESTIONS
from console.services.telling_safety import SAFETY
from console.services.telling_waiting import WAITING
from console.services.wording import CHANNELS, FIELDS, NO_ROUTE, OUTCOMES, OWNERS, PRIORITIES, ROUTES, RULES, clock_text

B = TypeVar("B", bound=Body)


class Teller(Speaker):
    """Tells facts of one incident in order; `tell` answers '' for a fact that has no line of its own."""

    def tell(self, fact: Fact) -> str:
        """The fact's sentence."""
        sentence = SENTENCES.get(type(fact.body))
        return sentence(self, fact.body) if sentence is not None else ""


SENTENCES: dict[type[Body], Callable[[Teller, Body], str]] = {**WAITING, **ORDERS, **MAJOR, **QUESTIONS, **SAFETY}


def _tells(kind: type[B]) -> Callable[[Callable[[Teller, B], str]], Callable[[Teller, B], str]]:
    def enter(sentence: Callable[[Teller, B], str]) -> Callable[[Teller, B], str]:
        SENTENCES[kind] = sentence  # type: ignore[assignment]
        return sentence

    return enter


# -- the incident --------------------------------------------------------------------------------------------


@_tells(facts.IncidentOpened)
def _opened(teller: Teller, body: facts.IncidentOpened) -> str:
    record = body.record
    opened = teller.say("一键报警建立警情") if record.source == "alarm" else teller.say("来电建立警情")
    if record.source == "sms":
        opened = teller.say("短信报警建立警情")
    return teller.told(opened, teller.kind(record.kind) if record.kind else "", record.place or record.place_unknown)


SHOWN_BY_ANOTHER = frozenset({"dispatch", "sign", "depart", "arrive", "report", "feedback", "withdraw"})
"""Steps of the incident that follow its lead unit; the order's own fact tells them."""


@_tells(facts.IncidentMoved)
def _moved(teller: Teller, body: facts.IncidentMoved) -> str:
    if body.act in SHOWN_BY_ANOTHER:
        return ""
    return teller.told(teller.word(INCIDENT.words.get(body.act, body.act)), body.reason)


@_tells(facts.IncidentEdited)
def _edited(teller: Teller, body: facts.IncidentEdited) -> str:
    shown = [name for name in body.new if name in FIELDS]
    pieces = [f"{teller.named(FIELDS, name)} {_value(teller, name, body.new[name])}" for name in shown]
    changed = teller.say("修改")
    return f"{changed} {teller.word('；').join(pieces)}" if pieces else teller.say("修改定位")


def _value(teller: Teller, name: str, value: object) -> str:
    if name == "kind":
        return teller.kind(str(value))
    if name == "route":
        return teller.named(ROUTES, str(value) if value in ROUTES else NO_ROUTE)
    return f"“{value}”"


@_tells(facts.PriorityChanged)
def _priority(teller: Teller, body: facts.PriorityChanged) -> str:
    changed = teller.say("升级：{old} → {new}") if body.new < body.old else teller.say("降级：{old} → {new}")
    return teller.told(
        changed.format(old=teller.word(PRIORITIES[body.old]), new=teller.word(PRIORITIES[body.new])), body.reason
    )


@_tells(facts.IncidentResult)
def _result(teller: Teller, body: facts.IncidentResult) -> str:
    return teller.told(teller.say("处理结果"), teller.kind(body.code), body.text)


@_tells(facts.IncidentMerged)
def _merged(teller: Teller, body: facts.IncidentMerged) -> str:
    return teller.say("作为重复警情并入 {number}").format(number=body.into)


@_tells(facts.IncidentUnmerged)
def _unmerged(teller: Teller, body: facts.IncidentUnmerged) -> str:
    return teller.told(teller.say("拆分，恢复为独立警情"), body.reason)


@_tells(facts.IncidentAliased)
def _aliased(teller: Teller, body: facts.IncidentAliased) -> str:
    return teller.say("本机编号 {number} 就是本警情").format(number=body.alias)


@_tells(facts.CalledBack)
def _called_back(teller: Teller, body: facts.CalledBack) -> str:
    return teller.told(teller.say("回访"), teller.named(OUTCOMES, body.outcome), body.text)


@_tells(facts.NoteAdded)
def _note(teller: Teller, body: facts.NoteAdded) -> str:
    return teller.told(teller.say("备注"), body.text)


@_tells(facts.DeadlinePassed)
def _late(teller: Teller, body: facts.DeadlinePassed) -> str:
    if body.rule == "unowned":
        return _unowned(teller, body)
    owner = teller.reference.agencies.get(body.owner)
    who = teller.word(owner.short) if owner is not None else teller.named(OWNERS, body.owner)
    late = teller.say("{who} {what}超时（应于 {due}）")
    said = late.format(who=who, what=teller.named(RULES, body.rule), due=clock_text(body.due_at))
    return (
        said if body.step <= 1 else teller.say("{late}，已提示{whom}").format(late=said, whom=_whom(teller, body.looks))
    )


def _whom(teller: Teller, looks: str) -> str:
    """Who was told as it climbed."""
    if looks == "chief":
        return teller.named(OWNERS, looks)
    return teller.say("邻席 {seat}").format(seat=looks) if looks else teller.say("各席")


def _unowned(teller: Teller, body: facts.DeadlinePassed) -> str:
    """Nobody acknowledged an alarm: first the desk is told again, then the duty chief."""
    said = teller.say("一键报警无人确认（应于 {due}），已再次提示{who}")
    if body.owner == "chief":
        said = teller.say("一键报警无人确认（应于 {due}），已报{who}")
    return said.format(due=clock_text(body.due_at), who=teller.named(OWNERS, body.owner))


# -- alarms --------------------------------------------------------------------------------------------------


@_tells(facts.AlarmRaised)
def _raised(teller: Teller, body: facts.AlarmRaised) -> str:
    alarm = body.alarm
    raised = teller.say("一键报警 账号 {account} 防区 {zone} 线路 {line}（事件 {event}）")
    return raised.format(
        account=alarm.account or "—", zone=alarm.zone or "—", line=alarm.line or "—", event=alarm.event_code or "—"
    )


@_tells(facts.AlarmPressedAgain)
def _pressed(teller: Teller, body: facts.AlarmPressedAgain) -> str:
    return teller.say("再次按下报警按钮")


@_tells(facts.AlarmSecondPath)
def _second(teller: Teller, body: facts.AlarmSecondPath) -> str:
    return teller.say("同一报警又经线路 {line} 收到").format(line=body.line)


@_tells(facts.AlarmRestored)
def _restored(teller: Teller, body: facts.AlarmRestored) -> str:
    return teller.say("按钮已松开，报警仍锁定")


@_tells(facts.AlarmPlaced)
def _placed(teller: Teller, body: facts.AlarmPlaced) -> str:
    return teller.told(teller.say("报警账号已登记为点位 {site}").format(site=body.name), str(body.new.get("place", "")))


@_tells(facts.AlarmMoved)
def _alarm_moved(teller: Teller, body: facts.AlarmMoved) -> str:
    if body.act == "annunciate":
        return teller.say("一键报警已在本席声光提示")
    moved = teller.say("一键报警 {act}").format(act=teller.word(ALARM.words.get(body.act, body.act)))
    return teller.told(moved, body.reason)


@_tells(RepairOpened)
def _repair(teller: Teller, body: RepairOpened) -> str:
    return teller.told(teller.say("开维修单"), body.order.text)


# -- units ---------------------------------------------------------------------------------------------------


@_tells(facts.UnitAssigned)
def _assigned(teller: Teller, body: facts.UnitAssigned) -> str:
    teller.units[body.assignment.id] = body.assignment.unit
    sent = teller.say("派警 {unit}").format(unit=body.assignment.unit)
    return teller.told(sent, body.assignment.reason)


@_tells(facts.AssignmentMoved)
def _order_moved(teller: Teller, body: facts.AssignmentMoved) -> str:
    did = teller.word(ASSIGNMENT.words.get(body.act, body.act))
    return teller.told(f"{teller.unit(body.assignment)} {did}", teller.kind(body.code), body.text, body.reason)


@_tells(facts.LeadChanged)
def _lead(teller: Teller, body: facts.LeadChanged) -> str:
    return teller.say("{unit} 为主办警组").format(unit=teller.unit(body.assignment))


@_tells(facts.UnitMoved)
def _unit_moved(teller: Teller, body: facts.UnitMoved) -> str:
    status = UnitStatus(body.status)
    if status in ORDER_CHAIN or status is UnitStatus.AVAILABLE:
        return ""
    return teller.told(f"{body.unit} {teller.word(UNIT_LABELS[status])}", body.reason)


# -- agencies ------------------------------------------------------------------------------------------------


@_tells(facts.HandoffDrafted)
def _drafted(teller: Teller, body: facts.HandoffDrafted) -> str:
    teller.agencies[body.handoff.id] = body.handoff.agency
    return ""  # It is sent in the same act; SENT tells it.


@_tells(facts.HandoffMoved)
def _handoff_moved(teller: Teller, body: facts.HandoffMoved) -> str:
    agency = teller.agency(body.handoff)
    if body.act == "send":
        sent = teller.say("联动派单 {agency}（{channel}）")
        return sent.format(agency=agency, channel=teller.named(CHANNELS, body.channel))
    suggested = teller.reference.agencies.get(body.suggested)
    better = teller.say("建议 {agency}").format(agency=teller.word(suggested.short)) if suggested else ""
    return teller.told(
        f"{agency} {teller.word(HANDOFF.words.get(body.act, body.act))}", body.by, body.text, body.reason, better
    )


@_tells(facts.HandoffUrged)
def _urged(teller: Teller, body: facts.HandoffUrged) -> str:
    return teller.told(teller.say("催办 {agency}").format(agency=teller.agency(body.handoff)), body.text)


@_tells(facts.SlipPrinted)
def _slip(teller: Teller, body: facts.SlipPrinted) -> str:
    return teller.told(
        teller.say("打印派单纸 {agency}").format(agency=teller.agency(body.handoff)),
        body.file,
    )


# -- whose incident it is ------------------------------------------------------------------------------------


@_tells(facts.OwnerAsked)
def _owner_asked(teller: Teller, body: facts.OwnerAsked) -> str:
    return teller.say("{who} 请求接手").format(who=body.by)


@_tells(facts.OwnerChanged)
def _owner_changed(teller: Teller, body: facts.OwnerChanged) -> str:
    changed = teller.say("接警人 {old} → {new}").format(old=body.old or "—", new=body.new or "—")
    return teller.told(changed, body.reason)


@_tells(facts.ConfidentialityChanged)
def _confidentiality(teller: Teller, body: facts.ConfidentialityChanged) -> str:
    changed = teller.say("设为涉密") if body.confidential else teller.say("解除涉密")
    return teller.told(changed, body.reason)


# -- approvals, looks, holds ---------------------------------------------------------------------------------


@_tells(facts.ApprovalAsked)
def _approval_asked(teller: Teller, body: facts.ApprovalAsked) -> str:
    return teller.told(teller.say("请求审批"), body.approval.reason)


@_tells(facts.ApprovalDecided)
def _approval_decided(teller: Teller, body: facts.ApprovalDecided) -> str:
    return teller.told(teller.word(APPROVAL_LABELS[ApprovalState(body.state)]), body.answer)


@_tells(facts.PersonViewed)
def _viewed(teller: Teller, body: facts.PersonViewed) -> str:
    return teller.told(teller.say("查看个人信息"), _field_names(teller, body.fields))


@_tells(facts.PersonRevealed)
def _revealed(teller: Teller, body: facts.PersonRevealed) -> str:
    return teller.told(teller.say("显示个人信息"), _field_names(teller, body.fields), body.reason)


def _field_names(teller: Teller, fields: Sequence[str]) -> str:
    return teller.word("、").join(teller.named(FIELDS, field) for field in fields)


@_tells(facts.ActRefused)
def _refused(teller: Teller, body: facts.ActRefused) -> str:
    return teller.told(teller.say("操作被拒绝"), body.why)


@_tells(facts.HoldPlaced)
def _hold(teller: Teller, body: facts.HoldPlaced) -> str:
    return teller.told(teller.say("留存：不得清除"), body.hold.reason)


@_tells(facts.HoldLifted)
def _lifted(teller: Teller, body: facts.HoldLifted) -> str:
    return teller.told(teller.say("解除留存"), body.reason)


# -- marks ---------------------------------------------------------------------------------------------------


def marks(fact: Fact, translate: Translate = plain) -> tuple[str, ...]:
    """What must be said about how the fact came in: on behalf, implied, only on this machine yet."""
    found = []
    if getattr(fact.body, "on_behalf", False):
        phoned = isinstance(fact.body, facts.HandoffMoved)
        found.append(translate("Timeline", "电话代录") if phoned else translate("Timeline", "代录"))
    if getattr(fact.body, "implied", False):
        found.append(translate("Timeline", "推定"))
    if fact.provisional:
        found.append(translate("Timeline", "本机暂存"))
    return tuple(found)
