"""Intake 接警入口: from what a line handed up to facts. A driver's words become ours here.

Rules (protocols.md sections 0–2, domain.md E4): raw bytes first, whatever they are; one open alarm for a
site, zone and code; a copy is no press, another line within 60 s is the second path of the same press, any
other is a further press; a restore is noted and never closes; what asks for a technician becomes a technical event
(`technical`); the zones of a test window go to the test lane (`test_windows`); tests are kept and ask nobody; an
unknown account or code is an alarm all the same. When in doubt, an alarm.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from console.domain.alarm import Alarm
from console.domain.facts import (
    AlarmPressedAgain,
    AlarmRaised,
    AlarmRestored,
    AlarmSecondPath,
    IncidentOpened,
    LineChanged,
    SignalReceived,
)
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.site import Line, LineState, Signal, Site
from console.domain.state import need
from console.services import calls, outbox, priorities, technical, test_windows, texts, unit_words
from console.services.exchange_orders import CTI
from console.services.exchange_word import take_exchange
from console.services.meaning import RESTORE, Meaning, meaning
from console.services.outbox import MODEM
from console.services.sites import UNREGISTERED, site_of
from drivers.report import Report

SECOND_PATH = timedelta(seconds=60)
"""A press heard on another line within this time is the same press (issue 2)."""

REFUSED = ("", "15")
"""Answers by which we did not take a frame: none, or NAK (its sender repeats it)."""

UNTAKEN = "untaken"
"""Mark in a report: our own rules tripped over this frame, so a person must see its bytes, answered or not."""

VEHICLES = ("jt808", "jt905")
"""Whose terminals a crew can say something at."""

NOT_NEW = (RESTORE, "status")
NOTHING = {"alarm": "", "incident": ""}
Answer = dict[str, str]


def receive(
    ledger: Ledger,
    *,
    ingest_id: str,
    line: str,
    protocol: str,
    received_at: str,
    report: Mapping[str, Any],
    may_be_copy: Mapping[str, str] | None = None,
    alias: str = "",
) -> Answer:
    """Take in one frame; answers the alarm and the incident it belongs to, '' for none.

    `received_at` is when its last byte came (ISO 8601, UTC); `report` is a driver's report as JSON.
    `may_be_copy` is the line's last signal, `{"ingest_id", "raw_hex"}`, while a repetition of it may still be
    on its way (it came glued, or before our ACK was written, or soon after reopening); whether this is one
    is decided here. `alias` is the local incident number while the journal is away.
    """
    signal = _signal(ingest_id, line, protocol, datetime.fromisoformat(received_at), report)
    copy_of = may_be_copy["ingest_id"] if may_be_copy and _same_frame(may_be_copy["raw_hex"], signal.raw_hex) else ""
    if signal.type == "signal":
        return _take_signal(ledger, signal, report, copy_of, alias)
    if protocol == MODEM and signal.type in ("text", "call", "message", "link"):
        return _take_modem(ledger, signal, report, alias)
    if protocol == CTI and signal.type in ("call", "message"):
        return _store(ledger, signal, copy_of=copy_of) if copy_of else _take_exchange(ledger, signal, report)
    if protocol in VEHICLES and signal.type == "message":
        unit_words.take_terminal(ledger, signal, report)
    if _is_unread(signal, report):
        return _take_garbage(ledger, signal, copy_of)
    return _store(ledger, signal, copy_of=copy_of)


def _is_unread(signal: Signal, report: Mapping[str, Any]) -> bool:
    """Whether a person must see the bytes: we took them though nobody read them, or their key is not here.

    What comes encrypted may be a press, and that nobody answers it only its sender knows.
    """
    if signal.type == "message":
        return bool(report.get("encrypted") and signal.why)
    return signal.type == "garbage" and (bool(report.get(UNTAKEN)) or signal.ack_hex not in REFUSED)


def _take_modem(ledger: Ledger, signal: Signal, report: Mapping[str, Any], alias: str) -> Answer:
    """What a modem hands up: a text, a ringing telephone, word of a text we sent, its network lost or found."""
    if signal.type == "text" and "text" in report:
        return {**NOTHING, "incident": texts.take_text(ledger, signal, report, alias)}
    if signal.type == "call":
        calls.take_call(ledger, signal, report)
        return dict(NOTHING)
    if signal.type == "link" and signal.event_code:
        return _take_signal(ledger, signal, report, "", alias)
    if signal.type == "message":
        outbox.take_word(ledger, signal, report)
    return _store(ledger, signal)


def _take_exchange(ledger: Ledger, signal: Signal, report: Mapping[str, Any]) -> Answer:
    take_exchange(ledger, signal, report)
    return dict(NOTHING)


def as_bytes(report: Mapping[str, Any], why: str) -> dict[str, Any]:
    """The report of a frame that our rules tripped over: its bytes, as a row that a person must see."""
    kept = {"raw_hex": report["raw_hex"], "ack_hex": report.get("ack_hex", "")}
    return {"type": "garbage", **kept, "why": why, UNTAKEN: True}


def line_changed(ledger: Ledger, *, line: Mapping[str, Any], lease: str | None = None) -> None:
    """A line's state as it is now; nothing if that is known already, or another host has received it since.

    `lease`: since when the line is by lease the speaker's (ISO 8601), '' for one that could ask nobody. What he
    spooled before another took over reaches the journal late and is no news any more.
    """
    stamps = {name: _time(line.get(name)) for name in ("since", "last_heard")}
    stated = Line(**{**line, **stamps, "state": LineState(line["state"])})
    known = ledger.get(Line, stated.name)
    if known is not None and lease is not None and (known.host, known.seat) != (stated.host, stated.seat):
        begun = _time(lease)
        if known.host and (begun is None or known.since > begun):
            return
    if known != stated:
        ledger.record(LineChanged(line=stated))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _signal(ingest_id: str, line: str, protocol: str, received_at: datetime, report: Mapping[str, Any]) -> Signal:
    words = ("account", "partition", "zone", "event_code", "sia_code", "qualifier", "why", "ack_hex")
    return Signal(
        ingest_id=ingest_id,
        line=line,
        protocol=protocol,
        type=str(report["type"]),
        raw_hex=str(report["raw_hex"]),
        extended={key: str(value) for key, value in (report.get("extended") or {}).items()},
        received_at=received_at,
        **{name: str(report.get(name) or "") for name in words},
    )


def _same_frame(one_hex: str, other_hex: str) -> bool:
    one, other = (Report(type="", raw=bytes.fromhex(text)).frame for text in (one_hex, other_hex))
    return one == other


def _store(ledger: Ledger, signal: Signal, *, copy_of: str = "", alarm: Alarm | None = None) -> Answer:
    """Record the signal as it came; with an alarm, as belonging to it."""
    ledger.record(SignalReceived(signal=replace(signal, copy_of=copy_of, alarm=alarm.id if alarm else "")))
    return {"alarm": alarm.id, "incident": alarm.incident} if alarm else dict(NOTHING)


# -- signals -------------------------------------------------------------------------------------------------


def _take_signal(ledger: Ledger, signal: Signal, report: Mapping[str, Any], copy_of: str, alias: str) -> Answer:
    said, site = meaning(report), site_of(ledger, signal.account, signal.line)
    window = test_windows.lane(ledger, signal, said, report, site)
    if said.qualifier == RESTORE:
        return _restore(ledger, replace(signal, test_window=window), said, site, copy_of)
    if said.raises is None:
        return _technical(ledger, replace(signal, test_window=window), said, site, copy_of)
    known = _open_alarm(ledger, signal, said.kind, site)
    if window and test_windows.may_be_tried(known):
        return _store(ledger, replace(signal, test_window=window), copy_of=copy_of)
    if known is None:
        # A copy, or a "still present", of an alarm that is not open any more counts as new: rather one too many.
        return _raise(ledger, signal, said, site, report, alias)
    if copy_of or said.qualifier in NOT_NEW:
        return _store(ledger, signal, copy_of=copy_of, alarm=known)
    return _again(ledger, signal, known)


def _open_alarms(ledger: Ledger, signal: Signal, site: Site | None, **more: str) -> list[Alarm]:
    """Alarms of the signal's site and zone that nobody has reset yet, oldest first.

    Two lines may carry the same account of two panels: only a site registered for any line is the same on all.
    """
    open_here: dict[str, Any] = {"zone": signal.zone, "reset_at": None, **more}
    found = [a for a in ledger.where(Alarm, account=signal.account, **open_here) if _same_panel(a, signal, site)]
    if site is not None:
        # Its account may be written with other zeros in front on another line.
        found += [alarm for alarm in ledger.where(Alarm, site=site.id, **open_here) if alarm not in found]
    return sorted(found, key=lambda alarm: alarm.received_at)


def _same_panel(alarm: Alarm, signal: Signal, site: Site | None) -> bool:
    """Whether an open alarm of this account is the same panel's."""
    if alarm.kind == "garbage":
        return False
    return alarm.site == site.id if site is not None and alarm.site else alarm.line == signal.line


def _open_alarm(ledger: Ledger, signal: Signal, kind: str, site: Site | None) -> Alarm | None:
    """The alarm this signal belongs to. Some forms carry their code elsewhere: the class must be the same too."""
    found = _open_alarms(ledger, signal, site, event_code=signal.event_code, sia_code=signal.sia_code)
    return next((alarm for alarm in found if alarm.kind == kind), None)


def _restore(ledger: Ledger, signal: Signal, said: Meaning, site: Site | None, copy_of: str) -> Answer:
    """Note that the button was released; the latch stays until a person resets it (GB 50394).

    What was wrong with the equipment is well again, and waits for a person to put it away.
    """
    held = [alarm for alarm in _open_alarms(ledger, signal, site) if said.kind in ("", alarm.kind)]
    trouble = "" if copy_of else technical.restored(ledger, signal, said, site)
    signal = replace(signal, trouble=trouble)
    answer = _store(ledger, signal, copy_of=copy_of, alarm=held[0] if held else None)
    for alarm in held if not copy_of else ():
        ledger.record(AlarmRestored(incident=alarm.incident, alarm=alarm.id, at=signal.received_at))
    return answer


def _technical(ledger: Ledger, signal: Signal, said: Meaning, site: Site | None, copy_of: str) -> Answer:
    """What asks nobody at the desk: a trouble for the technician, a test, a note."""
    trouble = ""
    if said.trouble is not None and not signal.test_window:
        told = technical.known_trouble if copy_of else technical.take
        trouble = told(ledger, signal, said, site)
    return _store(ledger, replace(signal, trouble=trouble), copy_of=copy_of)


def _again(ledger: Ledger, signal: Signal, alarm: Alarm) -> Answer:
    """A further press, or the same press by another line.

    Presses are counted on the line that was first; what another line tells within 60 s is the second path.
    A press brings back to 收到 what a person has acknowledged or judged already.
    """
    before = priorities.reasons(ledger, need(ledger, Incident, alarm.incident)) if alarm.incident else ()
    answer = _store(ledger, signal, alarm=alarm)
    last = alarm.last_press_at or alarm.received_at
    if signal.line != alarm.line and abs(signal.received_at - last) <= SECOND_PATH:
        ledger.record(
            AlarmSecondPath(incident=alarm.incident, alarm=alarm.id, line=signal.line, ingest_id=signal.ingest_id)
        )
    else:
        ledger.record(
            AlarmPressedAgain(
                incident=alarm.incident, alarm=alarm.id, ingest_id=signal.ingest_id, at=signal.received_at
            )
        )
        if alarm.incident:
            priorities.raise_for(ledger, alarm.incident, before)
    return answer


def _raise(
    ledger: Ledger, signal: Signal, said: Meaning, site: Site | None, report: Mapping[str, Any], alias: str
) -> Answer:
    """A new alarm and its incident, one for the other."""
    assert said.raises is not None
    silent = bool(report.get("silent"))
    number = ledger.next_number()
    alarm = Alarm(
        id=signal.ingest_id,
        kind=said.kind,
        site=site.id if site else "",
        **_as_heard(signal),
        qualifier=said.qualifier,
        silent=silent,
        latched=said.raises.latches,
        priority=said.raises.priority,
        incident=number,
    )
    _store(ledger, signal, alarm=alarm)
    # A silent code's third field is a user, never a spot.
    spot = site.spot(signal.zone) if site and not silent else ""
    ledger.record(IncidentOpened(incident=number, record=_incident(ledger, signal, said, alarm, site, spot, alias)))
    ledger.record(AlarmRaised(incident=number, alarm=alarm))
    priorities.raise_for(ledger, number, priorities.starting(need(ledger, Incident, number)))
    return {"alarm": alarm.id, "incident": number}


def _as_heard(signal: Signal) -> dict[str, Any]:
    """The alarm's fields that repeat its first signal."""
    names = ("account", "partition", "zone", "event_code", "sia_code", "protocol", "line", "raw_hex", "received_at")
    return {name: getattr(signal, name) for name in names} | {"paths": (signal.line,)}


def _incident(
    ledger: Ledger, signal: Signal, said: Meaning, alarm: Alarm, site: Site | None, spot: str, alias: str
) -> Incident:
    assert said.raises is not None
    common: dict[str, Any] = {
        "number": alarm.incident,
        "alias": alias,
        "source": "alarm",
        "kind": said.raises.code(site.kind if site else ""),
        "priority": alarm.priority,
        "silent": alarm.silent,
        "created_at": ledger.now,
        "t_signal": signal.received_at,
    }
    where = _reported_place(signal)
    if site is None:
        place = f"未登记账号 {signal.account}" if signal.account else f"线路{signal.line} 未带账号"
        return Incident(**common, title=f"{said.title} · {place}", place=place, place_unknown=UNREGISTERED, **where)
    return Incident(
        **common,
        title=f"{said.title} · {site.name}",
        place=f"{site.name} {spot}".strip(),
        site=site.id,
        **{"lat": site.lat, "lon": site.lon, **where},
        urban=site.urban,
        beat=site.beat,
    )


def _reported_place(signal: Signal) -> dict[str, Any]:
    """Where a moving panel says it is (WGS-84); nothing if it does not."""
    try:
        return {name: float(signal.extended[name]) for name in ("lat", "lon")}
    except (KeyError, ValueError):
        return {}


# -- bytes nobody could read ---------------------------------------------------------------------------------


def _take_garbage(ledger: Ledger, signal: Signal, copy_of: str) -> Answer:
    """Bytes we acknowledged but could not read: a row a person must see, without an incident.

    One open row a line, counted: a receiver set up wrongly must not bury the true alarms under its own. What
    came each time stands in the line's signals.
    """
    unread = [alarm for alarm in ledger.where(Alarm, line=signal.line, reset_at=None) if alarm.kind == "garbage"]
    known = next(iter(unread), None)
    if known is not None:
        return _store(ledger, signal, copy_of=copy_of, alarm=known) if copy_of else _again(ledger, signal, known)
    alarm = Alarm(
        id=signal.ingest_id,
        kind="garbage",
        **_as_heard(signal),
        latched=False,
        priority=2,
        why=signal.why,
    )
    _store(ledger, signal, alarm=alarm)
    ledger.record(AlarmRaised(alarm=alarm))
    return {"alarm": alarm.id, "incident": ""}
