"""Texts 短信报警 (12110): what somebody writes who cannot speak becomes an incident at once.

Long texts come whole from the modem (drivers.protocols.at_modem_parts); one that never became whole says which parts
are missing. Whatever the same number writes within ten minutes belongs to the same open incident. A text that was
stored but not deleted before the process died comes again: it is known by its sender, time and words.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from console.domain.facts import IncidentOpened, NoteAdded, SignalReceived
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.reference import Reference
from console.domain.routing import classify
from console.domain.site import Signal
from console.services import priorities
from console.services.phone_numbers import plain_number
from console.services.reference import load
from console.services.sites import site_of
from console.services.unit_words import take_text as unit_words_of
from console.services.unit_words import unit_of_phone

SAME_MATTER = timedelta(minutes=10)
SOURCE = "sms"
"""`Incident.source` of what came as a text."""
ADDED = "短信补充"


@cache
def _tables() -> Reference:
    """The tables that shipped, read once: an act has no other way to them."""
    return load()


def take_text(ledger: Ledger, signal: Signal, report: Mapping[str, Any], alias: str) -> str:
    """Store a received text; answers the incident it opened or belongs to, '' for one stored before."""
    sender = plain_number(str(report["sender"]))
    said = {name: str(report[name]) for name in ("text", "sent_at", "missing") if report.get(name)}
    known = replace(signal, account=sender, extended={**signal.extended, **said})
    first = str(uuid5(NAMESPACE_OID, "\n".join((sender, said.get("sent_at", ""), said.get("text", "")))))
    if said.get("sent_at") and ledger.get(Signal, first) is not None:
        ledger.record(SignalReceived(signal=replace(known, copy_of=first)))
        return ""
    ledger.record(SignalReceived(signal=replace(known, ingest_id=first) if said.get("sent_at") else known))
    words = _words(said.get("text", ""), report.get("missing") or ())
    unit = unit_of_phone(ledger, sender)
    sent_at = said.get("sent_at", "")
    reported = unit_words_of(ledger, unit, said.get("text", ""), sent_at) if unit is not None else None
    if reported is not None:
        return reported
    # Who withholds his number cannot be told from the next one who does.
    incident = _same_matter(ledger, sender, signal) if sender else None
    if incident is not None:
        ledger.record(NoteAdded(incident=incident.number, text=f"{ADDED}：{words}"))
        return incident.number
    return _open(ledger, sender, words, signal, alias)


def _words(text: str, missing: list[int] | tuple[int, ...]) -> str:
    """The text as a person should read it."""
    gaps = "、".join(str(number) for number in missing)
    return f"{text.strip()}（第 {gaps} 段没有收到）" if gaps else text.strip() or "（空白短信）"


def _same_matter(ledger: Ledger, sender: str, signal: Signal) -> Incident | None:
    """The open incident this sender wrote about within the last ten minutes."""
    found = [row for row in ledger.where(Incident, phone=sender) if row.source == SOURCE and row.open]
    for incident in sorted(found, key=lambda row: row.created_at, reverse=True):
        added = [
            fact.at
            for fact in ledger.since(0, incident.number)
            if isinstance(fact.body, NoteAdded) and fact.body.text.startswith(ADDED)
        ]
        if signal.received_at - max([incident.created_at, *added]) <= SAME_MATTER:
            return incident
    return None


def _open(ledger: Ledger, sender: str, words: str, signal: Signal, alias: str) -> str:
    number = ledger.next_number()
    proposed = classify(words, None, _tables())
    site = site_of(ledger, sender, signal.line)
    where: dict[str, Any] = {"place_unknown": "地点待核实"}
    if site is not None:
        where = {"place": site.name, "site": site.id, "lat": site.lat, "lon": site.lon, "beat": site.beat}
        where["urban"] = site.urban
    kind = proposed.codes[0] if proposed.codes else ""
    record = Incident(
        number=number,
        alias=alias if alias != number else "",
        source=SOURCE,
        kind=kind,
        # Without the number: a title is read on every screen, slip and sheet, and is masked on none.
        title="短信报警" if sender else "短信报警 · 号码未显示",
        # Whoever writes instead of calling often cannot speak: the table's level for texts (二级).
        priority=min(proposed.priority, priorities.start(kind, SOURCE)),
        phone=sender,
        narrative=words,
        created_at=ledger.now,
        t_signal=min(signal.received_at, ledger.now),
        **where,
    )
    ledger.record(IncidentOpened(incident=number, record=record))
    priorities.raise_for(ledger, number, priorities.starting(record))
    return number
