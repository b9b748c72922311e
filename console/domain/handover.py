"""Handover 交接班: what one shift leaves to the next, signed by both.

The list is drawn from the state at `drawn_at` and kept as it was read; nothing changes hands before both have signed.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """`items` are the open things as sentences, each behind its kind and key: `incident<TAB>ZZ…<TAB>text`."""

    id: str
    seat: str
    from_actor: str
    from_name: str = ""
    to_actor: str = ""
    to_name: str = ""
    items: tuple[str, ...] = ()
    notes: str = ""
    head: int = 0
    drawn_at: datetime
    given_at: datetime | None = None
    taken_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.taken_at is None
