"""Priority 级别 of an incident and the reasons for it. Source: domain.md E5.

It starts from the incident's code and where it came from; it is raised by what kind of site it is at, by the level of
the forest zone, by repeated calls or presses and by answers. Nothing here lowers: only a person does, with a reason.
One pure function over a table that a county edits (resources/reference/priority.json).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

LEVELS: Mapping[int, str] = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}
NO_CODE = 3
"""What an incident of no known kind is raised from."""


@dataclass(frozen=True, slots=True)
class Colour:
    """A level of warning of forest zones; `level` 0 = it raises nothing."""

    zh: str
    en: str
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityTable:
    """`codes` gives (name, level) of an incident code. `sites` counts for incident codes beginning with `site_codes`.

    `zones` names the colour of a beat (警区), which counts for codes beginning with one of `zone_codes` ('' = all).
    Calls are counted over the last `within_min` minutes.
    """

    codes: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    sites: Mapping[str, int] = field(default_factory=dict)
    site_codes: tuple[str, ...] = ()
    colours: Mapping[str, Colour] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    zone_codes: tuple[str, ...] = ("",)
    calls: int = 3
    within_min: int = 60
    presses: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known of an incident. `calls` and `presses` count this one too; `answers` are (level, why) of answers."""

    code: str = ""
    source: str = "call"
    site_kind: str = ""
    beat: str = ""
    calls: int = 1
    presses: int = 0
    answers: tuple[tuple[int, str], ...] = ()


Kind = Literal["code", "source", "site", "zone", "calls", "presses", "answer"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: the level it asks for (0 = none, it is only to be known) and why, in the user's words."""

    kind: Kind
    level: int
    text: str

    @property
    def said(self) -> str:
        """一级：凶器：刀具"""
        return f"{LEVELS[self.level]}：{self.text}" if self.level else self.text


def weigh(known: Circumstances, table: PriorityTable) -> tuple[Reason, ...]:
    """Every reason that holds, gravest first; the level they ask for is the first one's."""
    found = [reason for reason in _reasons(known, table) if reason is not None]
    return tuple(sorted(found, key=lambda reason: reason.level or 9))


def level_of(reasons: Iterable[Reason]) -> int:
    """The gravest level of the reasons, 0 if none asks for one."""
    return min((reason.level for reason in reasons if reason.level), default=0)


def _reasons(known: Circumstances, table: PriorityTable) -> Iterable[Reason | None]:
    name, base = table.codes.get(known.code, ("", 0))
    yield Reason("code", base, f"警情 {known.code} {name}") if base else None
    by_source = table.sources.get(known.source, 0)
    yield Reason("source", by_source, "短信报警" if known.source == "sms" else "来源") if by_source else None
    by_site = table.sites.get(known.site_kind, 0) if _begins(known.code, table.site_codes) else 0
    yield Reason("site", by_site, "重点部位的技防报警") if by_site else None
    yield _of_zone(known, table)
    higher = max(1, (base or NO_CODE) - 1)
    if known.calls >= table.calls:
        yield Reason("calls", higher, f"{table.within_min} 分钟内 {known.calls} 次报警")
    if known.presses >= table.presses:
        yield Reason("presses", higher, f"报警按钮按下 {known.presses} 次")
    for level, why in known.answers:
        yield Reason("answer", level, f"问询 {why}")


def _of_zone(known: Circumstances, table: PriorityTable) -> Reason | None:
    colour = table.colours.get(table.zones.get(known.beat, ""))
    if colour is None or not _begins(known.code, table.zone_codes):
        return None
    return Reason("zone", colour.level, f"林区 {known.beat} 预警：{colour.zh}")


def _begins(code: str, starts: Iterable[str]) -> bool:
    return any(code.startswith(start) for start in starts)
