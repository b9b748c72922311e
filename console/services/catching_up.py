"""Catching up 追平: committed facts are shown in the journal's order, whoever brings them.

A seat hears of facts twice, from its own acts and from the feed, and either may be ahead of the other. The
picture folds nothing beyond a gap; what lies in the gap is read here first. Nothing raised here concerns the
act that made the facts: it is durable already.
"""

import logging
from collections.abc import Iterable
from typing import Protocol

from console.domain.errors import JournalUnavailable
from console.domain.facts import Fact
from console.domain.state import MemoryState, State
from console.services.alarm_path import on_alarm_path
from console.services.picture import NotHeld, Picture

log = logging.getLogger(__name__)


class Numbered(Protocol):
    """A place in the journal."""

    @property
    def seq(self) -> int: ...


class Journal(Protocol):
    """The part of `persistence.journal.Journal` that is read."""

    def read(self, since: int = 0, limit: int = 1000) -> list[Fact]:
        """Facts after `since`, in order, at most `limit`. Blocks."""

    def load_state(self, picture: State) -> Numbered:
        """Fill an empty state; answers the head it belongs to. Blocks."""


async def catch_up(picture: Picture, journal: Journal, facts: Iterable[Fact] = ()) -> None:
    """Show committed facts, and before them whatever is missing in between; only the journal's loss keeps it behind.

    A fact that cannot be folded is our bug: it is told, and the journal's own state is shown in its place.
    """
    try:
        try:
            await _in_order(picture, journal, facts)
        except JournalUnavailable:
            raise
        except NotHeld:
            await _afresh(picture, journal)
        except Exception as bug:  # noqa: BLE001 -- told through on_bug
            picture.on_bug("picture", bug)
            await _afresh(picture, journal)
    except JournalUnavailable as fault:
        # Not lost: the feed brings the same facts again as soon as it can read.
        log.warning("the picture is behind by %d facts: %s", picture.missing, fault)


async def look_again(picture: Picture, journal: Journal) -> None:
    """The journal has just refused what the picture allowed: show what it knows more, before the person is told."""
    try:
        news = await on_alarm_path(journal.read, picture.seq)
    except JournalUnavailable as fault:
        log.warning("the picture could not be brought up to date: %s", fault)
        return
    await catch_up(picture, journal, news)


async def _in_order(picture: Picture, journal: Journal, facts: Iterable[Fact]) -> None:
    picture.apply(facts)
    while picture.missing:
        between = await on_alarm_path(journal.read, picture.seq)
        if not between:
            return
        picture.apply(between)


async def _afresh(picture: Picture, journal: Journal) -> None:
    fresh = MemoryState()
    head = await on_alarm_path(journal.load_state, fresh)
    # What stands only in the spool must not vanish; with that, unloading shows the journal's state when it is in.
    if not picture.provisional:
        picture.replace_state(fresh, head.seq)
