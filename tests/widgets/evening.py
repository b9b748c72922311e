"""A scene of an evening for tests of the map and the roster: the demo's units, ten incidents, two alarms."""

import csv
from datetime import timedelta

from console.domain.alarm import Alarm, AlarmState
from console.domain.facts import AlarmRaised, IncidentOpened, SiteRegistered, UnitRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.site import Site
from console.domain.unit import Position, Unit, UnitStatus
from console.services.desk import Desk
from resources import ROOT
from tests.support import tell

DEMO = ROOT / "reference" / "demo"
GAS = "ZZ20261121-0190"
"""The incident selected in look/calltaker.png: 0190 燃气泄漏."""

KINDS = [
    ("0181", "水管爆裂", 3, IncidentState.HANDLING),
    ("0182", "路灯损坏", 4, IncidentState.HANDED_OFF),
    ("0183", "走失老人", 3, IncidentState.ON_SCENE),
    ("0187", "家庭纠纷", 3, IncidentState.ON_SCENE),
    ("0189", "盗窃现行", 2, IncidentState.EN_ROUTE),
    ("0190", "燃气泄漏", 2, IncidentState.INTAKE),
    ("0191", "打架斗殴", 2, IncidentState.INTAKE),
    ("0192", "交通事故", 3, IncidentState.INTAKE),
    ("0193", "一键报警", 1, IncidentState.NEW),
    ("0194", "一键报警", 1, IncidentState.NEW),
]

STATUSES = {
    "巡02": UnitStatus.EN_ROUTE,
    "巡03": UnitStatus.ON_SCENE,
    "巡04": UnitStatus.HANDLING,
    "巡06": UnitStatus.FOOT_PATROL,
    "巡07": UnitStatus.PARKED,
    "巡08": UnitStatus.STANDBY,
    "巡09": UnitStatus.LOST,
    "便01": UnitStatus.EN_ROUTE,
    "交03": UnitStatus.ON_SCENE,
    "机01": UnitStatus.NEEDS_HELP,
}


def rows(name: str) -> list[dict[str, str]]:
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def demo_units(desk: Desk) -> list[Unit]:
    since = desk.clock() - timedelta(seconds=760)
    return [
        Unit(
            id=row["id"],
            name=row["name"],
            echelon=row["echelon"],
            type=row["type"],
            beat=row["beat"],
            status=STATUSES.get(row["id"], UnitStatus.AVAILABLE),
            status_since=since + timedelta(seconds=n * 19),
            incident="ZZ20261121-0187" if row["id"] == "巡04" else "",
            speed_kmh=float(row["speed_kmh"]),
        )
        for n, row in enumerate(rows("units.csv"))
    ]


def demo_positions(desk: Desk) -> list[Position]:
    """Where the units are: all seen within seconds, but one 75 s and one 612 s ago."""
    ages = {"巡09": 612, "巡11": 75}
    return [
        Position(
            unit=row["id"],
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            at=desk.clock() - timedelta(seconds=ages.get(row["id"], n % 6)),
        )
        for n, row in enumerate(rows("units.csv"))
    ]


def play(desk: Desk) -> None:
    """Put the whole scene into a desk of tests.support.make_desk."""
    now = desk.clock()
    sites = [row for row in rows("sites.csv") if row["lat"]]
    tell(desk, *[UnitRegistered(unit=unit) for unit in demo_units(desk)])
    tell(desk, *[SiteRegistered(site=_site(row)) for row in sites])
    for n, (short, title, priority, state) in enumerate(KINDS):
        place = sites[(n * 7) % len(sites)]
        number = f"ZZ20261121-{short}"
        record = Incident(
            number=number,
            state=state,
            title=title,
            priority=priority,
            place=place["name"],
            lat=float(place["lat"]),
            lon=float(place["lon"]),
            beat=place["beat"],
            site=place["id"] if title == "一键报警" else "",
            created_at=now - timedelta(minutes=3 * (10 - n)),
        )
        tell(desk, IncidentOpened(incident=number, record=record))
        if title == "一键报警":
            state_of = AlarmState.ANNUNCIATED if short == "0194" else AlarmState.ACKNOWLEDGED
            alarm = Alarm(id=f"alarm-{short}", site=place["id"], incident=number, received_at=now, state=state_of)
            tell(desk, AlarmRaised(incident=number, alarm=alarm))
    desk.picture.move(demo_positions(desk))


def _site(row: dict[str, str]) -> Site:
    return Site(
        id=row["id"], name=row["name"], kind=row["kind"], beat=row["beat"], lat=float(row["lat"]), lon=float(row["lon"])
    )
