"""A seeded day of a large city, with the truth: which calls speak of one event. For measuring duplicate search.

Events happen at places (some of them hot: malls, stations, crossings); further callers of one event say it in other
words, from a little way off, sometimes without a position, sometimes under another kind. And there is what only looks
alike: the same mall the same evening, a caller with a second matter, two accidents at one crossing an hour apart.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.domain.duplicate import Sketch, named, pairs
from resources import ROOT

DAY = datetime(2026, 3, 6, tzinfo=UTC)
CENTRE = (24.51, 117.65)
SPREAD = (0.27, 0.30)
"""Degrees around the centre: about 60 by 60 km, 20 000 calls a day: a city of some twenty million."""

BUSY = (2, 1, 1, 1, 1, 2, 3, 5, 7, 7, 6, 6, 6, 6, 6, 6, 6, 7, 8, 9, 10, 9, 7, 4)
"""How busy each hour is beside the others."""
SIDES = ("", "东", "西", "南", "北", "中")

_SAID: dict[str, Any] = json.loads((ROOT / "reference" / "demo" / "callers.json").read_text(encoding="utf-8"))
TALES: dict[str, dict[str, Any]] = {tale["code"]: tale for tale in _SAID["tales"]}
"""By code: a code it is taken for, ways to say it, and details that one caller knows and another may."""


@dataclass(frozen=True, slots=True)
class DayCall:
    """One call of the day and the event it speaks of."""

    sketch: Sketch
    event: int


@dataclass(frozen=True, slots=True)
class _Spot:
    name: str
    lat: float
    lon: float


def day(calls: int, seed: int, shared: float = 0.14) -> list[DayCall]:
    """So many calls in order of time; about `shared` of all speak of an event somebody has reported before."""
    chance = random.Random(seed)  # noqa: S311 -- a day to be repeated, no secret
    spots = [_spot(chance) for _ in range(max(60, 2 * calls))]
    told = [call for event in range(int(calls * (1 - shared))) for call in _event(chance, spots, event)]
    told = sorted(told, key=lambda call: call.sketch.at)[:calls]
    return [DayCall(_numbered(call.sketch, index), call.event) for index, call in enumerate(told)]


def _numbered(sketch: Sketch, index: int) -> Sketch:
    return replace(sketch, number=f"ZZ20260306-{index:05}")


def _spot(chance: random.Random) -> _Spot:
    road, house = chance.choice(_SAID["roads"]) + chance.choice(SIDES), chance.randint(1, 400)
    name = f"{road}路{house}号{chance.choice(_SAID['names'])}{chance.choice(_SAID['kinds_of_place'])}"
    near = chance.random() < 0.6
    lat, lon = (
        chance.gauss(centre, spread / 3) if near else chance.uniform(centre - spread, centre + spread)
        for centre, spread in zip(CENTRE, SPREAD, strict=True)
    )
    return _Spot(name, lat, lon)


def _event(chance: random.Random, spots: list[_Spot], event: int) -> Iterator[DayCall]:
    """All the calls about one event; most have one."""
    # An eighth of all happens at one in two hundred places: malls, stations, crossings.
    hot = spots[: max(12, len(spots) // 200)]
    spot = chance.choice(hot if event % 8 == 0 else spots)
    kind = chance.choice(tuple(TALES))
    hour = chance.choices(range(24), weights=BUSY)[0]
    at = DAY + timedelta(hours=hour, minutes=chance.uniform(0, 60))
    facts = {
        "colour": chance.choice(_SAID["colours"]),
        "floor": chance.choice(_SAID["floors"]),
        "n": str(chance.randint(2, 9)),
    }
    detail = chance.sample(TALES[kind]["details"], 2)
    phone = _phone(chance)
    yield _call(chance, event, spot, kind, at, facts, detail, phone)
    if chance.random() < 0.10:
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            at += timedelta(minutes=min(70.0, chance.expovariate(1 / 9)))
            again = phone if chance.random() < 0.2 else _phone(chance)
            yield _call(chance, event, spot, kind, at, facts, detail, again, later=True)
    if chance.random() < 0.03:
        # The same caller with quite another matter, later and elsewhere.
        other = chance.choice(tuple(TALES))
        yield _call(chance, -event - 1, chance.choice(spots), other, at + timedelta(hours=2), facts, detail, phone)


def _phone(chance: random.Random) -> str:
    return f"1380000{chance.randint(0, 99_999_999):08}"


def _call(
    chance: random.Random,
    event: int,
    spot: _Spot,
    kind: str,
    at: datetime,
    facts: dict[str, str],
    detail: list[str],
    phone: str,
    later: bool = False,
) -> DayCall:
    """What one caller says, as the desk would have it."""
    tale = TALES[kind]
    text = str(chance.choice(tale["ways"])).format(place=spot.name[-4:], **facts)
    text += "".join(f"，{each.format(**facts)}" for each in detail if chance.random() < 0.5)
    known_place = chance.random() > 0.12
    metres = abs(chance.gauss(0, 70 if later else 30)) if chance.random() > 0.06 else chance.uniform(250, 500)
    # Who cannot be located is asked for the road and the number.
    asked = chance.random() < (0.6 if known_place else 0.85)
    name = spot.name if asked else spot.name[spot.name.index("号") + 1 :]
    sketch = Sketch(
        at=at,
        kind=tale["taken_for"] if chance.random() < (0.15 if later else 0.05) else kind,
        phone=phone if chance.random() > 0.03 else "",
        lat=spot.lat + chance.choice((-1, 1)) * metres / 111_000 * 0.7 if known_place else None,
        lon=spot.lon + chance.choice((-1, 1)) * metres / 101_000 * 0.7 if known_place else None,
        place=pairs(name),
        words=pairs(text),
        named=named(text),
    )
    return DayCall(sketch, event)
