"""A busy city for the jobs with windows: the demo's units on the map and a given number of open incidents."""

import asyncio
import random
from collections.abc import Iterator
from typing import Any

from console.cli.importing import UnitRow, read_rows, read_sites
from console.demo.evening import UNITS
from console.demo.script import FOLDER
from console.domain.account import DESK_ROLES, Role
from console.domain.clock import system_clock
from console.domain.facts import Fact, IncidentOpened
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.domain.unit import Position, UnitStatus
from console.station import Station

AT_ONCE = 20
"""Acts on their way at the same time: one of the writer's batches, far from its patience on a busy machine too."""


def fill_city(station: Station, incidents: int) -> None:
    """Register the units, place them, open the incidents; the picture holds it all afterwards."""
    units = [{**row, "status": UnitStatus.AVAILABLE.value} for row in read_rows(UNITS, UnitRow)]
    _apply(station, [_act("unit.import", units=units)])
    _apply(station, [_act("incident.open", **call) for call in _calls(station, incidents)])
    now = station.clock()
    station.picture.move([Position(unit=row["id"], lat=row["home_lat"], lon=row["home_lon"], at=now) for row in units])


def more_units(station: Station, units: int) -> None:
    """Register units 增… beside the demo's, so that there are so many in all, each free and seen near a post."""
    posts = read_rows(UNITS, UnitRow)
    drawn = random.Random(500)  # noqa: S311 -- not a secret
    added = [
        {
            **posts[n % len(posts)],
            "id": f"增{n + 100}",
            "name": f"增援{n + 100}组",
            "status": UnitStatus.AVAILABLE.value,
            "terminal": "",
            "home_lat": posts[n % len(posts)]["home_lat"] + drawn.uniform(-0.01, 0.01),
            "home_lon": posts[n % len(posts)]["home_lon"] + drawn.uniform(-0.01, 0.01),
        }
        for n in range(units - len(posts))
    ]
    _apply(station, [_act("unit.import", units=added)])
    now = station.clock()
    station.picture.move([Position(unit=row["id"], lat=row["home_lat"], lon=row["home_lon"], at=now) for row in added])


def show_calls(station: Station, incidents: int) -> None:
    """Put open incidents into the picture only, for jobs that measure windows and never commit."""
    now = station.clock()
    station.picture.apply(
        Fact(seq=n, at=now, actor="bench", seat="00", body=IncidentOpened(incident=number, record=record))
        for n, call in enumerate(_calls(station, incidents), station.picture.seq + 1)
        for number in (f"ZZ{now:%Y%m%d}-{n:05}",)
        for record in (Incident(number=number, state=IncidentState.INTAKE, created_at=now, **call),)
    )


def _act(name: str, **args: Any) -> Act:
    return Act(name=name, args=args, actor="bench", seat="00", roles=(*DESK_ROLES, Role.SYSTEM), at=system_clock())


def _calls(station: Station, incidents: int) -> Iterator[dict[str, Any]]:
    """Calls of every kind, spread over the city's places; the same ones each time."""
    drawn = random.Random(110)  # noqa: S311 -- not a secret
    codes = [code for code in station.reference.codes.values() if code.parent]
    posts = [row for row in read_sites(FOLDER / "sites.csv") if row["lat"]]
    for n in range(incidents):
        code, post = codes[n % len(codes)], posts[n % len(posts)]
        yield {
            "kind": code.code,
            "title": code.name,
            "place": f"{post['address'] or post['name']} {n + 1}号",
            "phone": f"000-11{n:05}",
            "priority": n % 3 + 2,
            "lat": float(post["lat"]) + drawn.uniform(-0.01, 0.01),
            "lon": float(post["lon"]) + drawn.uniform(-0.01, 0.01),
            "beat": post["beat"],
        }


def _apply(station: Station, acts: list[Act]) -> None:
    async def commit(some: list[Act]) -> list[Fact]:
        done = await asyncio.gather(*map(station.journal.commit, some))
        return sorted((fact for outcome in done for fact in outcome.facts), key=lambda fact: fact.seq)

    for at in range(0, len(acts), AT_ONCE):
        station.picture.apply(asyncio.run(commit(acts[at : at + AT_ONCE])))
