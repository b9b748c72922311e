"""Rings of 1, 3 and 5 minutes around an incident: how far a unit comes in that time.

A straight-line estimate by the same detour as `recommend.straight_line`, so that a unit inside the ring is a
unit whose time in the roster is below it.
"""

from console.domain.recommend import DETOUR

MINUTES = (1, 3, 5)
USUAL_KMH = 40.0
"""Speed where no unit is recommended."""


def ring_radius_m(minutes: float, speed_kmh: float) -> float:
    """Metres as the crow flies that a unit covers in so many minutes."""
    return minutes * 60 * speed_kmh / 3.6 / DETOUR


def scale_bar(metres_per_pixel: float, most_px: float = 120.0) -> tuple[int, float]:
    """The roundest length (1, 2 or 5 times a power of ten) that fits, as (metres, pixels)."""
    best = 1
    for exponent in range(6):
        for digit in (1, 2, 5):
            if digit * 10**exponent / metres_per_pixel <= most_px:
                best = digit * 10**exponent
    return best, best / metres_per_pixel
