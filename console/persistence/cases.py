"""Cases: one typical incident from call to callback, as the facts a desk records for it.

Invented, for filling a database in bulk: kinds, roads and outcomes are drawn at random, the life cycle and
its usual durations are real ones.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from console.domain import facts
from console.domain.assignment import Assignment
from console.domain.body import Body
from console.domain.incident import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act: what was recorded at one moment, by whom and where."""

    at: datetime
    actor: str
    seat: str
    bodies: tuple[Body, ...]


CaseMaker = Callable[[Random, str, datetime, bool], Iterable[Step]]
"""`maker(rng, number, opened_at, still_open)` -> the steps of one incident, in order, ended within 8 hours.

The facts speak of that incident, its assignments and handoffs only.
"""

KINDS = (
    ("010401", "入室盗窃", 2),
    ("010404", "盗窃电动车、摩托车", 3),
    ("010301", "抢劫", 1),
    ("0201", "打架斗殴", 2),
    ("0206", "噪音扰民", 4),
    ("0301", "交通事故", 3),
    ("050202", "老年人走失", 2),
    ("0801", "家庭、婚恋纠纷", 3),
)
"""Code, name and priority as in resources/reference/codes.json."""
ROADS = ("钟法路", "胜利路", "新华北路", "延安南路", "丹霞路", "水仙大街", "江滨路", "瑞京路", "环城东路", "南昌路")
RESULTS = (("01", "现场调解，双方和解"), ("02", "带回所内处理"), ("03", "移交交警处理"), ("04", "已帮助解决"))
CALLED_BACK = ("satisfied", "satisfied", "satisfied", "dissatisfied", "unreached")
CENTRE = (24.514, 117.657)
"""The demo city, WGS-84 degrees."""


def _opened(rng: Random, number: str, at: datetime) -> Incident:
    kind, title, priority = rng.choice(KINDS)
    road, house = rng.choice(ROADS), rng.randrange(1, 400)
    return Incident(
        number=number,
        kind=kind,
        title=title,
        priority=priority,
        place=f"{road}{house}号",
        lat=round(CENTRE[0] + rng.uniform(-0.025, 0.025), 6),
        lon=round(CENTRE[1] + rng.uniform(-0.035, 0.035), 6),
        beat=f"{rng.randrange(1, 13):02d}",
        route="A",
        phone=f"1380000{rng.randrange(10**4):04d}",
        narrative=f"报警人称在{road}{house}号发生{title}，请求出警",
        created_at=at,
        t_signal=at,
    )


def typical_case(rng: Random, number: str, opened_at: datetime, still_open: bool) -> Iterator[Step]:
    """A call; answered, sorted, one unit sent, reported, reviewed, closed. An open one waits for its unit."""
    at, desk, seat = opened_at, f"接警员{rng.randrange(1, 9)}", f"{rng.randrange(1, 9):02d}"

    def step(seconds: float, *bodies: Body, actor: str = desk) -> Step:
        nonlocal at
        at += timedelta(milliseconds=int(1000 * seconds * rng.uniform(0.5, 2.0)))
        return Step(at=at, actor=actor, seat=seat, bodies=bodies)

    def moved(act: str) -> Body:
        return facts.IncidentMoved(incident=number, act=act)

    yield step(0, facts.IncidentOpened(incident=number, record=_opened(rng, number, at)), moved("answer"))
    yield step(60, moved("triage"))
    if still_open:
        return
    order, unit = f"{number}/1", f"巡{rng.randrange(1, 32):02d}"
    code, text = rng.choice(RESULTS)

    def reported(act: str, text: str = "", code: str = "") -> Body:
        return facts.AssignmentMoved(incident=number, assignment=order, act=act, text=text, code=code)

    sent_at = at + timedelta(seconds=20)
    sent = Assignment(id=order, incident=number, unit=unit, t_dispatch=sent_at)
    at = sent_at
    yield step(0, facts.UnitAssigned(incident=number, assignment=sent), moved("dispatch"))
    for act, seconds in (("sign", 30), ("depart", 45), ("arrive", 400)):
        yield step(seconds, reported(act), moved(act), actor=unit)
    done = facts.IncidentResult(incident=number, code=code, text=text)
    yield step(1500, reported("feedback", text, code), moved("feedback"), done, actor=unit)
    yield step(600, moved("review"))
    called = facts.CalledBack(incident=number, outcome=rng.choice(CALLED_BACK))
    yield step(1800, called, moved("close"), actor="值班长")
