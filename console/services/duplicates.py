"""Duplicates 疑似重复: the index in which a new call finds the incidents that may be the same event.

Candidates are those of the same number, near by, at a place of the same words, or at the same site; the rules of
`domain.duplicate` weigh them. The index follows the picture (open incidents and 24 h of ended ones); 20 000 of them
are searched in milliseconds, so it may be asked at each key stroke.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from functools import cache

from console.domain.duplicate import LIKELY, SHOWN, WITHIN, Match, Sketch, best, named, pairs
from console.domain.incident import Incident, IncidentState
from console.services.phone_numbers import plain_number
from console.services.picture import Changes

CELL = 0.01
"""Degrees of a cell of the grid: about a kilometre, so that nine of them hold all that is near."""

COMMON, SHARED = 600, 2
"""A pair of characters in more places than this finds too much to help; a name needs so many pairs in common."""

ENOUGH = 1500
"""So many candidates are compared at most, the youngest first: a mass event must not stop the typing."""


def sketch_of(incident: Incident) -> Sketch:
    """What of an incident is compared."""
    said = f"{incident.narrative} {incident.title}"
    return Sketch(
        number=incident.number,
        at=incident.t_signal or incident.created_at,
        kind=incident.kind,
        phone=plain_number(incident.phone),
        site=incident.site,
        lat=incident.lat,
        lon=incident.lon,
        place=pairs(incident.place),
        words=pairs(said),
        named=named(said),
    )


class DuplicateIndex:
    """Sketches by number, and by all they can be found by. `revision` grows whenever a search may answer otherwise."""

    def __init__(self, incidents: Iterable[Incident] = ()) -> None:
        self._sketches: dict[str, Sketch] = {}
        self._found_by: defaultdict[Hashable, set[str]] = defaultdict(set)
        self._said: Counter[str] = Counter()
        self.revision = 0
        for incident in incidents:
            self.put(incident)

    def __len__(self) -> int:
        return len(self._sketches)

    def see(self, changes: Changes) -> None:
        """Follow the picture (`Picture.observe`)."""
        for entity in (*changes.added, *changes.updated):
            if isinstance(entity, Incident):
                self.put(entity)
        for entity in changes.removed:
            if isinstance(entity, Incident):
                self.drop(entity.number)

    def put(self, incident: Incident) -> None:
        """Take in an incident, or take it in anew. A merged one is found through its main incident only."""
        if incident.state in (IncidentState.MERGED, IncidentState.INVALID):
            self.drop(incident.number)
        else:
            self.put_sketch(sketch_of(incident))

    def put_sketch(self, sketch: Sketch) -> None:
        """Take in what is known under its number."""
        if self._sketches.get(sketch.number) == sketch:
            return
        self.drop(sketch.number)
        self._sketches[sketch.number] = sketch
        self.revision += 1
        self._said.update(sketch.words | sketch.place)
        for key in _keys(sketch):
            self._found_by[key].add(sketch.number)

    def drop(self, number: str) -> None:
        """Forget an incident; nothing if it is not there."""
        sketch = self._sketches.pop(number, None)
        if sketch is None:
            return
        self.revision += 1
        self._said.subtract(sketch.words | sketch.place)
        for pair in sketch.words | sketch.place:
            if not self._said[pair]:
                del self._said[pair]
        for key in _keys(sketch):
            self._found_by[key].discard(number)
            if not self._found_by[key]:
                del self._found_by[key]

    def search(self, new: Sketch, shown: int = SHOWN, likely: float = LIKELY) -> tuple[Match, ...]:
        """The incidents that are likeliest the same event, the best first; `new.number` itself is left out."""
        if not new.tells:
            return ()
        return best(new, self._candidates(new), cache(self.rarity), shown, likely)

    def rarity(self, pair: str) -> float:
        """How much it says that both speak this pair of characters: log(all / those who do), 0 for what all say."""
        return math.log((1 + len(self._sketches)) / (1 + self._said[pair]))

    def _candidates(self, new: Sketch) -> list[Sketch]:
        numbers: set[str] = set()
        for key in _sure_keys(new):
            numbers |= self._found_by.get(key, _NONE)
        numbers |= self._of_the_name(new)
        numbers.discard(new.number)
        rows = [row for row in (self._sketches[number] for number in numbers) if abs(new.at - row.at) <= WITHIN]
        return sorted(rows, key=lambda row: abs(new.at - row.at))[:ENOUGH]

    def _of_the_name(self, new: Sketch) -> set[str]:
        """What shares at least two pairs of characters of the place's name. A call with a position finds by its name
        only what has none: all else is found near by, or is elsewhere."""
        shared: Counter[str] = Counter()
        for pair in new.place:
            for positioned in (False,) if new.lat is not None else (False, True):
                found = self._found_by.get((pair, positioned), _NONE)
                if len(found) <= COMMON:
                    shared.update(found)
        return {number for number, pairs_shared in shared.items() if pairs_shared >= SHARED}


_NONE: frozenset[str] = frozenset()


def _cell(lat: float, lon: float) -> tuple[int, int]:
    return math.floor(lat / CELL), math.floor(lon / CELL)


def _keys(sketch: Sketch) -> Iterable[Hashable]:
    """What a sketch is found by: its number, site, cell, and the pairs of its place's name."""
    positioned = sketch.lat is not None and sketch.lon is not None
    if sketch.phone:
        yield ("phone", sketch.phone)
    if sketch.site:
        yield ("site", sketch.site)
    if sketch.lat is not None and sketch.lon is not None:
        yield _cell(sketch.lat, sketch.lon)
    yield from ((pair, positioned) for pair in sketch.place)


def _sure_keys(new: Sketch) -> Iterable[Hashable]:
    """Number, site, and the cells around."""
    if new.phone:
        yield ("phone", new.phone)
    if new.site:
        yield ("site", new.site)
    if new.lat is not None and new.lon is not None:
        row, column = _cell(new.lat, new.lon)
        yield from ((row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
