"""Presence: who is where in the room, as this desk knows it, and whether a seat is silent (失联).

The rows come from a board that works on a thread of its own (`persistence.presence`). What this desk says of itself
is where its person is: which incident is open, which field is being typed in. While the board cannot read, nobody is
called silent: then it is we who do not hear.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from console.domain.account import Account, Seat
from console.domain.errors import JournalUnavailable
from console.domain.presence import STALE_S, Present
from console.services.desk import Desk

OnRows = Callable[[list[Present]], None]
OnFault = Callable[[JournalUnavailable | None], None]


class Board(Protocol):
    """The part of `persistence.presence.PresenceBoard` that is used."""

    def say(self, mine: Present) -> None: ...
    def close(self) -> None: ...


class Presence:
    """One desk's view of the room. `open` it inside the running loop, `close` it from a thread."""

    def __init__(self, desk: Desk, open_board: Callable[[OnRows, OnFault], Board]) -> None:
        self._desk, self._open_board = desk, open_board
        self._board: Board | None = None
        self._rows: dict[str, Present] = {}
        self._incident, self._field = "", ""
        self._said: Present | None = None
        self._watching_since: datetime | None = None
        self._left: dict[str, datetime] = {}
        self._observers: list[Callable[[], None]] = []
        self.fault: JournalUnavailable | None = None

    def open(self) -> None:
        """The person sits down: say so and begin to hear of the others."""
        self._board = self._open_board(self._take, self._take_fault)
        self._say()

    def close(self) -> None:
        """The person leaves. Blocks at most a second."""
        board, self._board = self._board, None
        if board is not None:
            board.close()

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Call `observer` when somebody came, went, moved or fell silent; the answer is the function that ends it."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer) if observer in self._observers else None

    @property
    def observers(self) -> tuple[Callable[[], None], ...]:
        """Who listens now."""
        return tuple(self._observers)

    def keep_only(self, observers: Sequence[Callable[[], None]]) -> None:
        """A window has gone: whoever came with it is told nothing any more."""
        self._observers[:] = [each for each in self._observers if each in observers]

    # -- what this desk says -----------------------------------------------------------------------------------

    def show(self, incident: str, field: str = "") -> None:
        """This desk's person has an incident open ('' = none) and types in a field ('' = none)."""
        self._incident, self._field = incident, field
        self._say()

    def _say(self) -> None:
        desk = self._desk
        mine = Present(
            seat=desk.seat, actor=desk.actor, name=self._name(desk.actor), incident=self._incident, field=self._field
        )
        if self._board is not None and mine != self._said:
            self._said = mine
            self._board.say(mine)

    def _name(self, actor: str) -> str:
        account = self._desk.picture.state.get(Account, actor)
        return account.name if account is not None else ""

    # -- what it hears -----------------------------------------------------------------------------------------

    def _take(self, rows: list[Present]) -> None:
        self._say()  # Another person may have signed on here meanwhile.
        now = self._desk.clock()
        self._watching_since = self._watching_since or now
        fresh = {row.seat: row for row in rows}
        still = {row.actor for row in rows}
        self._left = {actor: at for actor, at in self._left.items() if actor not in still}
        self._left |= {row.actor: now for row in self._rows.values() if row.actor not in still}
        before, self._rows = self._shown(), fresh
        if self._shown() != before:
            self._tell()

    def _take_fault(self, fault: JournalUnavailable | None) -> None:
        self.fault = fault
        if fault is not None:
            # How long somebody was silent is counted anew once we hear again.
            self._watching_since, self._left = None, {}
            self._rows = {seat: replace(row, age_s=0.0) for seat, row in self._rows.items()}
        self._tell()

    def _shown(self) -> set[tuple[Present, bool]]:
        return {(replace(row, age_s=0.0), row.silent) for row in self._rows.values()}

    def _tell(self) -> None:
        for observer in tuple(self._observers):
            observer()

    # -- what it answers ---------------------------------------------------------------------------------------

    def at(self, incident: str) -> list[Present]:
        """The other seats that have the incident open, silent ones too."""
        mine = self._desk.seat
        return [row for row in self._rows.values() if incident and row.incident == incident and row.seat != mine]

    def everyone(self) -> list[Present]:
        """Every seat of the room, in order; this one as it is now."""
        rows = dict(self._rows)
        if self._said is not None:
            rows[self._said.seat] = self._said
        return [rows[seat] for seat in sorted(rows)]

    def seat(self, seat: str) -> Seat | None:
        """Who has signed on at a seat, with which roles, since when."""
        return self._desk.picture.state.get(Seat, seat)

    def silent_since(self, actor: str) -> datetime | None:
        """When a person was last heard, if no seat of his has been heard for 45 s; None if he is there or unknown."""
        now, since = self._desk.clock(), self._watching_since
        if self.fault is not None or since is None or actor == self._desk.actor:
            return None
        ages = [row.age_s for row in self._rows.values() if row.actor == actor]
        last = now - timedelta(seconds=min(ages)) if ages else self._left.get(actor, since)
        return last if (now - last).total_seconds() >= STALE_S else None
