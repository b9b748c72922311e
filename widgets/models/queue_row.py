"""One row of the queue: everything the delegate paints, made once when the incident changes, never in paint."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from console.domain.alarm import Alarm
from console.domain.deadlines import Promise, Rule
from console.domain.handoff import HANDOFF_LABELS, Handoff
from console.domain.incident import BEFORE_DISPATCH, INCIDENT_LABELS, UNDER_WAY, Incident, IncidentState
from console.domain.reference import Reference
from console.persistence.queries import IncidentLine
from console.services.event_words import third_field_is_user
from console.services.masking import mask_name, mask_phone
from console.services.picture import Picture
from console.spelling.initials import initials
from widgets.models.queue_look import ALWAYS, Column, Parts
from widgets.models.queue_words import owner_text, together_parts, waiting_text
from widgets.text import date_text, minute_text, said, word


class Tab(StrEnum):
    """The queue's tabs; an incident may stand in more than one."""

    WAITING = "waiting"
    UNDER_WAY = "under_way"
    HELD = "held"
    LINKED = "linked"
    CALLBACK = "callback"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """`key` is the incident's number, or the alarm's id for unreadable bytes that belong to none.

    `parts` is what `second` is made of, so that a person may leave some of it out. `owner` is the person's number whose
    incident it is ('' = nobody's, or this desk's own, which is `mine`), `silent` whether no seat of his is heard.
    `since` is where elapsed time counts from, `until` where it stopped (None = still counting). `promise` is
    the one that runs out first, `whose` who owes it. `haystack` is what typing looks through, in lower case. `day`
    stands in place of the elapsed time where nobody measures it any more.
    """

    key: str
    number: str
    alarm: str = ""
    alarmed: bool = False
    waiting_for_acknowledgement: bool = False
    priority: int
    title: str
    place: str
    second: str
    parts: Parts = ()
    kind: str = ""
    beat: str = ""
    source: str = ""
    owner: str = ""
    mine: bool = False
    silent: bool = False
    state: str
    since: datetime
    until: datetime | None = None
    promise: Promise | None = None
    whose: str = ""
    spooled: bool = False
    tabs: frozenset[Tab]
    haystack: str
    day: str = ""

    @property
    def order(self) -> tuple[bool, int, datetime, str]:
        """Level, then age (domain.md E5); what has ended stands below."""
        return self.until is not None, self.priority, self.since, self.key

    def elapsed_s(self, now: datetime) -> float:
        return ((self.until or now) - self.since).total_seconds()


@lru_cache(maxsize=20_000)
def _initials(text: str) -> str:
    return initials(text).lower()


def _haystack(*texts: str) -> str:
    return " ".join((*texts, *(_initials(text) for text in texts if text))).lower()


def promise_text(rule: Rule) -> str:
    """What the promise asks for, in one word."""
    words = {
        Rule.ACKNOWLEDGE: QCoreApplication.translate("queue", "确认"),
        Rule.ANSWER: QCoreApplication.translate("queue", "接警"),
        Rule.RING_BACK: QCoreApplication.translate("queue", "回拨"),
        Rule.DISPATCH: QCoreApplication.translate("queue", "派警"),
        Rule.HAND_OFF: QCoreApplication.translate("queue", "联动派单"),
        Rule.SIGN: QCoreApplication.translate("queue", "签收"),
        Rule.DEPART: QCoreApplication.translate("queue", "出警"),
        Rule.ARRIVE: QCoreApplication.translate("queue", "到场"),
        Rule.FEEDBACK: QCoreApplication.translate("queue", "反馈"),
        Rule.CALLBACK: QCoreApplication.translate("queue", "回访"),
        Rule.HANDOFF_SIGN: QCoreApplication.translate("queue", "联动签收"),
        Rule.HANDOFF_ARRIVE: QCoreApplication.translate("queue", "联动到场"),
        Rule.HANDOFF_FEEDBACK: QCoreApplication.translate("queue", "联动反馈"),
    }
    return words[rule]


def _tabs(incident: Incident, handoffs: list[Handoff]) -> frozenset[Tab]:
    tabs = {Tab.ALL}
    if incident.state in BEFORE_DISPATCH:
        tabs.add(Tab.WAITING if incident.waits_until is None else Tab.HELD)
    if incident.state in UNDER_WAY:
        tabs.add(Tab.UNDER_WAY)
    if incident.open and (incident.state is IncidentState.HANDED_OFF or any(h.open for h in handoffs)):
        tabs.add(Tab.LINKED)
    if incident.state in (IncidentState.FEEDBACK, IncidentState.REVIEW):
        tabs.add(Tab.CALLBACK)
    return frozenset(tabs)


def _state_word(picture: Picture, incident: Incident, waiting: bool) -> str:
    state = incident.state
    if waiting:
        return QCoreApplication.translate("queue", "待确认")
    if state is IncidentState.NEW:
        return QCoreApplication.translate("queue", "待接警")
    if state in BEFORE_DISPATCH:
        if incident.waits_until is not None:
            return waiting_text(incident, incident.waits_until)
        if incident.route == "C":
            return QCoreApplication.translate("queue", "待联动")
        return QCoreApplication.translate("queue", "待派警")
    if state is IncidentState.FEEDBACK:
        return QCoreApplication.translate("queue", "待审核")
    if state is IncidentState.REVIEW:
        code = picture.reference.codes.get(incident.kind)
        if code is not None and code.needs_callback and not incident.callback:
            return QCoreApplication.translate("queue", "待回访")
        return QCoreApplication.translate("queue", "待结案")
    return word(INCIDENT_LABELS[state])


def zone_text(zone: str) -> str:
    return QCoreApplication.translate("queue", "防区 {zone}").format(zone=zone) if zone else ""


def user_text(user: str) -> str:
    return QCoreApplication.translate("queue", "用户 {user}").format(user=user) if user else ""


def beat_text(beat: str) -> str:
    return QCoreApplication.translate("queue", "警区 {beat}").format(beat=beat) if beat else ""


def _parts(picture: Picture, incident: Incident, alarms: list[Alarm], handoffs: list[Handoff]) -> Parts:
    """What stands below the title, each with the column it belongs to."""
    parts = [(ALWAYS, incident.held_reason if incident.waits_until is not None else "")]
    site = picture.site(incident.site)
    if alarms:
        alarm = alarms[0]
        # Of a duress code the third field is a user: a spot would be a lie.
        user = third_field_is_user(alarm)
        spot = site.spot(alarm.zone) if site is not None and not user else ""
        parts += [(Column.CALLER, spot), (Column.CALLER, user_text(alarm.zone) if user else zone_text(alarm.zone))]
    elif incident.phone or incident.caller:
        parts.append((Column.CALLER, mask_phone(incident.phone) or mask_name(incident.caller)))
    parts += [(Column.UNITS, order.unit) for order in picture.orders(incident.number) if order.open]
    for handoff in [handoff for handoff in handoffs if handoff.open][:2]:
        agency = picture.reference.agencies.get(handoff.agency)
        name = word(agency.short) if agency is not None else handoff.agency
        parts.append((Column.AGENCIES, f"{name} {word(HANDOFF_LABELS[handoff.state])}"))
    parts += [(ALWAYS, part) for part in together_parts(picture.state, incident)]
    parts.append((Column.BEAT, beat_text(incident.beat)))
    if incident.alias:
        local = incident.alias.rpartition("-L")[0] and "L" + incident.alias.rpartition("-L")[2]
        parts.append((Column.NUMBER, local))
    return tuple((column, text) for column, text in parts if text)


def _joined(parts: Parts) -> str:
    return " · ".join(text for _, text in parts if text)


def _title(reference: Reference, incident: Incident) -> str:
    if incident.title:
        return word(incident.title)
    code = reference.codes.get(incident.kind)
    return word(code.name) if code is not None else QCoreApplication.translate("queue", "未定类警情")


def incident_row(picture: Picture, incident: Incident) -> QueueRow:
    """The row of an incident as it stands."""
    alarms, handoffs = picture.alarms(incident.number), picture.handoffs(incident.number)
    waiting = [alarm for alarm in alarms if alarm.unacknowledged]
    title, place = _title(picture.reference, incident), incident.place or incident.place_unknown
    site = picture.site(incident.site)
    parts = _parts(picture, incident, alarms, handoffs)
    second = _joined(parts)
    promise = next(iter(picture.promises(incident.number)), None) if incident.open else None
    return QueueRow(
        key=incident.number,
        number=incident.short,
        alarm=waiting[0].id if waiting else "",
        alarmed=any(alarm.open for alarm in alarms),
        waiting_for_acknowledgement=bool(waiting),
        priority=incident.priority,
        title=title,
        # An alarm's title names its site already, its second line the spot.
        place="" if site is not None and site.name in title else place,
        second=second,
        parts=parts,
        kind=incident.kind,
        beat=incident.beat,
        source=incident.source,
        owner=incident.owner if incident.open else "",
        state=_state_word(picture, incident, bool(waiting)),
        since=incident.t_signal or incident.created_at,
        until=None if incident.open else incident.t_close or incident.created_at,
        promise=promise,
        whose=owner_text(picture.reference, promise, incident) if promise is not None else "",
        spooled=picture.is_provisional(incident),
        tabs=_tabs(incident, handoffs),
        haystack=_haystack(incident.number, incident.alias, title, place, second, incident.phone, incident.narrative),
    )


def past_row(reference: Reference, line: IncidentLine, me: str = "") -> QueueRow:
    """The row of an incident that is over and has left the picture: its day stands where its time ran.

    `me` is the person whose desk it is.
    """
    incident = line.incident
    began, place = incident.t_signal or incident.created_at, incident.place or incident.place_unknown
    agencies = [reference.agencies[agency].short for agency in line.agencies if agency in reference.agencies]
    title = _title(reference, incident)
    caller = mask_phone(incident.phone) or mask_name(incident.caller)
    parts: Parts = (
        (ALWAYS, minute_text(began)),
        (Column.CALLER, caller),
        *((Column.UNITS, unit) for unit in line.units),
        *((Column.AGENCIES, word(agency)) for agency in agencies),
        (Column.BEAT, beat_text(incident.beat)),
    )
    return QueueRow(
        key=incident.number,
        number=incident.short,
        priority=incident.priority,
        title=title,
        place=place,
        second=_joined(parts),
        parts=parts,
        kind=incident.kind,
        beat=incident.beat,
        source=incident.source,
        mine=bool(me) and incident.owner == me,
        state=word(INCIDENT_LABELS[incident.state]),
        since=began,
        until=incident.t_close or began,
        tabs=frozenset({Tab.ALL}),
        haystack=_haystack(incident.number, incident.alias, title, place, incident.phone, incident.narrative),
        day=date_text(began),
    )


def garbage_row(picture: Picture, alarm: Alarm) -> QueueRow:
    """The row of acknowledged bytes that nobody could read; a person must see it."""
    title = QCoreApplication.translate("queue", "线路{line}收到无法解析的报文").format(line=alarm.line)
    judged = QCoreApplication.translate("queue", "待核查")
    return QueueRow(
        key=alarm.id,
        number="",
        alarm=alarm.id,
        alarmed=True,
        waiting_for_acknowledgement=alarm.unacknowledged,
        priority=alarm.priority,
        title=title,
        place="",
        second=said(alarm.why),
        source="alarm",
        state=QCoreApplication.translate("queue", "待确认") if alarm.unacknowledged else judged,
        since=alarm.received_at,
        spooled=picture.is_provisional(alarm),
        tabs=frozenset({Tab.WAITING, Tab.ALL}),
        haystack=_haystack(title, alarm.line, alarm.why, said(alarm.why)),
    )
