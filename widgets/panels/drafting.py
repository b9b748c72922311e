"""Writing a new incident: the draft in the form, the open drafts beside it, and the way from draft to incident.

The draft is stored from the first key stroke; it goes only when the incident is in the journal (or the spool),
or when a person throws it away.
"""

from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QCoreApplication

from console.domain.body import Scalar
from console.domain.errors import UserError
from console.domain.ledger import new_id
from console.domain.routing import Classification, classify
from console.services.desk import Desk
from console.services.drafts import Drafts
from widgets.panels.drafts import Draft, DraftBar
from widgets.panels.form import IncidentForm
from widgets.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Opening:
    """What the act `incident.open` gets, and the lower level a person asked for afterwards (0 = none)."""

    args: dict[str, Any]
    lowered: int = 0
    reason: str = ""


def opening(draft: Draft, found: Classification) -> Opening:
    """A draft made ready to save; UserError names the one thing that is missing.

    Kind, level and route that nobody chose are the proposed ones. A level below the proposed one is a lowering:
    the incident opens with the proposed level and is lowered by the person, with the reason.
    """
    kind = draft.kind or ("" if draft.kind_text else next(iter(found.codes), ""))
    if draft.kind_text and not draft.kind:
        pattern = QCoreApplication.translate("Drafting", "警情“{text}”未识别，请从列表选择；已留为草稿")
        raise UserError(pattern.format(text=draft.kind_text))
    if not kind:
        raise UserError(QCoreApplication.translate("Drafting", "请选择警情类别，或写下内容；已留为草稿"))
    if not draft.place and not draft.place_unknown:
        raise UserError(QCoreApplication.translate("Drafting", "请填写地点，或写明地点不明的原因；已留为草稿"))
    lowered = draft.priority if draft.priority > found.priority else 0
    if lowered and not draft.reason:
        raise UserError(QCoreApplication.translate("Drafting", "降低级别须写明理由；已留为草稿"))
    args = {
        "kind": kind,
        "place": draft.place,
        "place_unknown": draft.place_unknown,
        "caller": draft.caller,
        "phone": draft.phone,
        "narrative": draft.narrative,
        "recording": draft.recording,
        "lat": draft.lat,
        "lon": draft.lon,
        "beat": draft.beat,
        "urban": draft.urban,
        "route": draft.route or found.route or "",
        "priority": found.priority if lowered else draft.priority or found.priority,
        "started_at": draft.started_at,
    }
    return Opening(args, lowered, draft.reason)


class Drafting:
    """One draft in the form at a time; `id` is '' while none is."""

    def __init__(self, desk: Desk, tasks: Tasks, drafts: Drafts, form: IncidentForm, bar: DraftBar) -> None:
        self.id = ""
        self.route = ""
        self._desk, self._tasks, self._drafts, self._form, self._bar = desk, tasks, drafts, form, bar
        self._taken: set[str] = set()
        self._tried: dict[str, Draft] = {}

    def begin(self, phone: str = "") -> None:
        """F9: an empty form, or one with the number of the call it takes; a draft that has text stays on the bar."""
        self.id, self.route = new_id(), ""
        self._form.start(Draft(phone=phone, started_at=self._desk.clock().isoformat()))
        self.show_bar()

    def resume(self, draft: str) -> None:
        """Go on with an open draft."""
        body = self._drafts.kept.get(draft)
        if body is None:
            return
        found = Draft.from_json(body)
        self.id, self.route = draft, found.route
        self._form.start(found)
        self.show_bar()

    def leave(self) -> None:
        """The form shows something else now; the draft is on the bar."""
        self.id = ""
        self.show_bar()

    def keep(self) -> None:
        """A stroke: store the form, unless it is becoming an incident at this moment."""
        if self.id in self._taken:
            return
        self._tasks.start(self._drafts.keep(self.id, self.draft().to_json()), "draft")

    def draft(self) -> Draft:
        """The form, with the route that was chosen beside it."""
        return replace(self._form.draft(), route=self.route)

    def drop(self, draft: str) -> None:
        """Throw a draft away."""
        self._tasks.start(self._drafts.drop(draft), "draft")
        self.show_bar()

    async def load(self) -> None:
        """Offer what an earlier run left."""
        for id_, body in (await self._drafts.load()).items():
            # It may be an incident already, if only its file was not told: what is written in it now is an edit then.
            self._tried.setdefault(id_, Draft.from_json(body))
        self.show_bar()

    def show_bar(self) -> None:
        self._bar.show_drafts(self._drafts.kept, self.id)

    def save(self) -> Coroutine[Any, Any, str]:
        """The draft of this moment becomes an incident; answers its number, '' while it has been saved already.

        What is typed while the act is under way is saved as an edit, so no stroke is lost. The draft's id is the
        act's: saving again after an unknown outcome opens no second incident.
        """
        return self._save(self.id, self.draft())

    async def _save(self, draft_id: str, draft: Draft) -> str:
        if draft_id in self._taken:
            return ""
        ready = opening(draft, classify(draft.narrative, draft.kind or None, self._desk.reference))
        self._taken.add(draft_id)
        try:
            number = await self._open(draft_id, ready.args)
        except UserError:
            self._taken.discard(draft_id)
            raise
        except BaseException:
            self._tried.setdefault(draft_id, draft)
            self._taken.discard(draft_id)
            raise
        # Nobody waits for its file: saved once more after a crash it is known by its id.
        self._tasks.start(self._drafts.drop(draft_id), "draft")
        first = self._tried.pop(draft_id, draft)
        if since := _differences(first, draft):
            # The journal may hold what was said at the first try; where it holds this already nothing is changed.
            seen = {name: getattr(first, name) for name in since}
            await self._desk.do("incident.edit", incident=number, fields=since, seen=seen)
        if ready.lowered:
            await self._desk.do("incident.priority", incident=number, priority=ready.lowered, reason=ready.reason)
        while self.id == draft_id and (typed_since := _differences(draft, now := self.draft())):
            draft = now
            await self._desk.do("incident.edit", incident=number, fields=typed_since)
        return number

    async def _open(self, draft_id: str, args: dict[str, Any]) -> str:
        act = replace(self._desk.act("incident.open", args), act_id=draft_id)
        return str(await self._desk.carry_out(act))


def _differences(before: Draft, now: Draft) -> dict[str, Scalar]:
    names = ("phone", "caller", "place", "place_unknown", "narrative", "recording", "lat", "lon", "beat", "urban")
    return {name: getattr(now, name) for name in names if getattr(now, name) != getattr(before, name)}
