"""Queue filter: which incidents a person wants to have before him, put together from words or from a menu.

Values of one kind widen it (一级 二级: either), kinds narrow each other (一级 我的: both). Nothing chosen lets all
through.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from console.domain.errors import UserError
from console.domain.priority import LEVELS
from console.domain.reference import Reference

SOURCES: Mapping[str, str] = {"call": "电话", "alarm": "一键报警", "sms": "短信"}
"""Where an incident came from."""
MINE, LATE = "我的", "超时"
BEAT = "警区"
CLASS_DIGITS = 2
LINES: Mapping[str, bool] = {"两行": True, "一行": False}
"""How a row of the queue stands: whether on two lines."""
COLUMNS: Mapping[str, str] = {
    "警情号": "number",
    "报警人": "caller",
    "警组": "units",
    "联动单位": "agencies",
    "警区": "beat",
}
"""What of an incident a row of the queue may show besides what it always does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """`classes` are the first two digits of a kind. `mine`: owned by the person at this desk; `late`: past its time."""

    priorities: frozenset[int] = frozenset()
    classes: frozenset[str] = frozenset()
    beats: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    mine: bool = False
    late: bool = False

    @property
    def on(self) -> bool:
        """Whether it holds anything back."""
        return self != EVERYTHING

    def lets(self, *, priority: int, kind: str, beat: str, source: str, mine: bool, late: bool) -> bool:
        """Whether an incident like this passes."""
        return (
            (not self.priorities or priority in self.priorities)
            and (not self.classes or kind[:CLASS_DIGITS] in self.classes)
            and (not self.beats or beat in self.beats)
            and (not self.sources or source in self.sources)
            and (mine or not self.mine)
            and (late or not self.late)
        )

    def toggled(self, choice: "QueueFilter") -> "QueueFilter":
        """With what the choice names taken in, or out where it was in."""
        return QueueFilter(
            priorities=self.priorities ^ choice.priorities,
            classes=self.classes ^ choice.classes,
            beats=self.beats ^ choice.beats,
            sources=self.sources ^ choice.sources,
            mine=self.mine ^ choice.mine,
            late=self.late ^ choice.late,
        )

    def joined(self, other: "QueueFilter") -> "QueueFilter":
        """Both together."""
        return QueueFilter(
            priorities=self.priorities | other.priorities,
            classes=self.classes | other.classes,
            beats=self.beats | other.beats,
            sources=self.sources | other.sources,
            mine=self.mine or other.mine,
            late=self.late or other.late,
        )


EVERYTHING = QueueFilter()


def choices(reference: Reference, beats: Iterable[str]) -> dict[str, QueueFilter]:
    """Every word a filter may be put together from, with what it lets through; the words as a person reads them."""
    words = {MINE: replace(EVERYTHING, mine=True), LATE: replace(EVERYTHING, late=True)}
    words |= {name: replace(EVERYTHING, priorities=frozenset({level})) for level, name in LEVELS.items()}
    words |= {name: replace(EVERYTHING, sources=frozenset({source})) for source, name in SOURCES.items()}
    words |= {f"{BEAT}{beat}": replace(EVERYTHING, beats=frozenset({beat})) for beat in sorted(set(beats)) if beat}
    top = [code for code in reference.codes.values() if len(code.code) == CLASS_DIGITS]
    return words | {code.name: replace(EVERYTHING, classes=frozenset({code.code})) for code in top}


def read(words: Sequence[str], known: Mapping[str, QueueFilter]) -> QueueFilter:
    """The filter of some words; each may be short where only one word begins so. UserError names the unknown one."""
    wanted = EVERYTHING
    for word in words:
        wanted = wanted.joined(known[named(word, list(known))])
    return wanted


def named(word: str, names: Sequence[str]) -> str:
    """The one name that is meant by a word: itself, what it begins, what it is part of. UserError if not one."""
    if word in names:
        return word
    fitting = [name for name in names if name.startswith(word)] or [name for name in names if word in name]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UserError(f"“{word}”有几种意思：{'、'.join(fitting)}；请写全")
    near = get_close_matches(word, names, 3, 0.3) or names[:6]
    raise UserError(f"没有“{word}”这一项，可用：{'、'.join(near)}")


def told(wanted: QueueFilter, known: Mapping[str, QueueFilter]) -> list[str]:
    """The words of a filter, in the order of the choices."""
    return [word for word, choice in known.items() if choice.on and wanted.joined(choice) == wanted]
