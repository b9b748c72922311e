"""Audit 审计: what is journaled of looking, revealing, hiding and being refused (GB/T 22239-2019 8.1.4.3)."""

from collections.abc import Sequence

from console.domain.errors import UserError
from console.domain.facts import ActRefused, ConfidentialityChanged, PersonRevealed, PersonViewed
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.state import need


def set_confidential(ledger: Ledger, *, incident: str, confidential: bool, reason: str) -> None:
    """Hide an incident from everybody who has no business with it, or show it again; nothing if it is so."""
    found = need(ledger, Incident, incident)
    if not reason.strip():
        raise UserError("设置或解除保密须写明理由")
    if found.confidential != confidential:
        body = ConfidentialityChanged(incident=found.number, confidential=confidential, reason=reason.strip())
        ledger.record(body)


def person_viewed(ledger: Ledger, *, incident: str, fields: Sequence[str]) -> None:
    """Personal data stood unmasked on a screen where they may."""
    ledger.record(PersonViewed(incident=need(ledger, Incident, incident).number, fields=tuple(fields)))


def person_revealed(ledger: Ledger, *, incident: str, fields: Sequence[str], reason: str) -> None:
    """Masked data were unmasked, with a reason."""
    if not reason.strip():
        raise UserError("查看须写明理由")
    found = need(ledger, Incident, incident)
    ledger.record(PersonRevealed(incident=found.number, fields=tuple(fields), reason=reason.strip()))


def refused(ledger: Ledger, *, act: str, why: str, incident: str = "") -> None:
    """Somebody asked for what he may not do."""
    ledger.record(ActRefused(incident=incident, act=act, why=why))
