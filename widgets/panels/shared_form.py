"""What two people do to one form at the same time: the other's change is lit, told, or waits beside the typed text.

Between the layout of the fields and their meaning (`IncidentForm`): it knows what is shown, what was typed, and who
changed what meanwhile, and never replaces a typed text by itself.
"""

from collections.abc import Callable, Iterable

from PySide6.QtCore import Slot

from console.domain.facts import Fact, IncidentEdited
from console.domain.incident import Incident
from console.domain.reference import Reference
from console.services.places import Finder as PlaceFinder
from widgets.panels.fields import code_text
from widgets.panels.form_layout import FormLayout
from widgets.panels.theirs import Change
from widgets.text import masked
from widgets.theme import Theme

PERSONAL = ("caller", "phone", "narrative")
"""Fields that tell of a person."""


class SharedForm(FormLayout):
    """`_dirty` are the fields a person typed in and has not left, `_shown` the values typing began from."""

    def __init__(self, theme: Theme, reference: Reference, places: PlaceFinder) -> None:
        super().__init__(theme, reference, places)
        self._incident: Incident | None = None
        self._masked = False
        self._kind = ""
        self._dirty: set[str] = set()
        self._shown: dict[str, str] = {}
        self._changes: dict[str, Change] = {}
        self._theirs: dict[str, bool] = {}  # field -> whether saving it was refused already
        self.theirs.taken.connect(self._take_theirs)
        self.theirs.kept.connect(self._keep_mine)

    def _value(self, name: str) -> str:
        """What stands in a field."""
        raise NotImplementedError

    def _set(self, name: str, value: str) -> None:
        """Show another value, from which typing then begins."""
        raise NotImplementedError

    def _commit_field(self, name: str) -> None:
        """Save a field that was typed in."""
        raise NotImplementedError

    def told(self, facts: Iterable[Fact], person: Callable[[str], str]) -> None:
        """What happened to the incident, before its new state is shown: who changes which field; `person` names him."""
        for fact in facts:
            if isinstance(fact.body, IncidentEdited):
                for name in fact.body.new.keys() & self._fields.keys():
                    old = self._readable(name, str(fact.body.old.get(name) or ""))
                    self._changes[name] = Change(person(fact.actor), fact.at, old)

    def _readable(self, name: str, value: str) -> str:
        """A value as another person's may stand on the screen: a kind by its name, a number masked."""
        if name == "kind":
            return code_text(self._reference, value)
        return masked(value) if name == "phone" else value

    def _light(self, name: str) -> None:
        change = self._changes.get(name)
        if change is None:
            self._marks[name].light()
        elif self._masked and name in PERSONAL:
            self._marks[name].light(change.told(self.tr("{who} {at} 修改")))
        else:
            self._marks[name].light(change.told(self.tr("{who} {at} 修改，原为“{old}”")))

    def _forget_changes(self) -> None:
        self._changes.clear()
        self._theirs.clear()
        for mark in self._marks.values():
            mark.put_out()
        self._show_theirs()

    def _show_theirs(self) -> None:
        """Beside the form: what another wrote into the field that is being typed in."""
        incident = self._incident
        if incident is not None:
            differs = {name: self._value(name) != str(getattr(incident, name)) for name in self._theirs}
            self._theirs = {name: refused for name, refused in self._theirs.items() if differs[name]}
        waiting = sorted(self._theirs, key=lambda name: not self._fields[name].hasFocus())
        if incident is None or not waiting:
            self.theirs.show_theirs("", "")
            return
        name = waiting[0]
        now, change = self._readable(name, str(getattr(incident, name))), self._changes.get(name)
        who = change.told(self.tr("{who} {at}")) if change is not None else self.tr("他人")
        pattern = (
            self.tr("{who} 把{field}改为“{now}”，您填写的尚未保存")
            if self._theirs[name]
            else self.tr("{who} 把{field}改为“{now}”，您正在改的没有被替换")
        )
        said = pattern.format(who=who, field=self._labels[name].text(), now=now)
        self.theirs.show_theirs(name, said)

    @Slot(str)
    def _take_theirs(self, name: str) -> None:
        """Alt+Y: the other's value; what was typed here goes."""
        incident = self._incident
        if incident is None:
            return
        self._dirty.discard(name)
        self._kind = incident.kind if name == "kind" else self._kind
        self._set(name, str(getattr(incident, name)))
        self._light(name)
        self._show_theirs()

    @Slot(str)
    def _keep_mine(self, name: str) -> None:
        """Alt+N: one's own is saved over the other's, at once or when the field is left."""
        incident = self._incident
        if incident is None:
            return
        self._shown[name] = str(getattr(incident, name))
        self._theirs.pop(name, None)
        self._dirty.add(name)
        if not self._fields[name].hasFocus():
            self._commit_field(name)
        self._show_theirs()
