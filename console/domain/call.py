"""Call 来电: a telephone that rings, known by its number before anybody answers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`number` is '' when it is withheld; `taken_by` is who opened a form for it, `incident` what became of it."""

    id: str
    number: str
    line: str
    rang_at: datetime
    ended_at: datetime | None = None
    taken_by: str = ""
    taken_at: datetime | None = None
    incident: str = ""

    @property
    def key(self) -> str:
        return self.id

    @property
    def ringing(self) -> bool:
        """Whether it still asks for somebody."""
        return self.ended_at is None and not self.taken_by
