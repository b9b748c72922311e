"""Writing a new incident: the draft in the form, the open drafts beside it, and the way from draft to incident.

The draft is stored from the first key stroke; it goes only when the incident is in the journal (or the spool) with
what was typed meanwhile, when the call was added to a known incident, or when a person throws it away.
"""

import logging
from collections.abc import Awaitable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QCoreApplication

from console.domain.body import Scalar
from console.domain.errors import EnvironmentFault, UserError
from console.domain.incident import Incident
from console.domain.ledger import MemoryLedger, new_id
from console.domain.overlay import Overlay
from console.domain.reference import Reference
from console.domain.routing import Classification, classify
from console.services.desk import Desk
from console.services.drafts import Drafts
from console.services.rights import refusal
from widgets.panels.drafts import Draft, DraftBar
from widgets.panels.form import IncidentForm
from widgets.tasks import Tasks
from widgets.text import said
from widgets.wording import priority_name

log = logging.getLogger(__name__)

POSITION = ("lat", "lon", "beat", "urban")
"""Fields that go with the place and are typed by nobody."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A draft and what it asks for: kind, level and route as a person chose them, else as they are proposed."""

    draft: Draft
    kind: str
    level: int
    route: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What the act `incident.open` gets, and the lower level a person asked for afterwards (0 = none)."""

    args: dict[str, Any]
    lowered: int = 0


@dataclass(frozen=True, slots=True)
class Saved:
    """The number of the incident, and why something that was written is not in it, with the words."""

    number: str
    refusals: tuple[str, ...] = ()


def wanted(draft: Draft, found: Classification) -> Wanted:
    """What the draft asks for beside these proposals; a kind in words that are not known is none."""
    kind = draft.kind or ("" if draft.kind_text else next(iter(found.codes), ""))
    return Wanted(draft, kind, draft.priority or found.priority, draft.route or found.route or "")


def opening(asked: Wanted, found: Classification) -> Opening:
    """A draft made ready to save; UserError names the one thing that is missing.

    A level below the proposed one is a lowering: the incident opens with the proposed level and is lowered by the
    person, with the reason.
    """
    draft = asked.draft
    if draft.kind_text and not draft.kind:
        pattern = QCoreApplication.translate("Drafting", "警情“{text}”未识别，请从列表选择；已留为草稿")
        raise UserError(pattern.format(text=draft.kind_text))
    if not asked.kind:
        raise UserError(QCoreApplication.translate("Drafting", "请选择警情类别，或写下内容；已留为草稿"))
    if not draft.place and not draft.place_unknown:
        raise UserError(QCoreApplication.translate("Drafting", "请填写地点，或写明地点不明的原因；已留为草稿"))
    lowered = asked.level if asked.level > found.priority else 0
    if lowered and not draft.reason:
        raise UserError(QCoreApplication.translate("Drafting", "降低级别须写明理由；已留为草稿"))
    args = {
        "kind": asked.kind,
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
        "route": asked.route,
        "priority": found.priority if lowered else asked.level,
        "started_at": draft.started_at,
    }
    return Opening(args, lowered)


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
        """A stroke: store the form, also while it is becoming an incident; that may be refused or end unknown."""
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

    def save(self) -> Coroutine[Any, Any, Saved | None]:
        """The draft of this moment becomes an incident; None while it is on its way already.

        What is typed while the act is under way is saved after it, so no stroke is lost. The draft's id is the
        act's: saving again after an unknown outcome opens no second incident. All of it is done by whoever sits here
        now, also if the seat is locked in the meantime.
        """
        return self._save(replace(self._desk), self.id, self.draft())

    def attach(self, incident: str, call: str) -> Coroutine[Any, Any, bool]:
        """The draft of this moment adds to a known incident; False while it is on its way already.

        `call` is the one it belongs to, '' for none. If what was typed meanwhile is refused, the draft stays.
        """
        return self._attach(replace(self._desk), self.id, self.draft(), incident, call)

    async def _save(self, desk: Desk, draft_id: str, draft: Draft) -> Saved | None:
        if draft_id in self._taken:
            return None
        found = classify(draft.narrative, draft.kind or None, desk.reference)
        asked = wanted(draft, found)
        ready = opening(asked, found)
        if ready.lowered:
            _refuse_lowering(desk, draft_id, ready)
        self._taken.add(draft_id)
        try:
            saved = await self._carry_out(desk, draft_id, asked, found, ready)
        except BaseException as fault:
            if not isinstance(fault, UserError):
                self._tried.setdefault(draft_id, draft)
            self._taken.discard(draft_id)
            raise
        self._tried.pop(draft_id, None)
        # Nobody waits for its file: saved once more after a crash it is known by its id.
        self.drop(draft_id)
        return saved

    async def _carry_out(
        self, desk: Desk, draft_id: str, asked: Wanted, found: Classification, ready: Opening
    ) -> Saved:
        number = await self._open(desk, draft_id, ready.args)
        first = self._first(draft_id, asked)
        if ready.lowered:
            first = replace(first, level=int(ready.args["priority"]))
        # The journal may hold what was said at the first try; where it holds this already nothing is changed.
        refusals = await _amend(desk, number, first, asked, seen=True)
        while (now := self._newest(draft_id, asked.draft)) != asked.draft:
            before, asked = asked, wanted(now, found)
            refusals += await _amend(desk, number, before, asked)
        return Saved(number, tuple(refusals))

    async def _open(self, desk: Desk, draft_id: str, args: dict[str, Any]) -> str:
        act = replace(desk.act("incident.open", args), act_id=draft_id)
        return str(await desk.carry_out(act))

    def _first(self, draft_id: str, asked: Wanted) -> Wanted:
        """What the incident was opened with, if an earlier try has opened it."""
        tried = self._tried.get(draft_id, asked.draft)
        if tried == asked.draft:
            return asked
        return wanted(tried, classify(tried.narrative, tried.kind or None, self._desk.reference))

    async def _attach(self, desk: Desk, draft_id: str, draft: Draft, incident: str, call: str) -> bool:
        if draft_id in self._taken:
            return False
        self._taken.add(draft_id)
        try:
            await desk.do("incident.supplement", incident=incident, call=call, **{"text": "", **_added(Draft(), draft)})
            while (now := self._newest(draft_id, draft)) != draft:
                before, draft = draft, now
                if rest := _added(before, now):
                    await desk.do("incident.supplement", incident=incident, **rest)
        except BaseException:
            self._taken.discard(draft_id)
            raise
        self.drop(draft_id)
        return True

    def _newest(self, draft_id: str, so_far: Draft) -> Draft:
        """The draft with what was typed since it was taken; the form may show something else by now."""
        if self.id == draft_id:
            return self.draft()
        body = self._drafts.kept.get(draft_id)
        return Draft.from_json(body) if body is not None else so_far


def _refuse_lowering(desk: Desk, draft_id: str, ready: Opening) -> None:
    """Before the incident is there, the rule itself is asked about one of this level: refused afterwards, the person
    would have an incident of a level he did not choose."""
    opened = Incident(number=draft_id, priority=ready.args["priority"], owner=desk.actor, created_at=desk.clock())
    supposed = Overlay(desk.picture.state)
    supposed.put(opened)
    act = desk.act("incident.priority", {"incident": opened.number, "priority": ready.lowered})
    why = refusal(MemoryLedger(supposed, act, act.at, str), act.name, act.args)
    if why:
        pattern = QCoreApplication.translate("Drafting", "{why}；请按{level}保存后请其降级；已留为草稿")
        raise UserError(pattern.format(why=said(why), level=priority_name(opened.priority)))


async def _amend(desk: Desk, number: str, before: Wanted, now: Wanted, *, seen: bool = False) -> list[str]:
    """Bring an incident from what it was opened with to what is written now; answers why a part of it was refused.

    The incident is there: no refusal may keep it from being shown.
    """
    refusals: list[str] = []
    since = _differences(before, now)
    if since:
        stood: dict[str, Any] = {"seen": {name: _value(before, name) for name in since}} if seen else {}
        edit = desk.do("incident.edit", incident=number, fields=since, **stood)
        refusals.append(await _refused(edit, _words(since, desk.reference)))
    incident = desk.picture.state.get(Incident, number)
    stands = incident.priority if incident is not None else before.level
    # A proposal may raise, only a person lowers.
    if now.level != before.level and (now.level < stands or (now.draft.priority and now.level > stands)):
        reason = now.draft.reason if now.level > stands else ""
        level = desk.do("incident.priority", incident=number, priority=now.level, reason=reason)
        refusals.append(await _refused(level, priority_name(now.level)))
    if now.route and now.route != before.route:
        route = desk.do("incident.triage", incident=number, route=now.route)
        refusals.append(await _refused(route, now.route))
    return [refused for refused in refusals if refused]


async def _refused(doing: Awaitable[object], lost: str) -> str:
    """Why it was not done, with the words that are not saved; '' if it was."""
    try:
        await doing
    except (UserError, EnvironmentFault) as fault:
        if isinstance(fault, EnvironmentFault):
            log.warning("after incident.open: %s", fault)
        pattern = QCoreApplication.translate("Drafting", "{why}（您填写的“{lost}”未保存）")
        return pattern.format(why=said(str(fault)), lost=lost)
    return ""


def _words(fields: Mapping[str, Scalar], reference: Reference) -> str:
    """What a person typed or chose of these fields."""
    named = {name: str(value) for name, value in fields.items() if name not in POSITION}
    if "kind" in named and named["kind"] in reference.codes:
        named["kind"] = reference.codes[named["kind"]].name
    return "；".join(text for text in named.values() if text)


def _differences(before: Wanted, now: Wanted) -> dict[str, Scalar]:
    names = ("phone", "caller", "place", "place_unknown", "narrative", "recording", *POSITION)
    found = {name: getattr(now.draft, name) for name in names if _value(before, name) != _value(now, name)}
    return {"kind": now.kind, **found} if now.kind and now.kind != before.kind else found


def _value(of: Wanted, name: str) -> Scalar:
    value: Scalar = of.kind if name == "kind" else getattr(of.draft, name)
    return value


def _added(before: Draft, now: Draft) -> dict[str, Any]:
    """What `incident.supplement` gets of a draft that was added as it stood before; nothing where nothing is new."""
    names = ("place", "place_unknown", "priority", "recording")
    added: dict[str, Any] = {name: getattr(now, name) for name in names if getattr(now, name) != getattr(before, name)}
    if (now.kind, now.kind_text) != (before.kind, before.kind_text):
        added["kind"] = now.kind or now.kind_text
    # Words that only went on are told by their end, corrected ones whole.
    text = now.narrative.removeprefix(before.narrative).lstrip("，,；;。 \n")
    who = (now.caller, now.phone)
    if not (text or added) and who == (before.caller, before.phone):
        return {}
    return {"text": text, "caller": now.caller, "phone": now.phone, **added}
