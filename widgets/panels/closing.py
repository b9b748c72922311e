"""The closing card: what an incident still lacks before it may end, and the acts that end or reopen it.

Feedback, review, callback where the code asks for one, then the end; latched alarms are judged and reset by
hand first (domain.md E1, E4). `lacks` is pure; the desk's own guard has the last word.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from console.domain.alarm import ALARM_LABELS, JUDGED, Alarm, AlarmState
from console.domain.assignment import Assignment
from console.domain.handoff import HANDOFF_LABELS, Handoff
from console.domain.incident import INCIDENT, Incident, IncidentState
from console.domain.reference import Reference
from console.services import required
from widgets.alarm_text import zone_text
from widgets.allowed import show_allowed
from widgets.panels.parts import FlowLayout, chip, label
from widgets.text import said, word
from widgets.theme import Theme
from widgets.wording import outcome_name

S = IncidentState


@dataclass(frozen=True, slots=True)
class Step:
    """A button: `act` with its `subject` (an alarm's or a handoff's key, '' = the incident). `why` says why this
    person may not press it, '' if he may."""

    act: str
    text: str
    subject: str = ""
    why: str = ""


Allowed = Callable[[Step], str]
"""Why a step may not be taken by whoever sits here; '' if it may."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing, and the buttons that supply it."""

    text: str
    steps: tuple[Step, ...] = ()

    def judged(self, allowed: Allowed) -> "Lack":
        return replace(self, steps=judged(self.steps, allowed))


def judged(steps: Sequence[Step], allowed: Allowed) -> tuple[Step, ...]:
    """The steps, each with why this person may not take it."""
    return tuple(replace(step, why=allowed(step)) for step in steps)


def lacks(
    incident: Incident,
    orders: Sequence[Assignment],
    handoffs: Sequence[Handoff],
    alarms: Sequence[Alarm],
    reference: Reference,
) -> list[Lack]:
    """What stands between the incident and its end; empty once nothing does."""
    unreported = QCoreApplication.translate("Closing", "{unit} 尚未反馈")
    found = [Lack(unreported.format(unit=order.unit)) for order in orders if order.open]
    found += [_handoff_lack(handoff, reference) for handoff in handoffs if handoff.open]
    found += [_alarm_lack(alarm) for alarm in alarms if alarm.open]
    if not incident.kind:
        found.append(Lack(QCoreApplication.translate("Closing", "未选择警情类别")))
    if lacking := required.lacking(incident):
        found.append(Lack(said(lacking)))
    if needs_callback(incident, reference) and not incident.callback:
        found.append(Lack(QCoreApplication.translate("Closing", "该类警情须回访报警人")))
    return found


def needs_callback(incident: Incident, reference: Reference) -> bool:
    """Whether the incident's code asks for a callback; a panel has nobody to call (`Desk.needs_callback`)."""
    code = reference.codes.get(incident.kind)
    return incident.source == "call" and code is not None and code.needs_callback


def _handoff_lack(handoff: Handoff, reference: Reference) -> Lack:
    agency = reference.agencies.get(handoff.agency)
    pattern = QCoreApplication.translate("Closing", "{agency} 联动派单{state}，未办结")
    said = pattern.format(
        agency=word(agency.short if agency is not None else handoff.agency), state=word(HANDOFF_LABELS[handoff.state])
    )
    return Lack(said, (Step("handoff", QCoreApplication.translate("Closing", "处理"), handoff.id),))


def _alarm_lack(alarm: Alarm) -> Lack:
    state = word(ALARM_LABELS[alarm.state])
    pattern = QCoreApplication.translate("Closing", "一键报警 {zone} 未手动复位（{state}）")
    said = pattern.format(zone=zone_text(alarm) or "—", state=state)
    if alarm.state in JUDGED:
        return Lack(said, (Step("reset", QCoreApplication.translate("Closing", "手动复位"), alarm.id),))
    if alarm.state not in (AlarmState.ACKNOWLEDGED, AlarmState.VERIFYING):
        return Lack(said)
    verdicts = (
        Step("confirm", QCoreApplication.translate("Closing", "判属实"), alarm.id),
        Step("judge_false", QCoreApplication.translate("Closing", "判误报"), alarm.id),
        Step("judge_test", QCoreApplication.translate("Closing", "判测试"), alarm.id),
        Step("judge_fault", QCoreApplication.translate("Closing", "判故障"), alarm.id),
    )
    return Lack(said, verdicts)


def ways_out(incident: Incident, orders: Sequence[Assignment]) -> list[Step]:
    """The acts on the incident itself that its state allows, the usual one first."""
    state, busy = incident.state, any(order.open for order in orders)
    after_result = state in (S.FEEDBACK, S.REVIEW, S.HANDED_OFF)
    possible = {
        "answer": INCIDENT.may(state, "answer"),
        "settle": INCIDENT.may(state, "feedback") and not busy,
        "review": INCIDENT.may(state, "review"),
        "close": INCIDENT.may(state, "close"),
        "callback": after_result,
        "send_back": INCIDENT.may(state, "return"),
        "hand_off": INCIDENT.may(state, "hand_off") and incident.route == "C",
        "reopen": INCIDENT.may(state, "reopen"),
        "unmerge": state is S.MERGED,
        "invalidate": INCIDENT.may(state, "invalidate") and not busy,
        "note": True,
    }
    return [Step(act, act_name(act)) for act, may in possible.items() if may]


def act_name(act: str) -> str:
    """The word on the button of an act."""
    return {
        "answer": QCoreApplication.translate("Closing", "接警"),
        "settle": QCoreApplication.translate("Closing", "处结"),
        "review": QCoreApplication.translate("Closing", "送审核"),
        "close": QCoreApplication.translate("Closing", "办结"),
        "callback": QCoreApplication.translate("Closing", "回访"),
        "send_back": QCoreApplication.translate("Closing", "退回补充"),
        "hand_off": QCoreApplication.translate("Closing", "转办"),
        "reopen": QCoreApplication.translate("Closing", "重启"),
        "unmerge": QCoreApplication.translate("Closing", "拆分"),
        "invalidate": QCoreApplication.translate("Closing", "作无效"),
        "note": QCoreApplication.translate("Closing", "备注"),
    }[act]


class ClosingCard(QFrame):
    """Missing things with their buttons, then the ways out. `pressed` carries a Step."""

    pressed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: object = None
        self._steps: list[Step] = []
        self._body: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.setAccessibleName(self.tr("反馈、审核与办结"))

    @property
    def steps(self) -> list[Step]:
        """Every button that is shown."""
        return self._steps

    def show_state(self, incident: Incident, missing: Sequence[Lack], ways: Sequence[Step]) -> None:
        """Draw; the buttons are rebuilt only when what they say changes."""
        late_stage = incident.state in (S.FEEDBACK, S.REVIEW, S.HANDED_OFF)
        # An alarm is judged when the person knows, not only at the end.
        said = [lack for lack in missing if late_stage or any(step.act != "handoff" for step in lack.steps)]
        result = self._result(incident)
        shown = (result, tuple(said), tuple(ways), late_stage)
        if shown != self._shown:
            self._shown = shown
            self._rebuild(result, said, ways, ready=late_stage and not missing)

    def _result(self, incident: Incident) -> str:
        pieces = []
        if incident.result_text:
            pieces.append(self.tr("处理结果：{text}").format(text=incident.result_text))
        if incident.callback:
            pieces.append(self.tr("回访：{outcome}").format(outcome=outcome_name(incident.callback)))
        if incident.main:
            pieces.append(self.tr("已并入 {number}").format(number=incident.main))
        return "　".join(pieces)

    def _rebuild(self, result: str, missing: Sequence[Lack], ways: Sequence[Step], *, ready: bool) -> None:
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
        self._steps = []
        self._body = QWidget()
        layout = QVBoxLayout(self._body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.px(4))
        if result:
            layout.addWidget(label(result, "small", wrap=True))
        for lack in missing:
            layout.addWidget(label("○ " + lack.text, "small", wrap=True))
            if lack.steps:
                layout.addLayout(self._flow(lack.steps))
        if ready:
            layout.addWidget(label(self.tr("● 手续齐全，可以办结"), "small", wrap=True))
        layout.addLayout(self._flow(ways))
        self._layout.addWidget(self._body)

    def _flow(self, steps: Sequence[Step]) -> FlowLayout:
        flow = FlowLayout(self._theme.px(6))
        for step in steps:
            button = chip(step.text)
            button.setProperty("place", len(self._steps))
            button.setMinimumHeight(self._theme.px(26))
            button.clicked.connect(self._clicked)
            show_allowed(button, step.why)
            self._steps.append(step)
            flow.addWidget(button)
        return flow

    @Slot()
    def _clicked(self) -> None:
        button = self.sender()
        if button is not None:
            self.pressed.emit(self._steps[int(button.property("place"))])
