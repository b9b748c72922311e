"""search_cases: a million incidents to be searched, as varied as a city's: roads, callers, telephones, plates, words.

Invented. Each is one fact, opened and closed at once, so that a million of them take minutes and not hours: a search
reads no life cycles. `db fill` writes whole ones (`console.persistence.cases`).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from console.domain.facts import IncidentOpened
from console.domain.incident import Incident, IncidentState
from console.persistence.cases import KINDS, Step

FIRST = "东南西北新中大上下长金银龙凤江山水云花林石玉和平安福建芗丹瑞胜延环"
SECOND = "华昌山江湖春阳安民生发达利兴丰乐泰康宁港桥门湾溪坪浦坑洲岭"
WAYS = ("路", "街", "大道", "巷", "北路", "南路", "东路", "西路")
FAMILY = "陈林黄张李王吴蔡刘杨郑许郭洪谢庄赖游简曾沈卢蒋方戴"
GIVEN = "明华强伟芳丽军艺志建国海燕玲杰涛辉婷雪峰龙娟秀英文斌鑫宇晨阳"
PREFIXES = ("134", "136", "138", "139", "150", "158", "159", "177", "180", "189", "199")
SAYINGS = (
    "报警人称在{place}发生{title}，请求出警",
    "{place}有人争吵，已经动手，围观者很多",
    "{place}附近一辆白色轿车{plate}撞了电动车，一人腿部受伤",
    "称其手机在{place}被盗，嫌疑人往{road}方向跑了",
    "{place}楼下夜宵摊噪音很大，影响休息，多次反映",
    "老人从{place}走失，穿灰色外套，家属联系电话{phone}",
    "{place}门口车辆{plate}堵住消防通道，联系不上车主",
    "邻居家中传来打砸声和小孩哭声，地址{place}三楼",
)


def varied_case(rng: Random, number: str, opened_at: datetime, still_open: bool) -> Iterator[Step]:
    """One fact: the incident as it was left, or as it stands."""
    kind, title, priority = rng.choice(KINDS)
    road = rng.choice(FIRST) + rng.choice(SECOND) + rng.choice(WAYS)
    place = f"{road}{rng.randrange(1, 900)}号"
    phone = _phone(rng)
    said = rng.choice(SAYINGS).format(place=place, title=title, road=road, plate=_plate(rng), phone=_phone(rng))
    record = Incident(
        number=number,
        state=IncidentState.TRIAGED if still_open else IncidentState.CLOSED,
        kind=kind,
        title=title,
        priority=priority,
        place=place,
        caller=rng.choice(FAMILY) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2)))),
        phone=phone,
        narrative=said,
        created_at=opened_at,
        t_signal=opened_at,
        t_close=None if still_open else opened_at + timedelta(minutes=40),
    )
    opened = IncidentOpened(incident=number, record=record)
    yield Step(at=opened_at, actor="031", seat="03", bodies=(opened,))


def _phone(rng: Random) -> str:
    return f"{rng.choice(PREFIXES)}{rng.randrange(10**8):08d}"


def _plate(rng: Random) -> str:
    return f"闽{rng.choice('ABCDEFG')}{rng.choice('ABCDEFGHJ0123456789')}{rng.randrange(10**4):04d}"
