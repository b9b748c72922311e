"""Placing labels: the first place that is free, or none. No two label boxes ever overlap.

Greedy: what is asked first gets its place first, so the painter asks for the selected, the alarmed and the
hovered before the rest. A coarse grid keeps the search short with hundreds of marks.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in logical pixels."""

CELL = 64


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


class Placing:
    """One frame's boxes inside `width` × `height`."""

    def __init__(self, width: float, height: float) -> None:
        self._width, self._height = width, height
        self._cells: dict[tuple[int, int], list[Box]] = defaultdict(list)

    def block(self, box: Box) -> None:
        """Nothing may be written here (a symbol, a button)."""
        for x in range(int(box[0] // CELL), int(box[2] // CELL) + 1):
            for y in range(int(box[1] // CELL), int(box[3] // CELL) + 1):
                self._cells[x, y].append(box)

    def free(self, box: Box) -> bool:
        """Inside the pane and over no other box. Asked thousands of times a frame, hence the plain loops."""
        left, top, right, bottom = box
        if left < 0 or top < 0 or right > self._width or bottom > self._height:
            return False
        for x in range(int(left // CELL), int(right // CELL) + 1):
            for y in range(int(top // CELL), int(bottom // CELL) + 1):
                for other in self._cells.get((x, y), ()):
                    if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom:
                        return False
        return True

    def place(self, choices: Iterable[Box]) -> Box | None:
        """Takes the first free box; None if there is none."""
        for box in choices:
            if self.free(box):
                self.block(box)
                return box
        return None


def around(px: float, py: float, reach: float, width: float, height: float) -> tuple[Box, ...]:
    """Where a label may stand by a symbol of radius `reach`: right, below, left, above."""
    gap = reach + 3
    return (
        (px + gap, py - height / 2, px + gap + width, py + height / 2),
        (px - width / 2, py + gap, px + width / 2, py + gap + height),
        (px - gap - width, py - height / 2, px - gap, py + height / 2),
        (px - width / 2, py - gap - height, px + width / 2, py - gap),
    )


def farther(px: float, py: float, reach: float, width: float, height: float) -> Iterator[Box]:
    """Where the label of an urgent symbol may stand besides: at its corners, then further and further out."""
    for away in (reach, reach + 14, reach + 30, reach + 50):
        if away > reach:
            yield from around(px, py, away, width, height)
        for side in (away, -away - width):
            for level in (-away - height, away):
                yield (px + side, py + level, px + side + width, py + level + height)


def nearest(box: Box, px: float, py: float) -> tuple[float, float]:
    """The point of a box that is nearest to (px, py)."""
    return min(max(px, box[0]), box[2]), min(max(py, box[1]), box[3])
