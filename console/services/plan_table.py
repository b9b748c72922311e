"""Reading plans.json and reply_words.json: response plans, waves, zones; the words of units.

They are checked against unit types, codes, agencies and themselves.

A county edits the file by hand, so every fault is named with its place and reason, as in `services.reference`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field

from console.domain.plan_tables import Partner, Plan, PlanTable, Squad, Telling, Want, Wave
from console.domain.unit_words import ReplyWord

MOST_UNITS = 20
"""More of one sort in one wave is a slip of the finger."""

SAYABLE = ("sign", "depart", "arrive", "report", "feedback", "00", "01", "02", "03", "04", "05", "06", "15", "20")
"""Steps of an order and statuses (E6) that a unit may report by itself."""

_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class PlansFile(BaseModel):
    """plans.json as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    date: str = Field(min_length=4)
    plans: tuple[Plan, ...]
    waves: tuple[Wave, ...]
    squads: tuple[Squad, ...] = ()
    neighbours: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    partners: tuple[Partner, ...] = ()
    telling: Telling
    shifts: tuple[str, ...] = Field(min_length=1)
    load_s: int = Field(ge=0, le=600)

    def table(self) -> PlanTable:
        """The values the desk works with."""
        return PlanTable(
            plans=self.plans,
            waves=self.waves,
            squads=self.squads,
            neighbours=self.neighbours,
            partners=self.partners,
            telling=self.telling,
            shifts=self.shifts,
            load_s=self.load_s,
        )


class RepliesFile(BaseModel):
    """reply_words.json as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    date: str = Field(min_length=4)
    words: tuple[ReplyWord, ...]


def reply_faults(file: RepliesFile) -> Iterator[str]:
    """Words and numbers that stand twice, meanings that are neither a step nor a status a unit may report."""
    every = [word for row in file.words for word in row.words]
    numbers = [str(row.event) for row in file.words if row.event]
    yield from (f"reply_words.json：“{word}”出现 {n} 次" for word, n in Counter(every).items() if n > 1)
    yield from (f"reply_words.json：事件号 {number} 出现 {n} 次" for number, n in Counter(numbers).items() if n > 1)
    for row in file.words:
        if row.says not in SAYABLE:
            yield f"reply_words.json：不认识的报备 {row.says}，须为 {'、'.join(SAYABLE)} 之一"
        if not row.words or any(word != word.strip() or " " in word for word in row.words):
            yield f"reply_words.json {row.says}：用语不能为空，也不能含空格"
        if not 0 <= row.event <= 255:
            yield f"reply_words.json {row.says}：事件号须在 0 到 255 之间"


def plan_faults(
    file: PlansFile, types: Collection[str], codes: Collection[str], agencies: Collection[str]
) -> Iterator[str]:
    """What is wrong between the lines: names that do not exist, doubles, waves with gaps, zones that are one-sided."""
    yield from _doubled("plans", [plan.id for plan in file.plans])
    yield from _doubled("partners", [partner.id for partner in file.partners])
    for plan in file.plans:
        place = f"plans.json {plan.id}"
        if not plan.codes or not any(want.wave == 1 for want in plan.wants):
            yield f"{place}：须写明警情编码和第一梯次的警力"
        yield from (f"{place}：编码 {code} 不存在" for code in plan.codes if code and code not in codes)
        yield from (f"{place}：联动单位 {agency} 不存在" for agency in plan.agencies if agency not in agencies)
        yield from _want_faults(place, plan.wants, types)
    if not any("" in plan.codes and set(plan.priorities) == {1, 2, 3, 4} and not plan.zones for plan in file.plans):
        yield "plans.json plans：须有一个通用方案（codes 含空串，不限级别和警区）"
    yield from _wave_faults(file, types)
    for zone, beside in file.neighbours.items():
        one_sided = [other for other in beside if zone not in file.neighbours.get(other, ())]
        yield from (f"plans.json neighbours：{zone} 与 {other} 须互为相邻警区" for other in one_sided)
    yield from (
        f"plans.json shifts：“{text}”不是 08:00 这样的时刻" for text in file.shifts if not _HOUR.fullmatch(text)
    )
    if not 1 <= file.telling.receipt_s <= 120:
        yield "plans.json telling.receipt_s：须在 1 到 120 秒之间"


def _wave_faults(file: PlansFile, types: Collection[str]) -> Iterator[str]:
    numbers = [wave.number for wave in file.waves]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "plans.json waves：梯次须从 1 起逐一编号"
    for wave in file.waves:
        yield from _want_faults(f"plans.json waves {wave.number}", wave.wants, types)
        if wave.number > 1 and not wave.wants:
            yield f"plans.json waves {wave.number}：没有写明警力"


def _want_faults(place: str, wants: tuple[Want, ...], types: Collection[str]) -> Iterator[str]:
    for want in wants:
        yield from (f"{place}：警组类型 {name} 不存在" for name in want.types if name not in types)
        if not want.types:
            yield f"{place}：没有写明警组类型"
        if not 1 <= want.count <= MOST_UNITS or want.wave < 1:
            yield f"{place}：“{want.name}”的组数须在 1 到 {MOST_UNITS} 之间，梯次不小于 1"


def _doubled(where: str, names: list[str]) -> Iterator[str]:
    yield from (f"plans.json {where}：{name} 出现 {n} 次" for name, n in Counter(names).items() if n > 1)
