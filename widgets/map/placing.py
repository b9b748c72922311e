"""Placing labels: the first place that is free, or none. No two label boxes ever overlap, and none stands nearer
to another incident's symbol than to its own: whoever reads a name beside an alarm must be right.

Greedy: what is asked first gets its place first, so the painter asks for the selected, the alarmed and the
hovered before the rest. A coarse grid keeps the search short with hundreds of marks.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in logical pixels."""

Spot = tuple[float, float, float]
"""The middle of a symbol and its radius."""

CELL = 64


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


class Placing:
    """One frame's boxes inside `width` × `height`."""

    def __init__(self, width: float, height: float) -> None:
        self._width, self._height = width, height
        self._cells: dict[tuple[int, int], list[Box]] = defaultdict(list)
        self._soft: set[Box] = set()
        self._marks: dict[tuple[int, int], list[Spot]] = defaultdict(list)
        self._widest = 0.0

    def mark(self, spot: Spot) -> None:
        """A symbol that no other symbol's label may stand nearer to."""
        self._marks[int(spot[0] // CELL), int(spot[1] // CELL)].append(spot)
        if spot[2] > self._widest:
            self._widest = spot[2]

    def block(self, box: Box, *, soft: bool = False) -> None:
        """Nothing may be written here (a symbol, a button); on a soft one only what finds no other place."""
        for x in range(int(box[0] // CELL), int(box[2] // CELL) + 1):
            for y in range(int(box[1] // CELL), int(box[3] // CELL) + 1):
                self._cells[x, y].append(box)
        if soft:
            self._soft.add(box)

    def free(self, box: Box, *, over_soft: bool = False) -> bool:
        """Inside the pane and over no other box. Asked thousands of times a frame, hence the plain loops."""
        left, top, right, bottom = box
        if left < 0 or top < 0 or right > self._width or bottom > self._height:
            return False
        for x in range(int(left // CELL), int(right // CELL) + 1):
            for y in range(int(top // CELL), int(bottom // CELL) + 1):
                for other in self._cells.get((x, y), ()):
                    if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom:
                        if over_soft and other in self._soft:
                            continue
                        return False
        return True

    def belongs(self, box: Box, own: Spot) -> bool:
        """Whether no other mark is nearer to the box than the symbol at `own`. Plain loops, as in `free`."""
        mine = away(box, own)
        far = mine + self._widest
        left, top, right, bottom = box[0] - far, box[1] - far, box[2] + far, box[3] + far
        rows = range(int(top // CELL), int(bottom // CELL) + 1)
        for x in range(int(left // CELL), int(right // CELL) + 1):
            for y in rows:
                for other in self._marks.get((x, y), ()):
                    if (
                        left < other[0] < right
                        and top < other[1] < bottom
                        and away(box, other) < mine
                        and other[:2] != own[:2]
                    ):
                        return False
        return True

    def place(self, choices: Iterable[Box], own: Spot | None = None, *, over_soft: bool = False) -> Box | None:
        """Takes the first free box, of those that belong to the symbol at `own`; None if there is none."""
        for box in choices:
            if self.free(box, over_soft=over_soft) and (own is None or self.belongs(box, own)):
                self.block(box)
                return box
        return None


def away(box: Box, spot: Spot) -> float:
    """Pixels from a box to the edge of a symbol."""
    x, y, reach = spot
    left, top, right, bottom = box
    dx = left - x if x < left else x - right if x > right else 0.0
    dy = top - y if y < top else y - bottom if y > bottom else 0.0
    return math.hypot(dx, dy) - reach


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
    """Where the label of an urgent symbol may stand besides: slid along its sides, then further and further out."""
    for out in (reach, reach + 8, reach + 16, reach + 30, reach + 50):
        sides, levels = (out + 3, -out - 3 - width), (-out - 3 - height, out + 3)
        beside = ((side, height * share) for side in sides for share in (-0.5, -1.0, 0.0, -1.6, 0.6))
        over = ((width * share, level) for level in levels for share in (-0.5, 0.0, -1.0, -0.25, -0.75))
        corners = ((side, level) for side in sides for level in levels)
        for side, level in (*beside, *over, *corners):
            yield (px + side, py + level, px + side + width, py + level + height)


def nearest(box: Box, px: float, py: float) -> tuple[float, float]:
    """The point of a box that is nearest to (px, py)."""
    return min(max(px, box[0]), box[2]), min(max(py, box[1]), box[3])
