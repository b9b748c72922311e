"""Where the fields of the form stand: two beside each other, or one below the other in a narrow column.

In a narrow column what decides the answer comes first: place, kind, words; then who calls.
"""

from itertools import pairwise

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget
from typing_extensions import override

from console.domain.reference import Reference
from console.services.places import Finder as PlaceFinder
from widgets.controls import KeyButton
from widgets.panels.field_history import HistoryMark
from widgets.panels.fields import LevelBox, NarrativeEdit, PhoneEdit, find_kinds, place_choice
from widgets.panels.finder import Choice, ComposingLine, Finder
from widgets.panels.parts import ChangedMark, FlowLayout, Tag, label
from widgets.panels.theirs import TheirsBar
from widgets.theme import Theme

NARROW = 470
"""Below this width (at scale 1) every field has a row of its own."""


class FormLayout(QWidget):
    """The fields, their labels and tags; `IncidentForm` gives them their meaning."""

    def __init__(self, theme: Theme, reference: Reference, places: PlaceFinder) -> None:
        super().__init__()
        self._theme, self._reference, self._places = theme, reference, places
        self._narrow: bool | None = None
        self._build_fields()
        self._build_rest()
        self._marks = {name: ChangedMark(theme, field) for name, field in self._fields.items()}
        self._arrange()

    def _build_fields(self) -> None:
        self.phone, self.caller = PhoneEdit(), ComposingLine()
        for who in (self.phone, self.caller):
            who.setMinimumWidth(self._theme.px(60))
        self.place = Finder(self._theme, self._search_places, strict=False)
        self.unknown = ComposingLine()
        self.kind = Finder(self._theme, self._search_kinds, strict=True)
        self.level = LevelBox(self._theme, self._reference)
        self.reason = ComposingLine()
        self.narrative = NarrativeEdit(self._theme)
        self.recording = ComposingLine()
        self._fields: dict[str, QLineEdit | QPlainTextEdit] = {
            "phone": self.phone,
            "caller": self.caller,
            "place": self.place,
            "place_unknown": self.unknown,
            "kind": self.kind,
            "narrative": self.narrative,
            "recording": self.recording,
        }
        for name, field in (*self._fields.items(), ("reason", self.reason), ("priority", self.level)):
            field.setProperty("field", name)
        self.corrected = {name: HistoryMark(name) for name in (*self._fields, "priority")}

    def _build_rest(self) -> None:
        theme = self._theme
        self._labels: dict[str, QLabel] = {}
        for name, text, field in (
            ("phone", self.tr("来电"), self.phone),
            ("caller", self.tr("报警人"), self.caller),
            ("place", self.tr("地点"), self.place),
            ("place_unknown", self.tr("不明原因"), self.unknown),
            ("kind", self.tr("警情"), self.kind),
            ("level", self.tr("级别"), self.level),
            ("reason", self.tr("降级理由"), self.reason),
            ("narrative", self.tr("内容"), self.narrative),
            ("recording", self.tr("录音号"), self.recording),
        ):
            self._labels[name] = label(text, "muted")
            self._labels[name].setMinimumWidth(0 if name == "level" else theme.px(50))
            self._labels[name].setBuddy(field)
            field.setAccessibleName(text)
        self.place.setPlaceholderText(self.tr("地名或拼音首字母，如 xhbl"))
        self.unknown.setPlaceholderText(self.tr("地点不明时填写，如：对方挂断"))
        self.reason.setPlaceholderText(self.tr("降低级别须写明理由，回车确认"))
        self.calls, self.beat, self.urban, self.unlocated = Tag(theme), Tag(theme), Tag(theme), Tag(theme, "bad")
        marks = self.corrected
        self._phone_row = self._row(self.phone, marks["phone"], self.calls)
        self._caller_row = self._row(self.caller, marks["caller"])
        self._place_row = self._row(self.place, marks["place"], self.beat, self.urban, self.unlocated)
        self._unknown_row = self._row(self.unknown, marks["place_unknown"])
        level = (self._labels["level"], self.level, marks["priority"])
        self._kind_row = self._row(self.kind, marks["kind"], *level)
        self._narrative_row = self._row(self.narrative, marks["narrative"])
        self._recording_row = self._row(self.recording, marks["recording"])
        self.save = KeyButton(theme, "Ctrl+Enter", self.tr("保存警情"), height=32)
        self.back = KeyButton(theme, "Esc", self.tr("返回队列（草稿保留）"), height=32)
        self._buttons = QWidget()
        flow = FlowLayout(theme.px(8))
        flow.addWidget(self.save)
        flow.addWidget(self.back)
        self._buttons.setLayout(flow)
        self.theirs = TheirsBar(theme, self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.px(6))

    def _row(self, field: QWidget, *tags: QWidget) -> QWidget:
        made = QWidget()
        layout = QHBoxLayout(made)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.px(6))
        layout.addWidget(field, 1)
        for tag in tags:
            layout.addWidget(tag)
        return made

    def _arrange(self) -> None:
        """One column of fields or two, as wide as the column is."""
        narrow = self.width() < self._theme.px(NARROW)
        if narrow == self._narrow:
            return
        self._narrow = narrow
        rows = self._narrow_rows() if narrow else self._wide_rows()
        for place, row in enumerate(rows):
            for column, (name, field) in enumerate(row):
                self._grid.addWidget(self._labels[name], place, column * 2)
                self._grid.addWidget(field, place, column * 2 + 1, 1, 3 if len(row) == 1 else 1)
        self._labels["level"].setVisible(not narrow)
        self.level.show_short(narrow)
        self._grid.addWidget(self.theirs, len(rows), 0, 1, 4)
        self._grid.addWidget(self._buttons, len(rows) + 1, 0, 1, 4)
        self._grid.setColumnStretch(1, 4 if narrow else 1)  # a masked number, and seven characters of a name
        self._grid.setColumnStretch(3, 5 if narrow else 1)
        self._order_tabs()

    def _order_tabs(self) -> None:
        """Tab goes the way a call goes: where, what, the caller's words, who calls; what is seldom asked last."""
        caller = (self.phone, self.caller)
        rest = (self.unknown, self.recording, self.level, self.reason, self.save, self.back)
        for first, second in pairwise((self.place, self.kind, self.narrative, *caller, *rest)):
            QWidget.setTabOrder(first, second)

    def _wide_rows(self) -> list[list[tuple[str, QWidget]]]:
        recording: list[tuple[str, QWidget]] = [("recording", self._recording_row)]
        return [[("phone", self._phone_row), ("caller", self._caller_row)], *self._matter_rows(), recording]

    def _narrow_rows(self) -> list[list[tuple[str, QWidget]]]:
        recording: list[tuple[str, QWidget]] = [("recording", self._recording_row)]
        return [*self._matter_rows(), [("phone", self._phone_row), ("caller", self._caller_row)], recording]

    def _matter_rows(self) -> list[list[tuple[str, QWidget]]]:
        return [
            [("place", self._place_row)],
            [("place_unknown", self._unknown_row)],
            [("kind", self._kind_row)],
            [("reason", self.reason)],
            [("narrative", self._narrative_row)],
        ]

    def show_low(self, low: bool) -> None:
        """Where the column is low: two lines of the caller's words instead of three, everything closer."""
        px = self._theme.px
        self.narrative.setFixedHeight(px(54 if low else 66))
        self._grid.setVerticalSpacing(px(3 if low else 6))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _search_places(self, text: str) -> list[Choice]:
        return [place_choice(place) for place in self._places(text)]

    def _search_kinds(self, text: str) -> list[Choice]:
        return find_kinds(self._reference, text)
