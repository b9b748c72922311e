"""Call 来电: a telephone that rings, known by its number before anybody answers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`number` is '' when it is withheld; `called` is the number that was dialled (110, 119, 122).

    `subscriber` and `address` are what the telephone company says of the number (机主、装机地址), `recording` the
    recorder's number (录音号). `taken_by` is who opened a form for it, at `seat`; `incident` what became of it. While
    it is offered to another seat `transfer_to` names that; `held_at`: on hold since. A call that nobody took
    is to be rung back (`called_back_at`, `called_back_by`, `called_back`: 'reached', 'unreached').
    """

    id: str
    number: str
    line: str
    called: str = ""
    subscriber: str = ""
    address: str = ""
    recording: str = ""
    rang_at: datetime
    ended_at: datetime | None = None
    taken_by: str = ""
    taken_at: datetime | None = None
    seat: str = ""
    held_at: datetime | None = None
    transfer_to: str = ""
    called_back_at: datetime | None = None
    called_back_by: str = ""
    called_back: str = ""
    incident: str = ""

    @property
    def key(self) -> str:
        return self.id

    @property
    def ringing(self) -> bool:
        """Whether it still asks for somebody."""
        return self.ended_at is None and not self.taken_by

    @property
    def in_hand(self) -> bool:
        """Whether somebody talks to the caller, or has him on hold."""
        return self.ended_at is None and bool(self.taken_by)
