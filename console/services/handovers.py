"""Acts on handovers 交接班, and the list of what is open at a seat: incidents, promises, alarms, tests, calls, orders.

The list is read from the picture at one moment and kept as it was read, with the giver's notes and the journal's head;
the one who gives signs by submitting it, the one who takes over by the password he signs on with.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.domain.alarm import ALARM_LABELS, Alarm
from console.domain.bulletin import BULLETIN_KINDS, Bulletin
from console.domain.call import Call
from console.domain.desk_facts import HandoverDrawn, HandoverSigned
from console.domain.emergency import Emergency
from console.domain.errors import UserError
from console.domain.handover import Handover
from console.domain.incident import INCIDENT_LABELS, Incident
from console.domain.ledger import Ledger
from console.domain.link import StackedJob
from console.domain.report_up import HelpRequest, ReportUp
from console.domain.state import need
from console.domain.test_window import TestWindow
from console.domain.trouble import TROUBLE_LABELS, Trouble, TroubleState
from console.services.calls import missed
from console.services.health import Health
from console.services.picture import Picture
from console.services.wording import RULES

GROUPS = {
    "emergency": "紧急求助",
    "alarm": "一键报警",
    "incident": "在办警情",
    "promise": "承诺",
    "waiting": "暂缓预约",
    "stack": "叠放",
    "call": "来电",
    "report": "待报告",
    "help": "协作请求",
    "test": "测试报备",
    "trouble": "搁置的技术事件",
    "bulletin": "布控通播",
    "unsent": "未送达",
}
"""Kinds of open things, the gravest first."""


@dataclass(frozen=True, slots=True)
class Item:
    """One open thing: its kind (`GROUPS`), its key, and one sentence."""

    kind: str
    key: str
    text: str

    def line(self) -> str:
        """As a handover keeps it."""
        return f"{self.kind}\t{self.key}\t{self.text}"

    @property
    def news(self) -> tuple[str, str, str]:
        """What of it somebody has to read anew once it is another: not the seconds of a promise, which always run."""
        return self.kind, self.key, "" if self.kind == "promise" else self.text


def item_of(line: str) -> Item:
    """Read back what `Item.line` wrote."""
    kind, key, text = line.split("\t", 2)
    return Item(kind, key, text)


# -- acts ------------------------------------------------------------------------------------------------------------


def draw(
    ledger: Ledger,
    *,
    handover: str,
    items: Sequence[str],
    notes: str = "",
    name: str = "",
    head: int = 0,
) -> None:
    """The list as the giver read it; by submitting it he signs."""
    drawn = Handover(
        id=handover,
        seat=ledger.act.seat,
        from_actor=ledger.act.actor,
        from_name=name,
        items=tuple(items),
        notes=notes.strip(),
        head=head,
        drawn_at=ledger.now,
    )
    ledger.record(HandoverDrawn(handover=drawn))
    ledger.record(HandoverSigned(handover=handover, side="from", account=ledger.act.actor, name=name))


def sign(ledger: Ledger, *, handover: str, name: str = "") -> None:
    """Who takes over signs; it must be another person than who gave, at the same seat."""
    found = need(ledger, Handover, handover)
    if not found.open:
        raise UserError(f"该交接班已由 {found.to_actor} 签收")
    if found.seat != ledger.act.seat:
        raise UserError(f"这是{found.seat}席的交接班")
    if found.from_actor == ledger.act.actor:
        raise UserError("接班人须是另一人")
    ledger.record(HandoverSigned(handover=found.id, side="to", account=ledger.act.actor, name=name))


# -- what is open ----------------------------------------------------------------------------------------------------


def open_items(
    picture: Picture,
    health: Health,
    actor: str,
    now: datetime,
    hidden: Callable[[Incident], bool] = lambda _incident: False,
) -> list[Item]:
    """Everything that must not be lost across a shift, the gravest kind first. `actor` gives over: of incidents his own
    and those nobody owns are listed, of everything else all but what is `hidden` from him."""
    seen = [row for row in picture.incidents() if not hidden(row)]
    found = [
        *_emergencies(picture),
        *_alarms(picture, hidden),
        *_incidents(seen, actor),
        *_promises(picture, seen, actor, now),
        *_waiting(seen),
        *_asked_of_others(picture),
        *_standing_orders(picture, now),
        *_calls(picture, now),
    ]
    if health.unsent:
        found.append(Item("unsent", "spool", f"本机暂存 {health.unsent} 条尚未送达日志"))
    order = list(GROUPS)
    return sorted(found, key=lambda item: order.index(item.kind))


def _emergencies(picture: Picture) -> Iterator[Item]:
    for row in picture.state.all(Emergency):
        if row.open:
            yield Item("emergency", row.id, f"{row.unit} 紧急求助未解除")


def _alarms(picture: Picture, hidden: Callable[[Incident], bool]) -> Iterator[Item]:
    """Bytes that nobody could read latch like a button, but belong to no incident: their line is named."""
    for alarm in picture.state.all(Alarm):
        incident = picture.state.get(Incident, alarm.incident)
        if alarm.open and (incident is None or not hidden(incident)):
            name = f"线路{alarm.line}收到无法解析的报文" if incident is None else _name(incident)
            yield Item("alarm", alarm.id, f"{name}：{ALARM_LABELS[alarm.state]}，未手动复位")


def _own(seen: Sequence[Incident], actor: str) -> list[Incident]:
    rows = [row for row in seen if row.open and row.owner in ("", actor)]
    return sorted(rows, key=lambda row: (row.priority, row.created_at))


def _incidents(seen: Sequence[Incident], actor: str) -> Iterator[Item]:
    for row in _own(seen, actor):
        yield Item("incident", row.number, f"{_name(row)} · {INCIDENT_LABELS[row.state]}")


def _promises(picture: Picture, seen: Sequence[Incident], actor: str, now: datetime) -> Iterator[Item]:
    for row in _own(seen, actor):
        for promise in picture.promises(row.number):
            left = promise.left_s(now)
            how = f"超时 {_span(-left)}" if left < 0 else f"还有 {_span(left)}"
            rule = RULES.get(promise.rule.value, promise.rule.value)
            yield Item("promise", promise.subject, f"{row.short} {rule}{how}")


def _waiting(seen: Sequence[Incident]) -> Iterator[Item]:
    for row in seen:
        if row.open and row.waits_until is not None:
            what = "预约" if row.scheduled_for is not None else f"暂缓（{row.held_reason}）"
            yield Item("waiting", row.number, f"{_name(row)} · {what}")


def _asked_of_others(picture: Picture) -> Iterator[Item]:
    state = picture.state
    for job in state.all(StackedJob):
        if job.open:
            yield Item("stack", job.id, f"{job.unit} 下一件 {job.incident}")
    for report in state.all(ReportUp):
        if report.told_at is None:
            yield Item("report", report.id, f"{report.incident} 尚未报告 {report.name}")
    for request in state.all(HelpRequest):
        if request.open:
            yield Item("help", request.id, f"{request.incident} 等待 {request.recipient} 答复")


def _standing_orders(picture: Picture, now: datetime) -> Iterator[Item]:
    """Tests that run, what technicians put off, who is looked for."""
    state = picture.state
    for window in state.where(TestWindow, ended_at=None):
        site = picture.site(window.site)
        yield Item("test", window.id, f"{site.name if site else window.site} 测试中")
    for trouble in state.where(Trouble, state=TroubleState.SHELVED):
        site = picture.site(trouble.site)
        where = site.name if site else trouble.line or trouble.account
        yield Item("trouble", trouble.id, f"{where} {TROUBLE_LABELS[trouble.state]}（{trouble.reason}）")
    for bulletin in state.all(Bulletin):
        if bulletin.cancelled_at is None and bulletin.until > now:
            yield Item("bulletin", bulletin.id, f"{BULLETIN_KINDS.get(bulletin.kind, '')}：{bulletin.title}")


def _calls(picture: Picture, now: datetime) -> Iterator[Item]:
    for call in missed(picture.state, lambda: now):
        yield Item("call", call.id, "未接来电，尚未回拨")
    for call in picture.state.all(Call):
        if call.held_at is not None and call.ended_at is None:
            yield Item("call", call.id, "来电保持中")


def _name(incident: Incident) -> str:
    return f"{incident.short} {incident.title or incident.place}".strip()


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}分{rest:02}秒" if minutes < 60 else f"{minutes // 60}小时{minutes % 60:02}分"
