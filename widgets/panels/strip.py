"""The alarm strip: one unacknowledged alarm with everything needed to act on it, and how many more wait.

The alarm on it is never replaced by itself while it is unacknowledged: newer ones stack behind a count. What
a key does applies to what the person saw, so `settled` tells whether alarm and unit stood there for half a
second; if not, the strip asks to press again (DESIGN section 5).
"""

from datetime import datetime, timedelta

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAction,
    QCloseEvent,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from console.domain.alarm import Alarm
from console.domain.recommend import Candidate
from console.services.desk import Desk
from console.services.picture import Changes
from widgets.advice import Advice
from widgets.alarm_text import call_back, facts_line, heading
from widgets.controls import KeyButton
from widgets.layouts import ElidedLabel, Reflow
from widgets.panels.strip_sign import StripSign
from widgets.text import elapsed_text, span_text, word
from widgets.theme import Theme
from widgets.tick import Tick

SETTLED = timedelta(milliseconds=500)
"""A key pressed sooner after a change is asked again (DESIGN section 5)."""


class AlarmStrip(QFrame):
    """`asked` carries the id of a desk command; `announced` the id of an alarm that was shown and told."""

    asked = Signal(object)
    announced = Signal(object)

    def __init__(self, desk: Desk, theme: Theme, tick: Tick, advice: Advice) -> None:
        super().__init__()
        self._desk, self._theme, self._tick, self._advice = desk, theme, tick, advice
        self._alarm: Alarm | None = None
        self._unit: Candidate | None = None
        self._changed_at: datetime | None = None
        self._ask_again = False
        self._told: set[str] = set()
        self.setAccessibleName(self.tr("一键报警条"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._sign = StripSign(theme)
        self._heading = ElidedLabel(theme, "spot", "alarm_text", self.tr("报警点位"), room=220)
        self._facts = ElidedLabel(theme, "small", "alarm_muted", self.tr("报警详情"), room=220)
        self._advised = ElidedLabel(theme, "base", "alarm_text", self.tr("建议警组"), room=180)
        self._rings = ElidedLabel(theme, "small", "alarm_muted", self.tr("圈内警组"), room=180)
        self.acknowledge_button = KeyButton(theme, "F1", self.tr("确认接警"), "danger")
        self.dispatch_button = KeyButton(theme, "F2", self.tr("派警并联动"), "danger")
        self.verify_button = KeyButton(theme, "F3", self.tr("回拨核实"))
        self.others_button = KeyButton(theme, "", "")
        self._menu = QMenu(self)
        self._build()
        self._connect()
        self.hide()
        self.refresh()

    def _build(self) -> None:
        words = QWidget()
        lines = QVBoxLayout(words)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(self._theme.px(2))
        lines.addStretch(1)
        lines.addWidget(self._heading)
        lines.addWidget(self._facts)
        lines.addStretch(1)
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(16))
        row.addWidget(self._sign)
        row.addWidget(words, 1)
        self._reflow = Reflow(left, self._build_right(), self._theme.px(12))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(self._theme.px(16), self._theme.px(8), self._theme.px(12), self._theme.px(8))
        outer.addWidget(self._reflow)

    def _build_right(self) -> QWidget:
        advised = QWidget()
        lines = QVBoxLayout(advised)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(self._theme.px(2))
        lines.addStretch(1)
        lines.addWidget(self._advised)
        lines.addWidget(self._rings)
        lines.addStretch(1)
        right = QWidget()
        row = QHBoxLayout(right)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(10))
        row.addWidget(advised, 1)
        for button in (self.acknowledge_button, self.dispatch_button, self.verify_button, self.others_button):
            row.addWidget(button)
        return right

    def _connect(self) -> None:
        self.acknowledge_button.clicked.connect(self._acknowledge)
        self.dispatch_button.clicked.connect(self._dispatch)
        self.verify_button.clicked.connect(self._verify)
        self.others_button.clicked.connect(self._show_others)
        self._menu.triggered.connect(self._take_other)
        self._tick.second.connect(self._beat)
        self._tick.flash.connect(self._flash)
        self._stop = self._desk.picture.observe(self._take_in)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        self._stop()
        super().closeEvent(event)

    # -- what it shows ---------------------------------------------------------------------------------------

    @property
    def alarm(self) -> str:
        """The id of the alarm on the strip; '' while it is hidden."""
        return self._alarm.id if self._alarm is not None else ""

    @property
    def incident(self) -> str:
        """The incident of the alarm on the strip; '' for none."""
        return self._alarm.incident if self._alarm is not None else ""

    @property
    def unit(self) -> Candidate | None:
        """The recommended unit as it stands on the strip."""
        return self._unit

    @property
    def unowned_late(self) -> bool:
        """Whether the alarm has had no owner for longer than the desk allows (10 s)."""
        if self._alarm is None:
            return False
        limit = self._desk.reference.desk.unowned_s
        return (self._tick.now() - self._alarm.received_at).total_seconds() > limit

    def settled(self) -> bool:
        """Whether what is shown stood there long enough to be meant; if not, the strip asks for another press."""
        changed, self._ask_again = self._changed_at, False
        if changed is None or self._tick.now() - changed >= SETTLED:
            return True
        self._ask_again = True
        self._say_advice()
        return False

    def _take_in(self, changes: Changes) -> None:
        for entity in (*changes.added, *changes.updated):
            if isinstance(entity, Alarm):
                self.refresh()
                return
        if self._alarm is not None:
            self._show_advice()

    def refresh(self) -> None:
        """Look at the picture again: keep the alarm while it waits, else take the gravest, oldest one."""
        waiting = self._desk.picture.unacknowledged_alarms()
        kept = next((alarm for alarm in waiting if alarm.id == self.alarm), None)
        alarm = kept or next(iter(waiting), None)
        self._announce(waiting)
        self._show_alarm(alarm)
        self._show_count(len(waiting) - 1)

    def _announce(self, waiting: list[Alarm]) -> None:
        """Tell a screen reader and the desk of each alarm once."""
        known, self._told = self._told, {alarm.id for alarm in waiting}
        for alarm in waiting:
            if alarm.id in known:
                continue
            event = QAccessibleAnnouncementEvent(self, heading(self._desk.picture, alarm))
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
            QAccessible.updateAccessibility(event)
            self.announced.emit(alarm.id)

    def _show_alarm(self, alarm: Alarm | None) -> None:
        if alarm is None:
            self._alarm, self._unit = None, None
            self._tick.flash_for("strip", wanted=False)
            self.hide()
            return
        if alarm.id != self.alarm:
            self._changed_at = self._tick.now()
        self._alarm = alarm
        self._heading.show_text(heading(self._desk.picture, alarm))
        self._facts.show_text(facts_line(self._desk.picture, alarm))
        self._show_call_back(alarm)
        self.dispatch_button.setVisible(bool(alarm.incident))
        self._show_advice()
        self._beat(self._tick.now())
        self._tick.flash_for("strip", wanted=True)
        self.show()
        self._reflow.arrange()

    def _show_call_back(self, alarm: Alarm) -> None:
        text, whom = call_back(self._desk.picture, alarm)
        self.verify_button.setText(text)
        self.verify_button.setAccessibleName(text)
        self.verify_button.setToolTip(f"{text}（F3）\n{whom}")
        self.verify_button.setVisible(bool(alarm.incident) and not alarm.silent)
        self.verify_button.updateGeometry()

    def _show_advice(self) -> None:
        best = self._advice.best(self.incident) if self.incident else None
        before = self._unit.unit.id if self._unit is not None else ""
        after = best.unit.id if best is not None else ""
        if before and before != after:
            self._changed_at = self._tick.now()
        self._unit = best
        self._say_advice()

    def _say_advice(self) -> None:
        if not self.incident:
            self._advised.show_text(self.tr("先核对线路与接收机，再确认"))
            self._rings.show_text("")
            return
        if self._ask_again:
            self._advised.show_text(self.tr("建议已变化，请再按一次"))
        elif self._unit is None or self._unit.way is None:
            self._advised.show_text(self.tr("没有可派警组，报值班长"))
        else:
            text = self.tr("建议 {unit}  {time}")
            name = self._unit.unit.name or self._unit.unit.id
            self._advised.show_text(text.format(unit=word(name), time=span_text(self._unit.way.time_s)))
        near, wide = (self._advice.counts_within(self.incident, minutes) for minutes in (1, 3))
        self._rings.show_text(self.tr("1分钟圈内 {near} 组 · 3分钟圈内 {wide} 组").format(near=near, wide=wide))

    def _show_count(self, others: int) -> None:
        self.others_button.setVisible(others > 0)
        self.others_button.setText(self.tr("另有 {n} 条 ▾").format(n=others))
        self.others_button.setAccessibleName(self.tr("其余未确认报警"))
        self.others_button.updateGeometry()
        self._reflow.arrange()

    # -- time ------------------------------------------------------------------------------------------------

    @Slot(object)
    def _beat(self, now: datetime) -> None:
        if self._alarm is None:
            return
        elapsed = elapsed_text((now - self._alarm.received_at).total_seconds())
        self._sign.show_state(elapsed, self.tr("无人确认") if self.unowned_late else "", self._alarm.kind == "garbage")
        if self._ask_again and self._changed_at is not None and now - self._changed_at > SETTLED * 8:
            self._ask_again = False
        if self.incident:
            self._show_advice()

    @Slot(object)
    def _flash(self, bright: object) -> None:
        self._sign.show_bright(bright is True)

    # -- what the person does --------------------------------------------------------------------------------

    @Slot()
    def _acknowledge(self) -> None:
        self.asked.emit("alarm.acknowledge")

    @Slot()
    def _dispatch(self) -> None:
        self.asked.emit("alarm.dispatch")

    @Slot()
    def _verify(self) -> None:
        self.asked.emit("alarm.callback")

    def others(self) -> list[Alarm]:
        """The stack behind the alarm on the strip."""
        return [alarm for alarm in self._desk.picture.unacknowledged_alarms() if alarm.id != self.alarm]

    @Slot()
    def _show_others(self) -> None:
        self._menu.clear()
        now = self._tick.now()
        for alarm in self.others():
            age = elapsed_text((now - alarm.received_at).total_seconds())
            action = self._menu.addAction(f"{age}  {heading(self._desk.picture, alarm)}")
            action.setData(alarm.id)
        self._menu.popup(self.others_button.mapToGlobal(self.others_button.rect().bottomLeft()))

    @Slot(QAction)
    def _take_other(self, action: QAction) -> None:
        self.take(str(action.data()))

    def take(self, alarm: str) -> None:
        """A person wants another of the waiting alarms on the strip."""
        chosen = next((other for other in self.others() if other.id == alarm), None)
        if chosen is not None:
            self._show_alarm(chosen)

    # -- drawing ---------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        super().resizeEvent(event)
        self._reflow.arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QLinearGradient(0, 0, self.width(), 0)
        ground.setColorAt(0, theme.color("alarm"))
        ground.setColorAt(1, theme.color("alarm2"))
        painter.setBrush(ground)
        painter.setPen(theme.color("alarm_line"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))
        painter.end()
