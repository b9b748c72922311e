"""The alarm strip: one unacknowledged alarm with everything needed to act on it, and how many more wait.

The alarm on it is never replaced by itself while it is unacknowledged: newer ones stack behind a count. Once
this seat has acknowledged it, it stays for the next key (send, call back) until a unit is sent or the person
goes on. What a key does applies to what the person saw, so `settled` tells whether alarm and unit stood there
for half a second; if not, the strip asks to press again (DESIGN section 5).

Whatever fails while it is drawn, the strip shows: each part is contained, and every second it looks again.
"""

from collections.abc import Callable
from datetime import datetime
from math import inf

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAction, QCloseEvent
from PySide6.QtWidgets import QMenu

from console.domain.alarm import ALARM_LABELS, Alarm, AlarmState
from console.domain.incident import Incident
from console.domain.recommend import Candidate
from console.domain.rights import may
from console.services.desk import Desk
from console.services.picture import Changes
from widgets.advice import Advice
from widgets.alarm_text import call_back, facts_line, heading, plain_heading, presses_text, silent_words
from widgets.bugs import contained
from widgets.panels.strip_layout import StripLayout
from widgets.text import elapsed_text, span_text, word
from widgets.theme import Theme
from widgets.tick import Tick
from widgets.waits import Waits

SETTLED_S = 0.5
"""A key pressed sooner after a change is asked again (DESIGN section 5)."""

ASKED_S = 4
"""How long the strip says that it asked for another press."""

STAYS_S = 30
"""How long an alarm that this seat acknowledged stays on the strip for its next key."""

TAKEN = (AlarmState.ACKNOWLEDGED, AlarmState.VERIFYING, AlarmState.CONFIRMED)
"""The states in which an acknowledged alarm may still need its unit."""


class AlarmStrip(StripLayout):
    """`asked` carries the id of a desk command; `announced` the id of an alarm that was shown and told."""

    asked = Signal(object)
    announced = Signal(object)

    def __init__(self, desk: Desk, theme: Theme, tick: Tick, advice: Advice) -> None:
        super().__init__(theme)
        self._desk, self._tick, self._advice = desk, tick, advice
        self._alarm: Alarm | None = None
        self._unit: Candidate | None = None
        self._changed_at = self._turned_at = -inf
        self._stays_until = -inf
        self._ask_again = False
        self._told: dict[str, datetime | None] = {}
        self._waits = Waits(tick)
        self._menu = QMenu(self)
        self._connect()
        self.hide()
        # It has no window yet: shown for an alarm that waits, it would be one for a moment and take the keys with it.
        self.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.refresh()
        self.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, False)

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
    def held(self) -> bool:
        """Whether the alarm on the strip is acknowledged and waits for its unit."""
        return self._alarm is not None and not self._alarm.unacknowledged

    @property
    def unowned_late(self) -> bool:
        """Whether the alarm has had no owner for longer than the desk allows (10 s)."""
        return self._waits.seconds(self.alarm) > self._desk.reference.desk.unowned_s

    def settled(self, *, acknowledging: bool = False) -> bool:
        """Whether what is shown stood there long enough to be meant; if not, the strip asks for another press.

        A strip that vanished a moment ago has not settled either. For F1 it also counts whether the alarm was
        acknowledged, or pressed anew, a moment ago: that is what turns its meaning.
        """
        last = max(self._changed_at, self._turned_at) if acknowledging else self._changed_at
        self._ask_again = self._tick.steady() - last < SETTLED_S
        if self._ask_again:
            self._say_advice()
        return not self._ask_again

    def _take_in(self, changes: Changes) -> None:
        touched = (*changes.added, *changes.updated, *changes.removed)
        if any(isinstance(entity, Alarm) for entity in touched) or self._due() != self._alarm:
            self.refresh()
        elif self._alarm is not None:
            self._show_advice()

    def refresh(self) -> None:
        """Look at the picture again: keep the alarm while it waits or is held, else the gravest, oldest one."""
        waiting = self._desk.picture.unacknowledged_alarms()
        self._waits.follow(waiting)
        self._show_alarm(self._due())
        self._show_count()
        self._announce(waiting)

    def _due(self) -> Alarm | None:
        """The alarm that belongs on the strip now."""
        shown = self._desk.picture.state.get(Alarm, self.alarm) if self.alarm else None
        if shown is not None and (shown.unacknowledged or self._stays(shown)):
            return shown
        return next(iter(self._desk.picture.unacknowledged_alarms()), None)

    def _stays(self, alarm: Alarm) -> bool:
        """Whether an alarm this seat has acknowledged still waits for its unit here."""
        picture = self._desk.picture
        incident = picture.state.get(Incident, alarm.incident)
        if alarm.state not in TAKEN or alarm.owner != self._desk.actor or incident is None or not incident.open:
            return False
        over = self.held and self._tick.steady() >= self._stays_until
        return not over and not any(order.open for order in picture.orders(alarm.incident))

    def let_go(self) -> None:
        """The person goes on: an acknowledged alarm makes room for the next."""
        if self.held:
            self._stays_until = -inf
            self.refresh()

    def follow(self, incident: str) -> None:
        """The person has selected another incident than the strip's."""
        if incident and incident != self.incident:
            self.let_go()

    def _announce(self, waiting: list[Alarm]) -> None:
        """Tell a screen reader and the desk of each alarm once, and again when a press brought it back."""
        known, self._told = self._told, {alarm.id: alarm.annunciated_at for alarm in waiting}
        for alarm in waiting:
            came_back = alarm.annunciated_at is None and known.get(alarm.id) is not None
            if alarm.id in known and not came_back:
                continue
            with contained():
                words = " · ".join(part for part in (heading(self._desk.picture, alarm), presses_text(alarm)) if part)
                event = QAccessibleAnnouncementEvent(self, words)
                event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
                QAccessible.updateAccessibility(event)
            self.announced.emit(alarm.id)

    def _show_alarm(self, alarm: Alarm | None) -> None:
        self._note_change(alarm)
        self._alarm = alarm
        waiting = bool(self._desk.picture.unacknowledged_alarms())
        self._tick.flash_for("strip", wanted=waiting)
        if alarm is None:
            self._unit = None
            self.hide()
            return
        self.show()  # before anything that may fail
        parts: tuple[Callable[[Alarm], None], ...] = (self._show_words, self._show_keys, self._show_call_back)
        for part in parts:
            with contained():
                part(alarm)
        self._show_advice()
        self._show_time()
        self._reflow.arrange()

    def _note_change(self, alarm: Alarm | None) -> None:
        now, before = self._tick.steady(), self._alarm
        if (alarm.id if alarm is not None else "") != self.alarm:
            self._changed_at = now
        elif alarm is not None and before is not None and alarm.unacknowledged != before.unacknowledged:
            self._turned_at = now
            self._stays_until = now + STAYS_S

    def _show_words(self, alarm: Alarm) -> None:
        words, facts = plain_heading(alarm), ""
        with contained():
            words = self._numbered(heading(self._desk.picture, alarm))
            masked = not may(self._desk.roles, "alarm.verify")
            facts = facts_line(self._desk.picture, alarm, masked=masked)
        self._silent.show_text(silent_words(alarm))
        self._silent.setVisible(alarm.silent)
        self._heading.show_text(words)
        self._facts.show_text(facts)

    def _numbered(self, words: str) -> str:
        """The incident's short number first: the keys act on this one, whatever else is selected."""
        incident = self._desk.picture.state.get(Incident, self.incident)
        return f"{incident.short} {words}" if incident is not None else words

    def _show_keys(self, alarm: Alarm) -> None:
        """F1 acknowledges, and then goes on to the next; F2 is the one that stands out once it is acknowledged."""
        text = self.tr("确认接警")
        if self.held:
            text = self.tr("下一条") if self.others() else self.tr("收起")
        self.acknowledge_button.show_text(text)
        self.acknowledge_button.set_fill("" if self.held else "danger")
        self.dispatch_button.setVisible(bool(alarm.incident))

    def _show_call_back(self, alarm: Alarm) -> None:
        self.verify_button.setVisible(bool(alarm.incident) and not alarm.silent)
        text, whom = call_back(self._desk.picture, alarm)
        self.verify_button.show_text(text)
        self.verify_button.setToolTip(f"{text} F3\n{whom}" if self._desk.roles else text)

    def _show_advice(self) -> None:
        best = None
        with contained():
            best = self._advice.best(self.incident) if self.incident else None
        before = self._unit.unit.id if self._unit is not None else ""
        after = best.unit.id if best is not None else ""
        if before and before != after:
            self._changed_at = self._tick.steady()
        self._unit = best
        with contained():
            self._say_advice()

    def _say_advice(self) -> None:
        advised, rings = self._advice_words()
        self._advised.show_text(self.tr("建议已变化，请再按一次") if self._ask_again else advised)
        if self._alarm is not None and self.held:
            rings = self.tr("{state}，待派警").format(state=word(ALARM_LABELS[self._alarm.state]))
        self._rings.show_text(rings)

    def _advice_words(self) -> tuple[str, str]:
        """Whom to send, and how many are near."""
        incident = self._desk.picture.state.get(Incident, self.incident)
        if incident is None:
            return self.tr("先核对线路与接收机，再确认"), ""
        if incident.lat is None:
            return self.tr("地点未定位，无法推荐警组"), ""
        near, wide = (self._advice.counts_within(incident.number, minutes) for minutes in (1, 3))
        rings = self.tr("1分钟圈内 {near} 组 · 3分钟圈内 {wide} 组").format(near=near, wide=wide)
        if self._unit is None or self._unit.way is None:
            return self.tr("没有可派警组，报值班长"), rings
        name = self._unit.unit.name or self._unit.unit.id
        text = self.tr("建议 {unit}  {time}")
        return text.format(unit=word(name), time=span_text(self._unit.way.time_s)), rings

    def _show_count(self) -> None:
        others = len(self.others())
        self.others_button.setVisible(others > 0)
        pattern = self.tr("另有 {n} 条未确认 ▾") if self.held else self.tr("另有 {n} 条 ▾")
        self.others_button.show_text(pattern.format(n=others))
        self.others_button.setAccessibleName(self.tr("其余未确认报警"))
        self.others_button.set_fill("danger" if self.held else "")
        self._reflow.arrange()

    # -- time ------------------------------------------------------------------------------------------------

    @Slot(object)
    def _beat(self, _now: datetime) -> None:
        if self._due() != self._alarm or self.isHidden() != (self._alarm is None):
            self.refresh()
        if self._alarm is None:
            return
        self._show_time()
        if self._tick.steady() - self._changed_at > ASKED_S:
            self._ask_again = False
        if self.incident:
            self._show_advice()

    def _show_time(self) -> None:
        if self._alarm is None:
            return
        since = (self._tick.now() - self._alarm.received_at).total_seconds()
        elapsed = elapsed_text(max(since, self._waits.seconds(self.alarm)))
        warning = self.tr("待派警") if self.held else self.tr("无人确认") if self.unowned_late else ""
        self._sign.show_state(elapsed, warning, self._alarm.kind == "garbage")

    @Slot(object)
    def _flash(self, bright: object) -> None:
        """What nobody owns yet flashes: the sign, or the count of the others behind an acknowledged alarm."""
        self._sign.show_bright(self.held or bright is True)
        if self.held:
            self.others_button.set_fill("danger" if bright is True else "")

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
