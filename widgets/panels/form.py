"""The form of an incident: a new one from a telephone call (two fields are enough), or an existing one.

A field of an existing incident is saved when it is left; while it has the focus nothing from outside replaces
it. Every stroke of a new one goes into its draft. Esc leaves the form and takes nothing away.
"""

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget
from typing_extensions import override

from console.domain.body import Scalar
from console.domain.incident import Incident
from console.domain.reference import Reference
from console.domain.routing import Classification
from console.services.places import Finder as PlaceFinder
from console.services.places import Place
from widgets.panels.drafts import Draft
from widgets.panels.fields import PhoneEdit, code_text
from widgets.panels.finder import ENTER, Choice, ComposingLine, Finder
from widgets.panels.shown_form import START_LEVEL, ShownForm
from widgets.theme import Theme

PAUSE_MS = 200
"""A pause this long in typing asks for a proposal."""


class IncidentForm(ShownForm):
    """`changed`: a stroke in a new incident. `submitted`: save it. `edited`: fields of an existing one to
    save, and the values that stood there when typing began.
    `level_wanted`: level and reason. `paused`: time for a proposal. `left`: Esc, back to the queue. `typing`: the
    field of an existing incident that is being typed in, '' when it is left."""

    changed = Signal()
    submitted = Signal()
    edited = Signal(object, object)
    level_wanted = Signal(int, str)
    paused = Signal()
    left = Signal()
    typing = Signal(str)

    def __init__(self, theme: Theme, reference: Reference, places: PlaceFinder) -> None:
        super().__init__(theme, reference, places)
        self._base = Draft()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.paused)
        self._connect()

    def _connect(self) -> None:
        for field in (*self._fields.values(), self.reason):
            field.installEventFilter(self)
            if isinstance(field, QLineEdit):
                field.textEdited.connect(self._typed)
                field.editingFinished.connect(self._finished)
                field.returnPressed.connect(self._entered)
        self.level.installEventFilter(self)
        self.narrative.viewport().installEventFilter(self)
        self.level.activated.connect(self._level_activated)
        self.place.chosen.connect(self._place_chosen)
        self.place.confirmed.connect(self.kind.setFocus)
        self.kind.chosen.connect(self._kind_chosen)
        self.kind.confirmed.connect(self.narrative.setFocus)
        self.narrative.typed.connect(self._typed)
        self.narrative.finished.connect(self._finished)
        self.narrative.saved.connect(self._saved)
        self.narrative.left.connect(self.left)
        self.save.clicked.connect(self.submitted)
        self.back.clicked.connect(self.left)

    # -- what it shows -------------------------------------------------------------------------------------------

    def start(self, draft: Draft) -> None:
        """A new incident, empty or from its draft; the place takes the focus."""
        self.commit()
        self.show_histories({}, str)
        self._incident, self._base, self._kind = None, draft, draft.kind
        self._masked = False
        self.set_read_only(False)
        self._level_chosen, self._proposed = bool(draft.priority), START_LEVEL
        self._dirty.clear()
        self._forget_changes()
        self._set_all(draft, draft.priority or START_LEVEL)
        if draft.kind_text and not draft.kind:
            self.kind.setText(draft.kind_text)
        self.reason.setText(draft.reason)
        self._show_place_tags(draft.beat, urban=draft.urban, known=draft.lat is not None)
        self._show_rows()
        self.place.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_incident(self, incident: Incident, *, masked: bool = False) -> None:
        """An existing incident, or its newest state; a field that is being typed in stays as it is.

        `masked`: personal data stand here masked; those fields can then only be read.
        """
        before = self._incident
        if before is None or before.number not in (incident.number, incident.alias) or masked != self._masked:
            self.commit()
            self._masked = masked
            self._incident, self._kind = incident, incident.kind
            self._dirty.clear()
            self._forget_changes()
            self.reason.clear()
            self._set_all(_draft_of(incident), incident.priority)
            self.kind.setPlaceholderText("")
        else:
            self._incident = incident
            self._take_over(before, incident)
            self._show_theirs()
        self._guard_fields()
        self._show_place_tags(incident.beat, urban=incident.urban, known=incident.lat is not None)
        self._show_rows()

    # -- proposals -----------------------------------------------------------------------------------------------

    def show_proposal(self, found: Classification) -> None:
        """Mark the words that counted; propose kind and level where a person has chosen none."""
        self.narrative.highlight(found.words)
        if not self.new:
            return
        self._proposed = found.priority
        if not self._kind and found.codes:
            proposed = code_text(self._reference, found.codes[0])
            self.kind.setPlaceholderText(self.tr("建议：{kind}").format(kind=proposed))
            self.kind.setToolTip(self.kind.placeholderText())
        if not self._level_chosen:
            self.level.set_level(found.priority)
        self._show_rows()

    # -- what was typed ------------------------------------------------------------------------------------------

    def draft(self) -> Draft:
        """The form as it stands."""
        return replace(
            self._base,
            phone=self.phone.number,
            caller=self.caller.text().strip(),
            place=self.place.text().strip(),
            place_unknown=self.unknown.text().strip(),
            kind=self._kind,
            kind_text="" if self._kind else self.kind.text().strip(),
            priority=self.level.level if self._level_chosen else 0,
            reason=self.reason.text().strip(),
            narrative=self.narrative.toPlainText(),
            recording=self.recording.text().strip(),
        )

    @property
    def kind_code(self) -> str:
        """The code a person chose, '' for none."""
        return self._kind

    @Slot()
    def _typed(self) -> None:
        field = self.sender()
        name = str(field.property("field")) if field is not None else ""
        if name == "":
            name = "narrative"
        self._dirty.add(name)
        if not self.new:
            self.typing.emit(name)
        if name == "kind":
            self._kind = ""
        elif name == "place":
            self._place_typed()
        if name in ("narrative", "kind"):
            self._pause.start()
        if self.new:
            self.changed.emit()

    def _place_typed(self) -> None:
        """A typed name that is a known place stands for it, also with a detail after it; any other has no position."""
        if not self.new:
            return
        typed, base = self.place.text().strip(), self._base
        known = self._places.named(typed)
        if known is not None:
            self._base = base.at(known)
        elif base.lat is None or not self._detailed(typed, base.place):
            self._base = replace(base, lat=None, lon=None, beat="", urban=True)
        self._show_place_tags(self._base.beat, urban=self._base.urban, known=self._base.lat is not None)

    def _detailed(self, typed: str, place: str) -> bool:
        """Whether a detail was added to a spot; a number on a road is another spot than the road's middle."""
        spot = self._places.named(place)
        return bool(place) and typed.startswith(place) and (spot is None or spot.kind != "road")

    @Slot(object)
    def _place_chosen(self, choice: Choice) -> None:
        place = self._places.named(choice.key)
        if place is None:
            return
        self.place.setToolTip(place.address)
        if self.new:
            self._base = self._base.at(place)
            self._show_place_tags(place.beat, urban=place.urban, known=True)
            self.changed.emit()
        else:
            self._send(_place_fields(place), "place")

    @Slot(object)
    def _kind_chosen(self, choice: Choice) -> None:
        self._kind = choice.key
        self.kind.setToolTip(choice.text)
        if self.new:
            self.changed.emit()
        else:
            self._send({"kind": choice.key}, "kind")
        self.paused.emit()

    @Slot(int)
    def _level_activated(self, _index: int) -> None:
        self._level_chosen = True
        lowering = self._lowering()
        self._show_row("reason", self.reason, shown=lowering)
        if lowering:
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._incident is not None and self.level.level != self._incident.priority:
            self.level_wanted.emit(self.level.level, "")
        if self.new:
            self.changed.emit()

    # -- saving --------------------------------------------------------------------------------------------------

    @Slot()
    def _finished(self) -> None:
        """A field was left (or Enter was pressed in it): its text is saved if a person changed it."""
        field = self.sender()
        name = str(field.property("field")) if field is not None else ""
        self._commit_field(name or "narrative")

    def commit(self) -> None:
        """Save every field a person changed and has not left yet."""
        for name in tuple(self._dirty):
            self._commit_field(name)

    @override
    def _commit_field(self, name: str) -> None:
        incident = self._incident
        if incident is None or name not in self._dirty or name == "reason":
            return
        self._dirty.discard(name)
        value = self._value(name)
        if name == "kind" and not value:
            self._kind = incident.kind
            self._set("kind", incident.kind)
            return
        if value == self._shown[name]:
            self._catch_up(name)
        elif value != str(getattr(incident, name)):
            self._send(self._moved_to(incident, value) if name == "place" else {name: value}, name)

    def _moved_to(self, incident: Incident, place: str) -> dict[str, Scalar]:
        """Another place in words: the old position goes with the old place, unless only a detail was added."""
        known = self._places.named(place)
        if known is not None:
            return _place_fields(known)
        if incident.site or (incident.place and place.startswith(incident.place)):
            return {"place": place}
        return {"place": place, "lat": None, "lon": None, "beat": "", "urban": True}

    @override
    def _value(self, name: str) -> str:
        if name == "kind":
            return self._kind
        field = self._fields[name]
        if isinstance(field, PhoneEdit):
            return field.number
        return (field.text() if isinstance(field, QLineEdit) else field.toPlainText()).strip()

    def _send(self, fields: dict[str, Scalar], name: str) -> None:
        self._dirty.discard(name)
        seen = {name: self._shown[name]}
        self._shown[name] = str(fields[name])
        self.edited.emit(fields, seen)

    def show_refused(self, number: str, names: Iterable[str]) -> None:
        """Another was faster, and the person has been told with what: the next correction starts from there."""
        if self._incident is not None and self._incident.number == number:
            self._shown.update({name: str(getattr(self._incident, name)) for name in names})
            self._theirs |= dict.fromkeys(names, True)
            self._show_theirs()

    @Slot()
    def _entered(self) -> None:
        if self.sender() is self.reason and self._incident is not None:
            if self.reason.text().strip():
                self.level_wanted.emit(self.level.level, self.reason.text().strip())
                self.reason.clear()
                self._show_row("reason", self.reason, shown=False)
        elif self.new:
            following = self._still_needed(self.sender())
            if following is not None:
                following.setFocus(Qt.FocusReason.TabFocusReason)
            else:
                self.submitted.emit()

    def _still_needed(self, left: QObject | None) -> QWidget | None:
        """Where Enter goes on to while one of the two fields that save is empty; None: it saves (or says why not)."""
        placed = bool(self.place.text().strip() or self.unknown.text().strip())
        told = bool(self.kind.text().strip() or self.narrative.toPlainText().strip())
        if left is self.place and placed and not told:
            return self.kind
        return self.place if left is self.kind and self._kind and not placed else None

    @Slot()
    def _saved(self) -> None:
        if self.new:
            self.submitted.emit()
        else:
            self._commit_field("narrative")

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._hover(watched, event):
            return True
        if event.type() is QEvent.Type.FocusOut:
            self.hide_history()
            self._catch_up(str(watched.property("field") or ""))
            self.typing.emit("")
            return False
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        if event.key() == Qt.Key.Key_Escape and self.hide_history():
            return True
        if watched is self.narrative:
            return False
        if isinstance(watched, ComposingLine) and watched.composing:
            return False
        if isinstance(watched, Finder) and watched.list_open:
            return False
        if event.key() == Qt.Key.Key_Escape:
            self._escape(watched)
            return True
        if event.key() in ENTER and event.modifiers() & Qt.KeyboardModifier.ControlModifier and self.new:
            self.submitted.emit()
            return True
        return False

    def _hover(self, watched: QObject, event: QHelpEvent) -> bool:
        """Over a field that was written more than once: its history below its text."""
        field = self.narrative if watched is self.narrative.viewport() else watched
        name = str(field.property("field") or "")
        if event.type() is not QEvent.Type.ToolTip or not isinstance(field, QWidget) or not self.was_changed(name):
            return False
        QToolTip.showText(event.globalPos(), f"{field.toolTip()}\n{self.history_of(name)}".strip(), field)
        return True

    def _catch_up(self, name: str) -> None:
        """The focus goes: what others changed meanwhile is shown, unless the person typed here."""
        incident = self._incident
        if incident is None or name not in self._fields or name in self._dirty:
            return
        if self._value(name) != str(getattr(incident, name)) and not self._theirs.get(name):
            self._kind = incident.kind if name == "kind" else self._kind
            self._set(name, str(getattr(incident, name)))
            self._light(name)
            self._show_theirs()

    def _escape(self, watched: QObject) -> None:
        """Back to the queue; an unfinished lowering is taken back, its reason stays in the field."""
        if watched is self.reason and self._incident is not None:
            self.level.set_level(self._incident.priority)
            self._show_row("reason", self.reason, shown=False)
        self.left.emit()


def _place_fields(place: Place) -> dict[str, Scalar]:
    return {
        "place": place.name,
        "lat": place.lat,
        "lon": place.lon,
        "beat": place.beat,
        "urban": place.urban,
        "place_unknown": "",
    }


def _draft_of(incident: Incident) -> Draft:
    return Draft(
        phone=incident.phone,
        caller=incident.caller,
        place=incident.place,
        place_unknown=incident.place_unknown,
        kind=incident.kind,
        narrative=incident.narrative,
        recording=incident.recording,
    )
