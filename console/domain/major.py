"""Major incidents 重大警情: what makes one, who has to be told and how soon, and the fixed words of orders.

The table proposes and a person declares: nothing here tells anybody anything by itself.
Source: resources/reference/major.json, which names its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from console.domain.incident import Incident

PLACES = ("number", "kind", "priority", "place", "beat", "narrative", "time", "units")
"""What a template may leave open; `{to}` besides, for whom it is meant."""

_OPEN = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Proposes a major incident: the code begins with one of `codes`, the priority is one of `priorities` and, where
    `answers` are given, the caller gave one of them (`question=value`)."""

    why: str
    codes: tuple[str, ...] = ("",)
    priorities: tuple[int, ...] = (1, 2, 3, 4)
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Superior:
    """Somebody who is told. `channel` is 'phone' or 'sms'; `within_s` seconds after the declaration he is late.
    `codes`: of which kinds (none = all)."""

    id: str
    title: str
    phone: str = ""
    channel: str = "phone"
    within_s: int = 600
    codes: tuple[str, ...] = ()

    def concerned(self, kind: str) -> bool:
        return not self.codes or any(kind.startswith(code) for code in self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTemplate:
    """An order in fixed words, with `{place}` and the like left open."""

    id: str
    title: str
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class MajorTable:
    """`report` are the words of a report up, with the same placeholders."""

    signs: tuple[Sign, ...]
    superiors: tuple[Superior, ...]
    templates: tuple[OrderTemplate, ...]
    report: str

    def why(self, incident: Incident, answers: Mapping[str, str]) -> str:
        """Why this looks like a major incident, '' if it does not. `answers`: question -> value."""
        given = {f"{question}={value}" for question, value in answers.items()}
        for sign in self.signs:
            kind = any(incident.kind.startswith(code) for code in sign.codes)
            asked = not sign.answers or not given.isdisjoint(sign.answers)
            if kind and incident.priority in sign.priorities and asked:
                return sign.why
        return ""

    def concerned(self, incident: Incident) -> Sequence[Superior]:
        """Who has to be told of this one, in the table's order."""
        return [superior for superior in self.superiors if superior.concerned(incident.kind)]

    def within(self, recipient: str) -> timedelta | None:
        """How soon somebody has to be told; None for who stands no longer in the table."""
        found = next((superior for superior in self.superiors if superior.id == recipient), None)
        return timedelta(seconds=found.within_s) if found is not None else None


def open_places(text: str) -> tuple[str, ...]:
    """The placeholders of a template."""
    return tuple(_OPEN.findall(text))


def filled(text: str, known: Mapping[str, str]) -> str:
    """The template with what is known put in; what is not known reads 不明."""
    return _OPEN.sub(lambda found: known.get(found[1], "") or "不明", text)
