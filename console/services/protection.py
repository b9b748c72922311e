"""What still protects a site while its equipment is not well, in words made from the register.

For the repair order, the site's card and the alarm's: whoever reads it must know whether a press would still arrive,
and who is there if not.
"""

from collections.abc import Iterable, Sequence

from console.domain.alarm import Alarm
from console.domain.site import Site
from console.domain.state import State
from console.domain.trouble import Trouble, TroubleKind, TroubleState
from console.domain.unit import Unit, UnitStatus

K, U = TroubleKind, UnitStatus

UNHEARD = (K.COMM_LOST, K.MISSED_TEST)
"""The panel may have lost its way to us."""

BROKEN = (K.TAMPER, K.LINE_CUT, K.DEVICE)
"""One zone of it, or all of it where the panel names none, may not work."""

ABOUT = (U.AVAILABLE, U.VEHICLE_PATROL, U.FOOT_PATROL, U.PARKED, U.CHECKING, U.SCHOOL_GUARD, U.CLEAR)
NAMED = 3
"""So many zones or units are named; the others are counted."""


def unwell(state: State, site: str) -> list[Trouble]:
    """The site's troubles that its equipment has not taken back."""
    return [t for t in state.where(Trouble, site=site) if t.state in (TroubleState.OPEN, TroubleState.SHELVED)]


def still_protects(state: State, site: str, *, patrols: bool = True) -> str:
    """What protects the site now; '' for a site nobody has registered. Without `patrols`: they stand beside it."""
    found = state.get(Site, site)
    if found is None:
        return ""
    troubles = unwell(state, site)
    about = _patrols(state, found)
    people = [*_people(found), *(about if patrols else ())]
    panel = _panel(state, found, troubles)
    if not people and not about:
        people = ["登记中没有保安、应急单元和巡逻，请派人值守" if troubles else "登记中没有保安、应急单元和巡逻"]
    return "；".join([*panel, *people])


# -- the panel -----------------------------------------------------------------------------------------------


def _panel(state: State, site: Site, troubles: Sequence[Trouble]) -> list[str]:
    kinds = {trouble.kind for trouble in troubles}
    if not kinds.isdisjoint(UNHEARD):
        return ["主机信号可能到不了本台", _second_path(state, site, troubles)]
    broken = [trouble for trouble in troubles if trouble.kind in BROKEN]
    if any(not trouble.zone for trouble in broken):
        said = ["主机可能失灵，按下不一定收得到"]
    elif broken:
        said = [_other_zones(site, {trouble.zone for trouble in broken})]
    else:
        said = [f"报警按钮仍可用（{len(site.zones)} 个防区）" if site.zones else "报警按钮仍可用"]
    return [*said, *_power(kinds)]


def _other_zones(site: Site, out: Iterable[str]) -> str:
    lost = "、".join(f"{zone} {site.spot(zone)}".strip() for zone in sorted(out))
    left = [f"{zone} {spot}" for zone, spot in site.zones.items() if zone not in out]
    if not left:
        return f"防区 {lost} 可能失灵，没有登记其他防区"
    return f"防区 {lost} 可能失灵，{_named(left, '个防区')}仍可报警"


def _power(kinds: Iterable[TroubleKind]) -> list[str]:
    if K.AC_LOSS in kinds and K.LOW_BATTERY in kinds:
        return ["停电且备用电池将尽，随时可能失效"]
    if K.AC_LOSS in kinds:
        return ["停电，靠备用电池"]
    return ["备用电池不足，停电即失效"] if K.LOW_BATTERY in kinds else []


def _second_path(state: State, site: Site, troubles: Sequence[Trouble]) -> str:
    """Lines by which its alarms have come besides the ones that are silent now."""
    silent = {trouble.line for trouble in troubles if trouble.kind in UNHEARD}
    heard = {path for alarm in state.where(Alarm, site=site.id) for path in alarm.paths} - silent
    return f"曾另经线路 {'、'.join(sorted(heard))} 送达" if heard else "没有第二路线路送达过"


# -- the people ----------------------------------------------------------------------------------------------


def _people(site: Site) -> list[str]:
    said = []
    if site.guards:
        said.append(f"保安 {site.guards} 人")
    if site.meu:
        drill = f"最近演练 {site.meu_drill}" if site.meu_drill else "没有演练记录"
        said.append(f"最小应急单元 {site.meu} 人（{drill}）")
    return said


def _patrols(state: State, site: Site) -> list[str]:
    if not site.beat:
        return []
    there = [unit.id for unit in state.where(Unit, beat=site.beat) if unit.status in ABOUT]
    return [f"{site.beat}警区有{_named(there, '组')}在岗"] if there else []


def _named(names: Sequence[str], counted: str) -> str:
    listed = "、".join(names[:NAMED])
    return listed if len(names) <= NAMED else f"{listed} 等 {len(names)} {counted}"
