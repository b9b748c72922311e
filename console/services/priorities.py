"""Priorities at work: why an incident has its level, and raising it where something new asks for a higher one.

Acts call `raise_for` with the reasons that held before them: only what came new raises, so a level that a person has
lowered stays lowered until something else happens. The raise is a fact of its own whose reason begins with 自动, for
no person chose it. The table is the one that shipped or the county's own file in its place: an act has no other way
to it.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from console.domain.alarm import Alarm
from console.domain.answer import Answer
from console.domain.call import Call
from console.domain.facts import PriorityChanged
from console.domain.incident import BEFORE_DISPATCH, UNDER_WAY, Incident
from console.domain.ledger import Ledger
from console.domain.priority import NO_CODE, Circumstances, Colour, PriorityTable, Reason, level_of, weigh
from console.domain.protocol import Book, Given, meant
from console.domain.site import Site
from console.domain.state import State, need
from resources import ROOT

AUTOMATIC = "自动："
"""How the reason of a raise begins that no person chose."""

WEIGHED = frozenset({"kind", "phone", "place", "beat", "site"})
"""Fields of an incident that its level depends on."""

FOLDER = ROOT / "reference"
Level = Literal[1, 2, 3, 4]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sites(_Part):
    codes: tuple[str, ...]
    levels: dict[str, Level]


class _Repeats(_Part):
    calls: int = Field(ge=2)
    within_min: int = Field(ge=1)
    presses: int = Field(ge=2)


class _Colour(_Part):
    zh: str
    en: str
    level: Level | None = None


class _File(_Part):
    source: str
    jurisdiction: str
    date: str
    sources: dict[str, Level]
    sites: _Sites
    repeats: _Repeats
    colours: dict[str, _Colour]
    zones: dict[str, str]
    zone_codes: tuple[str, ...]


@cache
def table(folder: Path = FOLDER) -> PriorityTable:
    """The table with the codes' own levels, read once; pydantic's ValidationError if the file does not fit."""
    file = _File.model_validate_json((folder / "priority.json").read_bytes())
    codes = json.loads((folder / "codes.json").read_text("utf-8"))["codes"]
    return PriorityTable(
        codes={code["code"]: (code["name"], code["priority"]) for code in codes},
        sources=file.sources,
        sites=file.sites.levels,
        site_codes=file.sites.codes,
        colours={key: Colour(each.zh, each.en, each.level or 0) for key, each in file.colours.items()},
        zones=file.zones,
        zone_codes=file.zone_codes,
        calls=file.repeats.calls,
        within_min=file.repeats.within_min,
        presses=file.repeats.presses,
    )


def reasons(state: State, incident: Incident, answers: Iterable[tuple[int, str]] = ()) -> tuple[Reason, ...]:
    """Every reason for the incident's level as things stand, gravest first; `answers` are those of its protocol."""
    site = state.get(Site, incident.site) if incident.site else None
    known = Circumstances(
        code=incident.kind,
        source=incident.source,
        site_kind=site.kind if site is not None else "",
        beat=incident.beat,
        calls=_calls(state, incident),
        presses=max((alarm.presses for alarm in state.where(Alarm, incident=incident.number)), default=0),
        answers=tuple(answers),
    )
    return weigh(known, table())


def reasons_with_answers(state: State, incident: Incident, book: Book) -> tuple[Reason, ...]:
    """`reasons` with what the caller answered to the protocol in use, for whoever asks why."""
    protocol = book.protocols.get(incident.protocol) or book.for_code(incident.kind)
    if protocol is None:
        return reasons(state, incident)
    rows = state.where(Answer, incident=incident.number)
    said = {row.question: Given(row.value, row.text, row.skipped) for row in rows}
    return reasons(state, incident, ((why.level, why.because.zh) for why in meant(protocol, said).raised))


def start(code: str, source: str) -> int:
    """The level an incident of this code and source begins with."""
    return level_of(weigh(Circumstances(code=code, source=source), table())) or NO_CODE


def raise_for(ledger: Ledger, number: str, before: Iterable[Reason] = ()) -> None:
    """Raise the incident if a reason that did not hold before asks for a graver level than it has.

    Called after what changed has been recorded. What an incident starts with (`starting`) is no news after opening.
    """
    incident = need(ledger, Incident, number)
    known = {(reason.kind, reason.level) for reason in before}
    new = [reason for reason in reasons(ledger, incident) if (reason.kind, reason.level) not in known]
    raise_to(ledger, incident.number, new)


def raise_for_call(ledger: Ledger, number: str) -> None:
    """Raise the incident that a further call was added to, where its calls are enough.

    What was merged into it is not counted here: what that raises goes with it again (`of_merged`).
    """
    incident = need(ledger, Incident, number)
    raise_to(ledger, incident.number, _repeats(incident, _reported(ledger, incident)))


def of_merged(state: State, incident: Incident) -> tuple[Reason, ...]:
    """The reason that the number of incidents merged into this one makes, if they are enough."""
    return _repeats(incident, _merged(state, incident))


def raise_to(ledger: Ledger, number: str, new: Iterable[Reason]) -> None:
    """Raise to the gravest of these reasons; nothing if the incident is as grave already, or has ended.

    Where only a duplicate makes it as grave, the level it has by itself is raised: it must not fall below what its own
    caller said when the duplicate is taken out.
    """
    incident, new = need(ledger, Incident, number), tuple(new)
    level, by_itself = level_of(new), incident.own_priority or incident.priority
    if not level or level >= by_itself or not incident.open:
        return
    why = "；".join(reason.text for reason in new if reason.level == level)
    own = level >= incident.priority
    old = by_itself if own else incident.priority
    reason = f"{AUTOMATIC}{why}"
    ledger.record(PriorityChanged(incident=incident.number, old=old, new=level, reason=reason, own=own))


def starting(incident: Incident) -> tuple[Reason, ...]:
    """The reasons an incident was opened with: its code and its source."""
    return weigh(Circumstances(code=incident.kind, source=incident.source), table())


def _repeats(incident: Incident, calls: int) -> tuple[Reason, ...]:
    found = weigh(Circumstances(code=incident.kind, calls=calls), table())
    return tuple(reason for reason in found if reason.kind == "calls")


def _calls(state: State, incident: Incident) -> int:
    """How often the matter was reported lately: by this number, from this place, or as what was merged into it."""
    return max(_reported(state, incident), _merged(state, incident))


def _reported(state: State, incident: Incident) -> int:
    """How often it was reported by its number or from its place."""
    if incident.source == "alarm":
        return 1  # a panel's presses are counted, and its way is the shortest of all
    since = (incident.t_signal or incident.created_at) - timedelta(minutes=table().within_min)
    rang = [c.rang_at for c in state.where(Call, number=incident.phone) if c.rang_at >= since] if incident.phone else []
    return max(_at_once(rang), *(_at_once(_same(state, incident, field, since)) for field in ("phone", "place")))


def _merged(state: State, incident: Incident) -> int:
    """How often it was reported by what was merged into it, and by itself."""
    if incident.source == "alarm":
        return 1
    return _at_once([incident.created_at, *(row.created_at for row in state.where(Incident, main=incident.number))])


def _same(state: State, incident: Incident, field: str, since: datetime) -> Iterable[datetime]:
    """When the open incidents of the same number or place were opened, this one among them."""
    value = getattr(incident, field)
    if not value:
        return ()
    same: dict[str, object] = {"state": (*BEFORE_DISPATCH, *UNDER_WAY), field: value}
    found = {row.number: row.created_at for row in state.where(Incident, **same) if row.created_at >= since}
    return (found | {incident.number: incident.created_at}).values()


def _at_once(times: Iterable[datetime]) -> int:
    """The most of these that lie within the table's minutes: a call that comes hours later is no repeat."""
    ordered, within = sorted(times), timedelta(minutes=table().within_min)
    return max((bisect_right(ordered, at + within) - place for place, at in enumerate(ordered)), default=1)
