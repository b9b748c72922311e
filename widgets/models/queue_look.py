"""The look of the queue: which particulars of an incident a row shows, and whether it takes one line or two."""

from dataclasses import dataclass
from enum import StrEnum

from console.services.queue_filter import COLUMNS
from widgets.text import word


class Column(StrEnum):
    """What a row may show besides title, place, state and time, in their order."""

    NUMBER = "number"
    CALLER = "caller"
    UNITS = "units"
    AGENCIES = "agencies"
    BEAT = "beat"


def column_title(column: Column) -> str:
    """What a menu calls it."""
    return next(word(title) for title, name in COLUMNS.items() if name == column)


ALWAYS = ""
"""Marks what a row never leaves out: why it is held, whose next job it is, what it is linked to."""

Parts = tuple[tuple[str, str], ...]
"""Column (or `ALWAYS`) and text, in order."""

ONE, TWO = "one", "two"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLook:
    """`two_lines`: title above, particulars below; else one line with number, title and state."""

    two_lines: bool = True
    columns: frozenset[Column] = frozenset(Column)

    @property
    def row_height(self) -> int:
        """Pixels at scale 1."""
        return 48 if self.two_lines else 30

    def text(self, parts: Parts) -> str:
        """The particulars it shows."""
        return " · ".join(text for column, text in parts if text and (column == ALWAYS or column in self.columns))

    def kept(self) -> str:
        """As an arrangement keeps it: two number,caller,units."""
        return f"{TWO if self.two_lines else ONE} {','.join(sorted(self.columns))}"


def look_of(kept: str) -> QueueLook:
    """What an arrangement kept; the usual look where it kept nothing, or nothing of ours."""
    lines, _, names = kept.partition(" ")
    if lines not in (ONE, TWO):
        return QueueLook()
    shown = set(names.split(","))
    return QueueLook(two_lines=lines == TWO, columns=frozenset(c for c in Column if c.value in shown))
