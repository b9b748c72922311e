"""Test windows 测试报备: asked for by the technician, granted by the duty chief, ended by a person or by the clock.

Source: domain.md E4. While one runs, the signals of its zones go to the test lane with the sound off; whoever is
forced (a duress or silent code, whose third field is a user and no zone) and every zone it does not name stay live.
What comes late is judged by when it was received.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from console.domain.account import MACHINE
from console.domain.alarm import Alarm, AlarmState
from console.domain.approval import Approval
from console.domain.equipment_facts import TestWindowEnded, TestWindowOpened
from console.domain.errors import UserError
from console.domain.ledger import Ledger
from console.domain.site import Signal, Site
from console.domain.state import State, need
from console.domain.test_window import WINDOW_AT_MOST, TestWindow
from console.services.meaning import Meaning

SETTLED = (AlarmState.FALSE, AlarmState.TEST, AlarmState.FAULT)
"""An alarm that somebody judged so may be tried again in the lane; a press on any other is meant."""

# -- which window --------------------------------------------------------------------------------------------


def open_windows(state: State, now: datetime) -> list[TestWindow]:
    """Those that run now, the soonest to end first."""
    running = [window for window in state.where(TestWindow, ended_at=None) if window.since <= now < window.until]
    return sorted(running, key=lambda window: (window.until, window.id))


def window_for(state: State, site: str, zone: str, at: datetime) -> TestWindow | None:
    """The window in whose lane a signal of this zone belongs that was received at `at`."""
    found = (window for window in state.where(TestWindow, site=site) if window.covers(_named(window, zone), at))
    return next(found, None)


def lane(ledger: Ledger, signal: Signal, said: Meaning, report: Mapping[str, Any], site: Site | None) -> str:
    """The id of the window in whose lane the signal goes, '' for the live one."""
    if site is None or report.get("silent") or report.get("zone_is_user") or said.kind == "duress":
        return ""
    window = window_for(ledger, site.id, signal.zone, signal.received_at)
    return window.id if window is not None else ""


def may_be_tried(alarm: Alarm | None) -> bool:
    """Whether a press in a window is a test: not on an alarm that still means something."""
    return alarm is None or alarm.state in SETTLED


def _named(window: TestWindow, zone: str) -> str:
    """The zone as the window writes it: forms differ in the zeros in front."""
    return next((name for name in window.zones if name.lstrip("0") == zone.lstrip("0")), zone)


# -- acts ----------------------------------------------------------------------------------------------------


def check(
    state: State, now: datetime, *, site: str, zones: Sequence[str], minutes: int, reason: str, phone: str = ""
) -> Site:
    """The site such a window would be for; UserError says why there can be none."""
    found = need(state, Site, site)
    most = WINDOW_AT_MOST // timedelta(minutes=1)
    if not zones or not all(zone.strip() for zone in zones):
        raise UserError("测试报备须写明防区")
    unknown = [zone for zone in zones if found.zones and zone not in found.zones]
    if unknown:
        raise UserError(f"{found.name} 没有防区 {'、'.join(unknown)}，请先在点位档案登记")
    if not 1 <= minutes <= most:
        raise UserError(f"测试报备须为 1–{most} 分钟")
    if not reason.strip():
        raise UserError("测试报备须写明事由")
    if phone and not phone.removeprefix("+").isdigit():
        raise UserError(f"测试人员手机号有误：{phone}")
    for other in state.where(TestWindow, site=site, ended_at=None):
        shared = [zone for zone in zones if other.covers(_named(other, zone), now)]
        if shared:
            raise UserError(f"{found.name} 防区 {'、'.join(shared)} 已在测试报备中，须先结束")
    return found


def open_window(
    ledger: Ledger, *, site: str, zones: Sequence[str], minutes: int, reason: str, phone: str = "", name: str = ""
) -> str:
    """Open it from now on; answers its id. Done by granting its approval; `name` was for whoever decided."""
    check(ledger, ledger.now, site=site, zones=zones, minutes=minutes, reason=reason, phone=phone)
    approval = ledger.get(Approval, str(ledger.act.args.get("approval", "")))
    window = TestWindow(
        id=ledger.act.act_id,
        site=site,
        zones=tuple(dict.fromkeys(zones)),
        since=ledger.now,
        until=ledger.now + timedelta(minutes=minutes),
        reason=reason.strip(),
        phone=phone,
        asked_by=approval.asked_by if approval is not None else "",
        approved_by=ledger.act.actor,
    )
    ledger.record(TestWindowOpened(window=window))
    return window.id


def end_window(ledger: Ledger, *, window: str) -> None:
    """A person ends it early; the clock says so when its time is over. What ended already is no error to the clock."""
    found = need(ledger, TestWindow, window)
    by_clock = ledger.act.roles == MACHINE
    if by_clock and (not found.open or ledger.now < found.until):
        return
    if not found.open:
        raise UserError("这次测试报备已经结束")
    ledger.record(TestWindowEnded(window=found.id, why="time" if by_clock else "person"))
