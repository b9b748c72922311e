"""Crowd: which of the open incidents get a symbol of their own, and how many lie below each.

A few hundred are drawn each by itself. Of thousands most would lie on top of each other: then the ground is parted
into cells, the gravest of a cell stands for it, and zooming in parts them. One frame asks for all of them, so their
places are kept as arrays.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

import numpy as np

from console.domain.incident import Incident
from widgets.map.viewport import Viewport

MANY = 300
"""With more open incidents than this, a cell shows one of them."""


class PlacedIncident(Protocol):
    """An incident and its place in metres."""

    @property
    def what(self) -> Incident: ...

    @property
    def x(self) -> float: ...

    @property
    def y(self) -> float: ...


Standing = tuple[str, tuple[float, float], int]
"""(number, pixels, how many lie below it)."""


class Crowd:
    """The places of the incidents as they were handed in; another `Crowd` when one of them changes."""

    def __init__(self, incidents: Mapping[str, PlacedIncident]) -> None:
        self._keys = sorted(incidents)
        self._row = {key: row for row, key in enumerate(self._keys)}
        placed = [incidents[key] for key in self._keys]
        self._x = np.array([each.x for each in placed], dtype=float)
        self._y = np.array([each.y for each in placed], dtype=float)
        self._priority = np.array([each.what.priority for each in placed], dtype=int)

    def standing(self, view: Viewport, reach: float, cell: float, apart: Collection[str]) -> Iterator[Standing]:
        """Those that stand for a cell of `cell` pixels, or each by itself while they are few.

        `reach` is how many pixels outside the view still show a part of a symbol. Whoever is `apart` is drawn by
        somebody else and counts nowhere.
        """
        px = (self._x - view.x) / view.scale + view.width / 2
        py = (view.y - self._y) / view.scale + view.height / 2
        inside = (-reach <= px) & (px <= view.width + reach) & (-reach <= py) & (py <= view.height + reach)
        inside[[self._row[key] for key in apart if key in self._row]] = False
        rows = np.flatnonzero(inside)
        if len(self._keys) > MANY:
            cells = (px[rows] // cell).astype(int) * 100_000 + (py[rows] // cell).astype(int)
            rows = rows[np.lexsort((rows, self._priority[rows], cells))]
            _, first, counts = np.unique(np.sort(cells), return_index=True, return_counts=True)
            rows, below = rows[first], counts - 1
        else:
            below = np.zeros(len(rows), dtype=int)
        for row, x, y, more in zip(rows.tolist(), px[rows].tolist(), py[rows].tolist(), below.tolist(), strict=True):
            yield self._keys[row], (x, y), more
