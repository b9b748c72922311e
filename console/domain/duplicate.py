"""Duplicate 重复警情: how likely two calls speak of one event, in points, each with its reason.

A sketch holds what is compared: place, time, kind, number, words. The points are weights of evidence (natural
logarithms of likelihood ratios, rounded): what two callers of one event usually share speaks for it, what they
rarely differ in speaks against. Nothing is merged by a rule: a person sees the three best, with the reasons.
"""

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.recommend import distance_m

WITHIN = timedelta(hours=24)
"""An older incident is history, not a duplicate."""

LIKELY = 4.9
"""From here on a match is worth being shown while somebody types."""

SHOWN = 3

NEAR: tuple[tuple[float, float], ...] = ((60, 3.3), (150, 2.5), (300, 1.4), (600, -0.4), (1000, -2.5), (2000, -5.0))
"""(metres up to, points); farther away than the last: `FAR`."""
FAR = -6.0

AGES: tuple[tuple[float, float], ...] = (
    (4, 2.8),
    (10, 2.2),
    (20, 1.8),
    (40, 1.0),
    (70, -0.6),
    (120, -2.2),
    (240, -3.4),
    (720, -4.5),
)
"""(minutes up to, points); older than the last: `OLD`."""
OLD = -5.5

SAME_CODE, SAME_SECOND, SAME_CLASS, OTHER_KIND = 2.2, 1.6, 0.2, -1.6
SAME_NUMBER, SAME_SITE = 2.0, 1.5
PLACE_BEST = 3.7
PLACE_WEIGHT, HALF_THE_NAME, OTHER_PLACE = 6.6, 0.5, -4.0
NAME_WEIGHT = 0.12
NAMED_ALIKE_M, NAMED_ALIKE = 1000, 0.6
"""Callers whose places bear one name are at one place, though one of them was located up to so many metres off."""
WORDS_WEIGHT, WORDS_BEST, NOTHING_IN_COMMON = 0.22, 2.4, -0.6
CONTRADICTION = -2.4

_SIGNS = re.compile(r"[^0-9A-Za-z\u4e00-\u9fff]+")
_FILLERS = re.compile(
    "我们|这里|这边|那边|现在|刚才|刚刚|请问|喂|你好|您好|麻烦|快点|赶紧|有个|有人|一个|一下|好像|就是|警察|报警"
)
"""What callers say whatever has happened: it tells two events apart as little as it joins them."""

_NAMED = {
    "楼层": re.compile("([一二三四五六七八九十0-9]{1,3})(?:楼|层)"),
    "颜色": re.compile("([白黑红灰蓝银黄绿紫])色"),
    "年龄": re.compile("([一二三四五六七八九十0-9]{1,3})岁"),
    "人数": re.compile("([一二三四五六七八九十0-9]{1,3})(?:个人|人|个)"),
}
"""What two callers of one event name alike, and what tells two events apart where both name it."""

Rarity = Callable[[str], float]
"""How much a pair of characters says: the logarithm of how rare it is among the day's incidents."""


def pairs(text: str) -> frozenset[str]:
    """Each two neighbouring characters, without fillers and signs."""
    found: set[str] = set()
    for piece in _SIGNS.split(_FILLERS.sub(" ", text.lower())):
        found.update(piece[i : i + 2] for i in range(len(piece) - 1))
    return frozenset(found)


def named(text: str) -> frozenset[tuple[str, str]]:
    """The floors, colours, ages and head counts a caller names."""
    return frozenset((what, value) for what, pattern in _NAMED.items() for value in pattern.findall(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What of a call or an incident is compared. Positions are WGS-84 degrees; '' and None are not known yet."""

    number: str = ""
    at: datetime
    kind: str = ""
    phone: str = ""
    site: str = ""
    lat: float | None = None
    lon: float | None = None
    place: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    named: frozenset[tuple[str, str]] = frozenset()

    @property
    def tells(self) -> bool:
        """Whether there is anything to compare."""
        return bool(self.phone or self.place or self.words or self.site or self.lat is not None)


@dataclass(frozen=True, slots=True)
class Match:
    """One incident that may be the same event: points and the reasons for and against, the weightiest first."""

    number: str
    points: float
    reasons: tuple[str, ...]
    against: tuple[str, ...] = ()


def compare(new: Sketch, known: Sketch, rarity: Rarity) -> Match:
    """How likely `new` speaks of the event of `known`; symmetric but for the words of the reasons."""
    circumstances = [_number(new, known), _when(new, known), _where(new, known, rarity)]
    content = [_kind(new, known), _words(new, known, rarity), _contradiction(new, known)]
    return _match(known.number, [*circumstances, *content])


def best(
    new: Sketch, candidates: Collection[Sketch], rarity: Rarity, shown: int = SHOWN, likely: float = LIKELY
) -> tuple[Match, ...]:
    """The likeliest first, none below `likely`."""
    found: list[Match] = []
    least = likely - 0.005  # What is rounded to it is likely, too.
    for known in candidates:
        # Cheap things first: most candidates cannot become likely any more, whatever was said.
        number, when, kind = _number(new, known), _when(new, known), _kind(new, known)
        so_far = number[0] + when[0] + kind[0] + WORDS_BEST
        if so_far + PLACE_BEST < least:
            continue
        where = _where(new, known, rarity)
        if so_far + where[0] < least:
            continue
        words = _words(new, known, rarity)
        if so_far + where[0] - WORDS_BEST + words[0] < least:
            continue
        match = _match(known.number, [number, when, where, kind, words, _contradiction(new, known)])
        if match.points >= likely:
            found.append(match)
    return tuple(sorted(found, key=lambda match: (-match.points, match.number))[:shown])


def _match(number: str, evidence: list["Evidence"]) -> Match:
    told = sorted((e for e in evidence if e[1]), key=lambda e: -abs(e[0]))
    reasons = tuple(text for points, text in told if points > 0)
    against = tuple(text for points, text in told if points < 0)
    return Match(number, round(sum(points for points, _ in evidence), 2), reasons, against)


Evidence = tuple[float, str]


def _step(value: float, steps: tuple[tuple[float, float], ...], beyond: float) -> float:
    return next((points for limit, points in steps if value <= limit), beyond)


def _number(new: Sketch, known: Sketch) -> Evidence:
    if new.phone and new.phone == known.phone:
        return SAME_NUMBER, "同一号码"
    if new.site and new.site == known.site:
        return SAME_SITE, "同一点位"
    return 0.0, ""


def _where(new: Sketch, known: Sketch, rarity: Rarity) -> Evidence:
    """Positions where both have one, else the names of the places."""
    if new.lat is None or new.lon is None or known.lat is None or known.lon is None:
        return _by_name(new, known, rarity)
    metres = distance_m(new.lat, new.lon, known.lat, known.lon)
    points = _step(metres, NEAR, FAR)
    if metres <= NAMED_ALIKE_M and _shared(new.place, known.place, rarity) >= NAMED_ALIKE:
        points = max(points, 1.0) + 0.4
    return points, f"相距{_metres(metres)}"


def _by_name(new: Sketch, known: Sketch, rarity: Rarity) -> Evidence:
    if not (new.place and known.place):
        return 0.0, ""
    common = new.place & known.place
    shared = _shared(new.place, known.place, rarity) if len(common) > 1 else 0.0
    if shared < HALF_THE_NAME:
        return OTHER_PLACE, "地点不同"
    # 万科小区 alone is many places, 元光北路93号万科小区 is one.
    points = min(PLACE_WEIGHT * (shared - HALF_THE_NAME), NAME_WEIGHT * sum(map(rarity, common)))
    return points, "地点名称相近"


def _when(new: Sketch, known: Sketch) -> Evidence:
    minutes = abs((new.at - known.at).total_seconds()) / 60
    return _step(minutes, AGES, OLD), _ago(minutes)


def _kind(new: Sketch, known: Sketch) -> Evidence:
    if not (new.kind and known.kind):
        return 0.0, ""
    if new.kind == known.kind or new.kind.startswith(known.kind) or known.kind.startswith(new.kind):
        return SAME_CODE, "类别相同"
    if new.kind[:4] == known.kind[:4]:
        return SAME_SECOND, "类别相近"
    if new.kind[:2] == known.kind[:2]:
        return SAME_CLASS, "同一大类"
    return OTHER_KIND, "类别不同"


def _words(new: Sketch, known: Sketch, rarity: Rarity) -> Evidence:
    if not (new.words and known.words):
        return 0.0, ""
    common = new.words & known.words
    if not common:
        return (NOTHING_IN_COMMON, "说法不同") if min(len(new.words), len(known.words)) >= 6 else (0.0, "")
    weighed = sorted(((rarity(pair), pair) for pair in common), reverse=True)
    points = min(WORDS_BEST, WORDS_WEIGHT * sum(weight for weight, _ in weighed))
    return points, f"都说到“{'、'.join(pair for _, pair in weighed[:3])}”"


def _contradiction(new: Sketch, known: Sketch) -> Evidence:
    """Both name a floor, a colour, an age, and not the same one."""
    for what in _NAMED:
        mine, theirs = ({value for name, value in side.named if name == what} for side in (new, known))
        if mine and theirs and not mine & theirs:
            return CONTRADICTION, f"{what}不同"
    return 0.0, ""


def _shared(a: frozenset[str], b: frozenset[str], rarity: Rarity) -> float:
    """Share of the shorter name that stands in the other, weighed by how rare each pair is (小区: little)."""
    if not (a and b):
        return 0.0
    least = min(sum(map(rarity, a)), sum(map(rarity, b)))
    return sum(map(rarity, a & b)) / least if least > 0 else 0.0


def _metres(metres: float) -> str:
    return f"{math.ceil(metres / 10) * 10}米" if metres < 1000 else f"{metres / 1000:.1f}公里"


def _ago(minutes: float) -> str:
    return f"{max(1, round(minutes))}分钟前" if minutes < 60 else f"{minutes / 60:.1f}小时前"
