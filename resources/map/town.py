"""The plan of the demo city in grid metres: beats, main roads, river, parks. All invented; street names are borrowed.

Nothing here is measured from a real map. `make_demo_city.py` bends this plan and writes demo_city.json.
"""

import math

from resources.map.plane import Line, Point, dense

WEST, EAST, SOUTH, NORTH = -4000.0, 4000.0, -3000.0, 3000.0

# Corners of the twelve beats: three rows of four, rows from south to north. Neighbours share corners, so they tile.
CORNERS: list[list[Point]] = [
    [(WEST, SOUTH), (-2100, SOUTH), (0, SOUTH), (1900, SOUTH), (EAST, SOUTH)],
    [(WEST, -1250), (-1900, -1150), (150, -1300), (2200, -1200), (EAST, -1350)],
    [(WEST, 650), (-1500, 800), (650, 600), (2400, 750), (EAST, 600)],
    [(WEST, NORTH), (-1200, NORTH), (700, NORTH), (2200, NORTH), (EAST, NORTH)],
]
BEAT_ROWS = [["09", "10", "11", "12"], ["02", "05", "06", "08"], ["01", "03", "04", "07"]]
BEATS = {  # number: name, township (街道)
    "01": ("石亭警区", "石亭街道"),
    "02": ("西桥警区", "西桥街道"),
    "03": ("芝山警区", "芝山街道"),
    "04": ("通北警区", "通北街道"),
    "05": ("巷口警区", "巷口街道"),
    "06": ("东铺头警区", "东铺头街道"),
    "07": ("漳华警区", "通北街道"),
    "08": ("丹霞警区", "新桥街道"),
    "09": ("古塘警区", "西桥街道"),
    "10": ("江滨警区", "巷口街道"),
    "11": ("新桥警区", "新桥街道"),
    "12": ("南坑警区", "南坑街道"),
}
# 建成区: leaves out beat 09, most of 12 and the outer rim, so that a suburb exists.
URBAN: list[Point] = [
    (-3500, -1150),
    (-3620, 700),
    (-3050, 2000),
    (-1400, 2560),
    (1100, 2600),
    (2900, 2380),
    (3620, 1200),
    (3560, -800),
    (2600, -1500),
    (2350, -2250),
    (1500, -2560),
    (-400, -2500),
    (-1500, -1700),
    (-1800, -1300),
]


def river_centre(u: float) -> float:
    """v of the middle of 九龙江西溪 at u."""
    return -1850 + 220 * math.sin((u + 600) / 1400)


def river_half_width(u: float) -> float:
    """Half its width in metres."""
    return 130 + 30 * math.sin(u / 900)


def south_bank(u: float) -> float:
    """v of the south bank at u."""
    return river_centre(u) - river_half_width(u)


def water_distance(point: Point) -> float:
    """Metres (north-south) to the water's edge; negative on the river."""
    return abs(point[1] - river_centre(point[0])) - river_half_width(point[0])


def bank(side: int, gap: float = 0.0, start: float = WEST, end: float = EAST, step: int = 200) -> Line:
    """A line along the north (+1) or south (-1) bank, `gap` metres away from the water."""
    us = range(int(start), int(end) + 1, step)
    return [(float(u), river_centre(u) + side * (river_half_width(u) + gap)) for u in us]


RIVER: Line = bank(+1) + bank(-1)[::-1]

# name, class, speed limit km/h, line. `ring` is the ring road, `main` has a label from far out.
MAIN_ROADS: list[tuple[str, str, int, Line]] = [
    ("环城北路", "ring", 60, [(-2900, 2450), (-1200, 2520), (900, 2490), (2900, 2440)]),
    (
        "环城东路",
        "ring",
        60,
        [
            (2900, 2440),
            (3260, 2290),
            (3420, 1900),
            (3450, 300),
            (3400, -1200),
            (3390, -2120),
            (3200, -2400),
            (2800, -2480),
        ],
    ),
    ("环城南路", "ring", 60, [(2800, -2480), (900, -2520), (-900, -2470), (-2800, -2500)]),
    (
        "环城西路",
        "ring",
        60,
        [
            (-2800, -2500),
            (-3200, -2440),
            (-3390, -2270),
            (-3400, -1700),
            (-3380, -500),
            (-3440, 900),
            (-3400, 1900),
            (-3230, 2310),
            (-2900, 2450),
        ],
    ),
    ("南昌路", "main", 50, [(-2590, -1900), (-2640, -300), (-2560, 900), (-2620, 2480)]),
    ("威镇路", "main", 40, [(-1780, -480), (-1740, 600), (-1800, 1750), (-1760, 2520)]),
    ("大同路", "main", 40, [(-1000, -1720), (-960, -450), (-1010, 300), (-970, 980)]),
    ("新华北路", "main", 50, [(-200, -450), (-190, 250), (-230, 950), (-180, 1760), (-210, NORTH)]),
    ("新华南路", "main", 50, [(-200, -450), (-168, -1040), (-160, -1200), (-150, -2100), (-190, SOUTH)]),
    ("延安北路", "main", 50, [(860, -446), (850, 260), (900, 1000), (860, 2510)]),
    ("延安南路", "main", 40, [(860, -446), (820, -1050), (840, -1440)]),
    ("元光北路", "main", 50, [(1880, 250), (1930, 1000), (1890, 2480)]),
    ("元光南路", "main", 50, [(1880, 250), (1850, -450), (1900, -1200), (1870, -2510)]),
    ("丹霞路", "main", 50, [(2800, 2450), (2840, 1100), (2780, -200), (2830, -1300), (2800, -2490)]),
    ("漳华路", "main", 50, [(WEST, 1690), (-2600, 1760), (-200, 1740), (1890, 1790), (3440, 1740)]),
    ("水仙大街", "main", 60, [(-3440, 930), (-1770, 980), (-230, 940), (1930, 990), (3440, 930)]),
    ("钟法路", "main", 50, [(-2600, 220), (-1000, 270), (-190, 250), (850, 230), (1880, 250)]),
    ("胜利路", "main", 50, [(-3400, -420), (-1780, -470), (-200, -450), (860, -446), (1850, -440), (EAST, -500)]),
    ("修文西路", "main", 40, [(-3400, -1010), (-1900, -1060), (-168, -1040)]),
    ("修文东路", "main", 40, [(-168, -1040), (820, -1050), (1890, -1020), (3410, -1060)]),
    ("江滨路", "main", 50, bank(+1, 95, -3420, 3420)),
    ("瑞京路", "main", 50, [(860, -446), (1300, 20), (1890, 650), (2500, 1350), (3060, 2050), (3300, 2220)]),
]


def blob(u: float, v: float, ru: float, rv: float, lobes: int = 3) -> Line:
    """A rounded patch (park or pond): an ellipse with a few lobes."""
    turns = [2 * math.pi * i / 28 for i in range(28)]
    return [
        (u + ru * k * math.cos(t), v + rv * k * math.sin(t))
        for t in turns
        for k in [1 + 0.12 * math.sin(lobes * t + u)]
    ]


PARKS = {
    "威镇阁公园": blob(-1480, 1330, 190, 210),
    "中山公园": blob(-580, -730, 170, 150),
    "芝山公园": blob(-900, 2130, 240, 170, 2),
    "水仙公园": blob(1420, 1390, 210, 190),
    "丹霞湿地公园": blob(3120, 520, 170, 260, 2),
    "江滨公园": bank(+1, 5, 1000, 1800, 100) + bank(+1, 80, 1000, 1800, 100)[::-1],
}
PONDS = {
    "芝山湖": blob(-860, 2140, 110, 70, 2),
    "水仙湖": blob(1440, 1370, 100, 70),
    "丹霞湖": blob(3120, 560, 80, 120, 2),
}
BRIDGES = {
    "环城西路": "环城西桥",
    "新华南路": "新华大桥",
    "元光南路": "元光大桥",
    "丹霞路": "丹霞大桥",
    "环城东路": "环城东桥",
}


def beat_rings() -> dict[str, Line]:
    """The beats' rings in grid metres; neighbours share every vertex of their common side."""
    rings = {}
    for r, row in enumerate(BEAT_ROWS):
        for c, number in enumerate(row):
            a, b, d, e = CORNERS[r][c], CORNERS[r][c + 1], CORNERS[r + 1][c + 1], CORNERS[r + 1][c]
            rings[number] = _side(a, b)[:-1] + _side(b, d)[:-1] + _side(d, e)[:-1] + _side(e, a)[:-1]
    return rings


def _side(a: Point, b: Point) -> Line:
    """A beat's side, cut the same way from either end."""
    return dense([a, b], 200) if a < b else dense([b, a], 200)[::-1]
