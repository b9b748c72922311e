"""The history of one field of an incident: what stood there, who wrote it and when, read from the incident's facts.

A correction never overwrites: the journal holds the old value, and this is where a person sees it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console.domain.facts import Fact, IncidentEdited, IncidentOpened, PriorityChanged
from console.domain.incident import EDITABLE

LEVEL = "priority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One writing of a field: `old` stood there before ('' = nothing), `new` since. `reason` only of a level."""

    at: datetime
    actor: str
    old: str
    new: str
    reason: str = ""
    first: bool = False

    @property
    def corrects(self) -> bool:
        """Whether it replaced something that stood there; filling an empty field corrects nothing."""
        return bool(self.old) and not self.first


Histories = dict[str, tuple[Written, ...]]
"""Field -> its writings, the oldest first."""


def histories(facts: Iterable[Fact]) -> Histories:
    """The fields' histories from an incident's facts, oldest first; a field that was never written has none."""
    found: dict[str, list[Written]] = {}
    for fact in facts:
        for name, written in _writings(fact):
            found.setdefault(name, []).append(written)
    return {name: tuple(rows) for name, rows in found.items()}


def corrections(rows: Iterable[Written]) -> int:
    """How often something that stood there was replaced."""
    return sum(written.corrects for written in rows)


def _writings(fact: Fact) -> Iterable[tuple[str, Written]]:
    body = fact.body
    if isinstance(body, IncidentOpened):
        for name in (*EDITABLE, LEVEL):
            value = getattr(body.record, name)
            if value not in ("", None):
                yield name, Written(at=fact.at, actor=fact.actor, old="", new=str(value), first=True)
    elif isinstance(body, IncidentEdited):
        for name, value in body.new.items():
            yield name, Written(at=fact.at, actor=fact.actor, old=_text(body.old.get(name)), new=_text(value))
    elif isinstance(body, PriorityChanged):
        yield LEVEL, Written(at=fact.at, actor=fact.actor, old=str(body.old), new=str(body.new), reason=body.reason)


def _text(value: object) -> str:
    return "" if value is None else str(value)
