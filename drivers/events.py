"""The Contact ID event table (SIA DC-05): what a three-character code means to a police desk.

The table itself is data, resources/reference/contact_id.json, read once. A code that is not in it is an
event too, shown raw: unknown is not an error.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from resources import ROOT


@dataclass(frozen=True, slots=True)
class Event:
    """One event code. `third_field` tells whether the last three digits name a zone or a user.

    `silent`: never call the site back. `test`: show, never dispatch. `panic`: a person asks for help.
    """

    code: str
    en: str
    zh: str
    event_class: str
    third_field: str
    silent: bool
    test: bool
    panic: bool
    known: bool = True


@cache
def _table() -> dict[str, Event]:
    rows = json.loads((ROOT / "reference" / "contact_id.json").read_text(encoding="utf-8"))["events"]
    return {row["code"]: Event(event_class=row.pop("class"), **row) for row in rows}


@cache
def event(code: str) -> Event:
    """Return the meaning of `code`; an unlisted one of group 12x still counts as a person asking for help."""
    listed = _table().get(code)
    if listed is not None:
        return listed
    panic = code.startswith("12")
    return Event(
        code=code,
        en=f"Unknown event {code}",
        zh=f"未知事件 {code}",
        event_class="panic" if panic else "unknown",
        third_field="zone",
        silent=False,
        test=False,
        panic=panic,
        known=False,
    )


def all_events() -> tuple[Event, ...]:
    """Return every listed event in the order of the table."""
    return tuple(_table().values())
