"""A life cycle as data: (state, act) -> state.

An illegal move is one exception with the reason a person can read. The diagram in the README and the
test that walks every move are made from the same table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from console.domain.errors import UserError

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Machine(Generic[S]):
    """A transition table.

    `title` is the field's word for the thing; `labels` are the words for its states; `words` the words
    for its acts.
    """

    title: str
    moves: Mapping[tuple[S, str], S]
    labels: Mapping[S, str]
    words: Mapping[str, str]

    def next(self, state: S, act: str) -> S:
        """The state after `act`; UserError with the reason if the table has no such move."""
        after = self.moves.get((state, act))
        if after is None:
            done = self.words.get(act, act)
            raise UserError(f"{self.title}“{self.labels[state]}”时不能{done}")
        return after

    def may(self, state: S, act: str) -> bool:
        """Whether the table has the move."""
        return (state, act) in self.moves

    def acts(self, state: S) -> list[str]:
        """Every act that is possible now, in the table's order."""
        return [act for before, act in self.moves if before == state]


def diagram(machine: Machine[S]) -> str:
    """The table as a Mermaid state diagram; acts that join the same two states share an arrow."""
    arrows: dict[tuple[S, S], list[str]] = {}
    for (before, act), after in machine.moves.items():
        arrows.setdefault((before, after), []).append(machine.words.get(act, act))
    names = [f"  {state.name} : {label} {state.value}" for state, label in machine.labels.items()]
    lines = [f"  {before.name} --> {after.name} : {'/'.join(words)}" for (before, after), words in arrows.items()]
    return "\n".join(["stateDiagram-v2", *names, *lines])


def from_each(states: Iterable[S], act: str, after: S) -> dict[tuple[S, str], S]:
    """The same move from several states."""
    return {(state, act): after for state in states}
