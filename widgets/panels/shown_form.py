"""What the form of an incident shows: values, tags, which fields are wanted, and where something was corrected.

Between the fields that two people share (`SharedForm`) and the writing hand (`IncidentForm`).
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget
from typing_extensions import override

from console.domain.field_policy import Need
from console.domain.incident import Incident
from console.domain.reference import Reference
from console.services.field_history import Histories
from console.services.masking import mask_name, mask_text
from console.services.places import Finder as PlaceFinder
from console.services.required import policy
from widgets.panels.drafts import Draft
from widgets.panels.field_history import KEY, HistoryPop, history_lines
from widgets.panels.fields import NarrativeEdit, PhoneEdit, code_text
from widgets.panels.shared_form import PERSONAL, SharedForm
from widgets.text import said
from widgets.theme import Theme
from widgets.wording import priority_name

START_LEVEL = 3
LATER = ("narrative", "phone", "caller", "recording")
"""Fields whose place holder says that they are wanted; place and kind say how they are typed."""


class ShownForm(SharedForm):
    """`_kind` is the chosen code, `_incident` what is shown (None: a new one is written)."""

    def __init__(self, theme: Theme, reference: Reference, places: PlaceFinder) -> None:
        super().__init__(theme, reference, places)
        self._read_only = False
        self._level_chosen = False
        self._proposed = START_LEVEL
        self._calls_known: int | None = None
        self._histories: Histories = {}
        self._person: Callable[[str], str] = str
        self._pop: HistoryPop | None = None
        self._hints = {name: field.placeholderText() for name, field in self._fields.items()}
        for mark in self.corrected.values():
            mark.wanted.connect(self.show_field_history)
        shortcut = QShortcut(QKeySequence(KEY), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.show_field_history)

    @property
    def new(self) -> bool:
        """Whether the form holds an incident that is not saved yet."""
        return self._incident is None

    def _lowering(self) -> bool:
        limit = self._proposed if self._incident is None else self._incident.priority
        chosen = self._level_chosen or self._incident is not None
        return chosen and self.level.level > limit

    def set_read_only(self, read_only: bool) -> None:
        """Fields that can be read and copied, but not typed in."""
        self._read_only = read_only
        self._guard_fields()
        self.level.setEnabled(not read_only)

    def _guard_fields(self) -> None:
        """What stands here masked can only be read; an empty field may be filled by whoever learns it."""
        for name, field in self._fields.items():
            masked = self._masked and name in PERSONAL and name not in self._dirty
            told = self._incident is not None and bool(getattr(self._incident, name))
            read_only = self._read_only or (masked and told)
            if field.isReadOnly() != read_only:
                field.setReadOnly(read_only)

    def _set_all(self, draft: Draft, level: int) -> None:
        for name in self._fields:
            self._set(name, str(getattr(draft, name)))
        self.level.set_level(level)
        self.kind.setPlaceholderText(self.tr("警情、拼音首字母或编码"))

    @override
    def _set(self, name: str, value: str) -> None:
        field = self._fields[name]
        self._shown[name] = value
        if isinstance(field, NarrativeEdit):
            if field.toPlainText() != value:  # the cursor stays where it was
                field.set_text(value)
        elif isinstance(field, PhoneEdit):
            field.set_number(value)
        elif isinstance(field, QLineEdit):
            text = code_text(self._reference, value) if name == "kind" else value
            field.setToolTip(text)
            if field.text() != text:
                field.setText(text)
                field.setCursorPosition(0)

    def _take_over(self, before: Incident, now: Incident) -> None:
        for name, field in self._fields.items():
            old, new = str(getattr(before, name)), str(getattr(now, name))
            if old == new:
                continue
            if self._theirs.get(name) or self._shown[name] not in (old, new):
                self._theirs[name] = True  # what was saved here is on its way, and comes too late
                continue
            if name in self._dirty or field.hasFocus():
                if new != self._shown[name]:
                    self._theirs[name] = False
                continue
            if name == "kind":
                self._kind = new
            self._set(name, new)
            self._light(name)
        if before.priority != now.priority and self.reason.isHidden():
            self.level.set_level(now.priority)

    def _show_place_tags(self, beat: str, *, urban: bool, known: bool) -> None:
        """Beat and area; a place without a position says so, for then no unit's time can be told."""
        unlocated = self.place.text().strip() and not known
        self.unlocated.show_text(self.tr("未定位，无法算警力") if unlocated else "")
        self.beat.show_text(self.tr("警区 {beat}").format(beat=beat) if beat else "")
        area = self.tr("城区") if urban else self.tr("城区外")
        self.urban.show_text(area if known or beat else "")

    def _show_rows(self) -> None:
        unknown = self.new or bool(self.unknown.text()) or not self.place.text()
        self._show_row("place_unknown", self._unknown_row, shown=unknown)
        self._show_wanted()
        self._show_row("reason", self.reason, shown=self._lowering())
        self._buttons.setVisible(self.new)

    def _show_row(self, name: str, row: QWidget, *, shown: bool) -> None:
        self._labels[name].setVisible(shown)
        row.setVisible(shown)

    # -- what is wanted ------------------------------------------------------------------------------------------

    def _show_wanted(self) -> None:
        """Leave out what nobody asks for here, say 待补 where a required field is empty; nothing is refused here."""
        rules, incident = policy(), self._incident
        asked = (self._kind, self.level.level, incident.source if incident is not None else "call")
        wanted = rules.needs(*asked)
        rows = {"phone": self._phone_row, "caller": self._caller_row, "recording": self._recording_row}
        for name, row in rows.items():
            held = bool(self._value(name)) or name in self._dirty or self._fields[name].hasFocus()
            self._show_row(name, row, shown=held or wanted[name] is not Need.HIDDEN)
        missing = rules.missing(incident) if incident is not None and incident.open else ()
        for name, field in self._fields.items():
            self._say_wanted(name, field, rules.why(name, *asked) if name in missing else None, wanted.get(name))

    def _say_wanted(self, name: str, field: QLineEdit | QPlainTextEdit, why: str | None, wanted: Need | None) -> None:
        """`why`: a required field of a saved incident is empty."""
        if why is not None:
            field.setPlaceholderText(self.tr("待补：{why}").format(why=said(why)))
        elif not self.new:
            field.setPlaceholderText(self._hints[name])
        elif name in LATER:
            field.setPlaceholderText(self.tr("须填，可后补") if wanted is Need.REQUIRED else "")

    # -- what stood there ----------------------------------------------------------------------------------------

    def show_histories(self, told: Histories, person: Callable[[str], str]) -> None:
        """What the journal tells of each field; a corrected one gets its mark. `person` names who wrote."""
        self._person = person
        if told != self._histories:
            self._histories = told
            self.hide_history()
        for name, mark in self.corrected.items():
            mark.show_history(told.get(name, ()), self.history_of(name))

    def was_changed(self, name: str) -> bool:
        """Whether a field was written more than once."""
        return len(self._histories.get(name, ())) > 1

    def history_of(self, name: str) -> str:
        """A field's history in lines, as it may be read here."""
        return history_lines(self._histories.get(name, ()), self._person, lambda value: self._readable(name, value))

    @override
    def _readable(self, name: str, value: str) -> str:
        if name == "priority":
            return priority_name(int(value))
        if self._masked and name in PERSONAL:
            return mask_name(value) if name == "caller" else mask_text(value)
        return super()._readable(name, value)

    @Slot(str)
    def show_field_history(self, name: str = "") -> None:
        """Alt+H, the mark or a command: the history of a field, by default the one with the focus; again: away."""
        field = name or str((self.focusWidget() or self.place).property("field") or "place")
        if self._pop is None or self._pop.parentWidget() is not self.window():
            self._pop = HistoryPop(self._theme, self.window())
        if self._pop.isVisible() and self._pop.field == field:
            self._pop.hide()
            return
        named = self._labels["level" if field == "priority" else field].text()
        title = self.tr("{field} 的填写记录").format(field=named)
        widget = self.level if field == "priority" else self._fields.get(field, self.place)
        self._pop.show_for(field, widget, title, self.history_of(field) or self.tr("还没有写过"))

    def hide_history(self) -> bool:
        """Whether lines were open that are taken away now."""
        was_open = self._pop is not None and self._pop.isVisible()
        if self._pop is not None:
            self._pop.hide()
        return was_open

    # -- beats and calls -----------------------------------------------------------------------------------------

    def beat_second(self) -> None:
        """A second has passed: lit fields calm down."""
        for mark in self._marks.values():
            if not mark.isHidden():
                mark.beat()

    def show_calls(self, times: int | None) -> None:
        """How often this number called within 30 days; in a narrow column before the number."""
        self._calls_known = times
        often = self.tr("30天内 {n} 次").format(n=times) if times else ""
        short = self.tr("来电 {n}次").format(n=times) if times and self._narrow else self.tr("来电")
        self._labels["phone"].setText(short)
        self._labels["phone"].setToolTip(often)
        self.calls.show_text("" if self._narrow else often)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.show_calls(self._calls_known)
