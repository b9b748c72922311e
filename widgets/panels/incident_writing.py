"""Writing in the incident column: a new incident from its first stroke to its number, corrections, level and route.

What is saved and what is refused comes from the desk; here is only which act a stroke ends in.
"""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Slot

from console.domain.body import Scalar
from console.domain.errors import UserError
from console.services.desk import Desk
from widgets.panels.drafting import Saved
from widgets.panels.incident_acts import IncidentActs
from widgets.panels.incident_view import IncidentView
from widgets.text import said


class IncidentWriting(IncidentView):
    """`acts` are the buttons' acts; `take_call` gives the number of the call that F9 takes, `call_of` the call that
    was taken from a number and is not yet part of an incident ('' for none)."""

    acts: IncidentActs
    take_call: Callable[[], str]
    call_of: Callable[[str], str] = staticmethod(lambda _number: "")

    def _show(self, number: str, *, same: bool = False) -> None:
        """Show an incident; `same` = it is what was written here, so the cursor stays in it."""
        raise NotImplementedError

    def _turn_to(self, number: str, *, same: bool = False) -> None:
        """The column is about that incident from now on; what it shows follows with `_refresh`."""
        raise NotImplementedError

    @Slot()
    def new_incident(self) -> None:
        """F9: write a new incident; what was being written stays as a draft. A call that rings is taken with it."""
        self._turn_to("")
        self._selection.choose_incident("")
        phone = self.take_call()
        self.drafting.begin(phone)
        if phone:
            self.drafting.keep()
        self._refresh()
        self.form.place.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def resume(self, draft: str) -> None:
        """Go on writing a draft."""
        self._turn_to("")
        self._selection.choose_incident("")
        self.drafting.resume(draft)
        self._refresh()
        self.form.place.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _drop_draft(self, draft: str) -> None:
        self.drafting.drop(draft)

    @Slot()
    def _draft_changed(self) -> None:
        if self.drafting.id:
            self.drafting.keep()

    @Slot()
    def save(self) -> None:
        """Enter or Ctrl+Enter in a new incident."""
        if self.drafting.id:
            self._tasks.start(self._save(), "incident.open")

    def _save(self) -> Coroutine[Any, Any, str]:
        return self._saved(self.drafting.id, self.drafting.save())

    async def _saved(self, draft: str, saving: Coroutine[Any, Any, Saved | None]) -> str:
        saved = await saving
        if saved is None:
            return ""
        self._show_saved(saved.number, still_here=self.drafting.id == draft)
        self._tasks.messages.info(self.tr("已建立警情 {number}").format(number=saved.number))
        # Last, for another incident in the column takes away what was said before.
        for refused in saved.refusals:
            self._tasks.messages.error(refused)
        return saved.number

    def _show_saved(self, number: str, *, still_here: bool) -> None:
        """The draft has become an incident: the cursor stays, unless the person has begun something else."""
        if not still_here:
            self.later.add(number)
            return
        self._show(number, same=True)
        self._selection.choose_incident(number)

    @Slot(object, object)
    def _edited(self, fields: dict[str, Scalar], seen: dict[str, Scalar]) -> None:
        incident = self._workable
        if incident is not None:
            # The desk of this moment: it may be locked in the same turn, and has no roles then to save the words with.
            self._tasks.start(self._edit(replace(self._desk), incident.number, fields, seen), "incident.edit")

    async def _edit(self, desk: Desk, number: str, fields: dict[str, Scalar], seen: dict[str, Scalar]) -> None:
        try:
            await desk.do("incident.edit", incident=number, fields=fields, seen=seen)
        except UserError as refusal:
            self.form.show_refused(number, seen)
            if number == self._number:
                raise
            lost = "；".join(str(fields[name]) for name in seen)
            raise UserError(
                self.tr("{why}（您填写的“{lost}”未保存）").format(why=said(str(refusal)), lost=lost)
            ) from None

    @Slot(int, str)
    def _level_wanted(self, level: int, reason: str) -> None:
        incident = self._workable
        if incident is not None:
            self.acts.do("incident.priority", incident=incident.number, priority=level, reason=reason)

    @Slot(int)
    def _raise_wanted(self, level: int) -> None:
        words = "、".join(dict.fromkeys(match.word for match in self._found.words))
        self._level_wanted(level, self.tr("描述命中 {words}").format(words=words))

    @Slot(str)
    def _route_chosen(self, route: str) -> None:
        incident = self._workable
        if incident is not None:
            self.acts.do("incident.triage", incident=incident.number, route=route)
        elif self.drafting.id:
            self.drafting.route = route
            self.drafting.keep()
        self._propose()
