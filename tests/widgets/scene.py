"""A small evening in a desk's picture: units, sites, open incidents, two waiting alarms, one line."""

import csv
from dataclasses import replace
from datetime import datetime, timedelta

from console.domain.alarm import Alarm
from console.domain.assignment import Assignment, AssignmentState
from console.domain.body import Body
from console.domain.facts import (
    AlarmRaised,
    HandoffDrafted,
    IncidentOpened,
    LineChanged,
    SiteRegistered,
    UnitAssigned,
    UnitRegistered,
)
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import Incident, IncidentState
from console.domain.site import Line, LineState, Site
from console.domain.unit import Position, Unit, UnitStatus
from console.services.desk import Desk
from resources import ROOT
from tests.support import tell

DEMO = ROOT / "reference" / "demo"
SCHOOL, BANK = "1234", "3E39"


def _sites() -> list[Body]:
    with (DEMO / "sites.csv").open(encoding="utf-8") as file:
        return [
            SiteRegistered(
                site=Site(
                    id=row["id"],
                    name=row["name"],
                    kind=row["kind"],
                    account=row["account"],
                    beat=row["beat"],
                    lat=float(row["lat"]),
                    lon=float(row["lon"]),
                    meu=int(row["meu"] or 0),
                    keyholder=row["keyholder"],
                    keyholder_phone=row["keyholder_phone"],
                    callback_phone=row["callback_phone"],
                    zones=dict(pair.split("=") for pair in row["zones"].split(";") if pair),
                    linkage=tuple(row["linkage"].split(";")),
                )
            )
            for row in csv.DictReader(file)
        ]


def _units(now: datetime) -> tuple[list[Body], list[Position]]:
    bodies: list[Body] = []
    positions = []
    with (DEMO / "units.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            status = UnitStatus.AVAILABLE
            bodies.append(
                UnitRegistered(
                    unit=Unit(
                        id=row["id"],
                        name=row["name"],
                        echelon=row["echelon"],
                        type=row["type"],
                        beat=row["beat"],
                        status=status,
                        status_since=now - timedelta(minutes=12),
                        speed_kmh=float(row["speed_kmh"]),
                    )
                )
            )
            seen = now - timedelta(seconds=3)
            positions.append(Position(unit=row["id"], lat=float(row["lat"]), lon=float(row["lon"]), at=seen))
    return bodies, positions


CALLS = (
    ("0190", "燃气泄漏", "新华北路钟法路口", 2, 86, "13805966621", "05", IncidentState.INTAKE),
    ("0189", "打架斗殴", "延安北路夜市", 2, 122, "13305961234", "03", IncidentState.TRIAGED),
    ("0188", "交通事故", "水仙大街延安路口", 3, 224, "13605968812", "07", IncidentState.INTAKE),
    ("0187", "噪音扰民", "丹霞花园 8 栋", 4, 370, "13905960007", "04", IncidentState.TRIAGED),
    ("0186", "盗窃现行", "新浦市场", 2, 511, "15905961111", "05", IncidentState.EN_ROUTE),
    ("0185", "家庭纠纷", "大同路 45 号", 3, 665, "13705962222", "04", IncidentState.ON_SCENE),
    ("0184", "走失老人", "威镇阁公园", 3, 877, "13405963333", "02", IncidentState.HANDLING),
    ("0183", "路灯损坏", "元光南路", 4, 1338, "13105964444", "06", IncidentState.HANDED_OFF),
    ("0182", "水管爆裂", "漳华路", 3, 1600, "13505965555", "10", IncidentState.REVIEW),
)


def _calls(now: datetime) -> list[Body]:
    bodies: list[Body] = []
    for short, title, place, priority, age, phone, beat, state in CALLS:
        began = now - timedelta(seconds=age)
        incident = Incident(
            number=f"ZZ20261121-{short}",
            state=state,
            title=title,
            kind="0201",
            place=place,
            priority=priority,
            phone=phone,
            beat=beat,
            created_at=began,
            t_answer=began,
            lat=24.513,
            lon=117.655,
            owner="031",
        )
        bodies.append(IncidentOpened(incident=incident.number, record=incident))
    return bodies


def _orders(now: datetime) -> list[Body]:
    told: list[Body] = []
    for short, unit, state in (
        ("0186", "巡02", AssignmentState.EN_ROUTE),
        ("0185", "巡04", AssignmentState.ON_SCENE),
        ("0184", "巡03", AssignmentState.HANDLING),
    ):
        number = f"ZZ20261121-{short}"
        order = Assignment(
            id=f"{number}/1", incident=number, unit=unit, state=state, t_dispatch=now - timedelta(seconds=300)
        )
        told.append(UnitAssigned(incident=number, assignment=order))
    handoff = Handoff(
        id="ZZ20261121-0183#1",
        incident="ZZ20261121-0183",
        agency="urban_mgmt",
        state=HandoffState.SIGNED,
        arrive_s=1800,
        t_draft=now - timedelta(seconds=900),
        t_sent=now - timedelta(seconds=900),
    )
    return [*told, HandoffDrafted(incident=handoff.incident, handoff=handoff)]


def alarm_bodies(
    desk: Desk, account: str, *, key: str, zone: str = "003", age: float = 6, **more: object
) -> list[Body]:
    """An alarm of a demo site and its incident, as intake makes them."""
    site = next(site for site in desk.picture.state.all(Site) if site.account == account)
    at = desk.clock() - timedelta(seconds=age)
    number = f"ZZ20261121-{key}"
    alarm = Alarm(
        id=f"alarm-{key}",
        kind="panic",
        site=site.id,
        account=account,
        zone=zone,
        event_code="120",
        protocol="surgard",
        line="A1",
        paths=("A1",),
        incident=number,
        received_at=at,
        raw_hex="353031",
    )
    alarm = replace(alarm, **more)  # type: ignore[arg-type]
    incident = Incident(
        number=number,
        source="alarm",
        title=f"一键报警 · {site.name}",
        place=f"{site.name} {site.spot(zone)}",
        priority=1,
        site=site.id,
        beat=site.beat,
        lat=site.lat,
        lon=site.lon,
        silent=alarm.silent,
        created_at=at,
        t_signal=at,
    )
    return [IncidentOpened(incident=number, record=incident), AlarmRaised(incident=number, alarm=alarm)]


def raise_alarm(desk: Desk, account: str = SCHOOL, *, key: str, **more: object) -> str:
    """Put an alarm into the picture; answers its id."""
    tell(desk, *alarm_bodies(desk, account, key=key, **more))  # type: ignore[arg-type]
    return f"alarm-{key}"


def raise_garbage(desk: Desk, key: str = "g1") -> str:
    """Acknowledged bytes that nobody could read."""
    alarm = Alarm(
        id=f"alarm-{key}",
        kind="garbage",
        latched=False,
        priority=2,
        protocol="surgard",
        line="A1",
        paths=("A1",),
        raw_hex="5a5a39390d14",
        why="未知字头 ZZ",
        received_at=desk.clock(),
    )
    tell(desk, AlarmRaised(alarm=alarm))
    return alarm.id


def play_evening(desk: Desk, *, alarms: bool = True) -> None:
    """Everything."""
    now = desk.clock()
    units, positions = _units(now)
    line = Line(name="A1", protocol="surgard", address="/dev/pts/7", state=LineState.UP, since=now)
    tell(desk, LineChanged(line=line), *_sites(), *units, *_calls(now), *_orders(now))
    desk.picture.move(positions)
    if alarms:
        raise_alarm(desk, SCHOOL, key="0192", age=6)
        raise_alarm(desk, BANK, key="0191", age=3, zone="002")
