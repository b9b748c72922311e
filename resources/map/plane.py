"""The plane the demo city is drawn on: metres along a bent, turned street grid, and the way from there to degrees.

The makers draw every road as a line of (u, v) metres; `bend` turns and bends it so that nothing is ruler-straight,
`degrees` turns metres into WGS-84. Roads are knotted first: where two cross, both get the same vertex, so that a
road graph can be read straight from the file.
"""

import math
from collections.abc import Sequence
from functools import partial
from itertools import pairwise

Point = tuple[float, float]
Line = list[Point]

CENTRE = (117.6556, 24.5133)  # Xiangcheng, longitude and latitude, WGS-84
TURN = math.radians(4.0)  # a town's grid is never quite north-up
METRES_PER_LAT = 110_780.0
METRES_PER_LON = 111_320.0 * math.cos(math.radians(CENTRE[1]))
STUB_M = 45.0  # a road's end sticking out less than this past a junction is cut off


def bend(point: Point) -> Point:
    """From grid (u, v) metres to metres (east, north) of the centre."""
    u, v = point
    u, v = u + 70 * math.sin(v / 950) + 40 * math.sin(u / 1100 + 1), v + 60 * math.sin(u / 1250 + v / 3000)
    return u * math.cos(TURN) - v * math.sin(TURN), u * math.sin(TURN) + v * math.cos(TURN)


def degrees(point: Point) -> Point:
    """From grid metres to WGS-84 (longitude, latitude), six decimals (0.1 m)."""
    east, north = bend(point)
    return round(CENTRE[0] + east / METRES_PER_LON, 6), round(CENTRE[1] + north / METRES_PER_LAT, 6)


def inside(point: Point, ring: Sequence[Point]) -> bool:
    """Whether the point lies in the polygon (even-odd rule; the ring need not be closed)."""
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def dense(line: Sequence[Point], step: float = 120.0) -> Line:
    """The line with a vertex at least every `step` metres, so that bending it makes a curve."""
    out = [line[0]]
    for (u1, v1), (u2, v2) in pairwise(line):
        parts = max(1, math.ceil(math.hypot(u2 - u1, v2 - v1) / step))
        out += [(u1 + (u2 - u1) * i / parts, v1 + (v2 - v1) * i / parts) for i in range(1, parts + 1)]
    return out


def crossing(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Where the segments ab and cd meet, if they do."""
    du, dv, eu, ev = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    across = du * ev - dv * eu
    if abs(across) < 1e-9:
        return None
    s = ((c[0] - a[0]) * ev - (c[1] - a[1]) * eu) / across
    t = ((c[0] - a[0]) * dv - (c[1] - a[1]) * du) / across
    return (a[0] + s * du, a[1] + s * dv) if 0 <= s <= 1 and 0 <= t <= 1 else None


def meetings(one: Sequence[Point], other: Sequence[Point]) -> list[Point]:
    """Every point where two lines meet, rounded to 1 cm so that both lines get the same one."""
    found = []
    for a, b in pairwise(one):
        for c, d in pairwise(other):
            if (p := crossing(a, b, c, d)) is not None:
                found.append((round(p[0], 2), round(p[1], 2)))
    return found


def with_vertices(line: Sequence[Point], points: Sequence[Point]) -> Line:
    """The line with the points (which lie on it) as vertices, in order, and without short stubs at its ends."""
    out: Line = []
    for a, b in pairwise(line):
        on = [p for p in points if abs(math.dist(a, p) + math.dist(p, b) - math.dist(a, b)) < 0.02]
        out += [a, *sorted(on, key=partial(math.dist, a))]
    out = _no_twins([*out, line[-1]])
    marks = set(points)
    if len(out) > 2 and out[0] not in marks and out[1] in marks and math.dist(out[0], out[1]) < STUB_M:
        out = out[1:]
    if len(out) > 2 and out[-1] not in marks and out[-2] in marks and math.dist(out[-1], out[-2]) < STUB_M:
        out = out[:-1]
    return out


def _no_twins(line: Line) -> Line:
    return [p for i, p in enumerate(line) if i == 0 or math.dist(p, line[i - 1]) > 0.05]


def knotted(lines: Sequence[Line]) -> list[Line]:
    """All lines, each with a vertex at each meeting with another one."""
    points: list[list[Point]] = [[] for _ in lines]
    for i, one in enumerate(lines):
        for j in range(i + 1, len(lines)):
            for p in meetings(one, lines[j]):
                points[i].append(p)
                points[j].append(p)
    return [with_vertices(line, on) for line, on in zip(lines, points, strict=True)]


def middle(ring: Sequence[Point]) -> Point:
    """The mean of the ring's vertices: good enough to hang a label on a plump polygon."""
    return sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)
