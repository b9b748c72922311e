"""Acts on repair orders 维修单: open, give to somebody with a date, finish with part and result, cancel with a reason.

One open order a site and cause. What the clock opens (a fault, an overdue test) has its id from what it is about, so
of several seats that see it at once the first one's counts, and what was finished is not opened again. The third false
alarm of a site within thirty days opens one in the very act that judges it.
"""

from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from console.domain.account import MACHINE
from console.domain.alarm import JUDGED, Alarm, AlarmState
from console.domain.equipment_facts import RepairMoved, RepairOpened
from console.domain.errors import UserError
from console.domain.facts import AlarmMoved
from console.domain.ledger import Ledger
from console.domain.repair import CAUSES, REPAIR, RepairOrder
from console.domain.site import Site
from console.domain.state import State, need
from console.persistence.numbers import SHANGHAI
from console.services.protection import still_protects

FALSE_ALARMS = 3
WITHIN = timedelta(days=30)


def order_id(site: str, cause: str, about: str) -> str:
    """The id of the order the clock opens about something: the same wherever it is seen."""
    return str(uuid5(NAMESPACE_OID, f"repair\n{site}\n{cause}\n{about}"))


def running(state: State, site: str, cause: str) -> RepairOrder | None:
    """The site's order of this cause that is not ended."""
    return next((order for order in state.where(RepairOrder, site=site) if order.open and order.cause == cause), None)


def open_order(ledger: Ledger, *, site: str, cause: str, text: str = "", about: str = "") -> str:
    """Open an order; answers its id. What the clock comes too late with is dropped silently, with ''.

    UserError: an unknown cause, no words, or an open order of the same cause, which it names.
    """
    found = need(ledger, Site, site)
    if cause not in CAUSES:
        raise UserError(f"不认识的报修原因：{cause}")
    same = running(ledger, found.id, cause)
    by_clock = ledger.act.roles == MACHINE
    key = order_id(found.id, cause, about) if about else ledger.act.act_id
    if by_clock and (same is not None or ledger.get(RepairOrder, key) is not None):
        return ""
    if same is not None:
        raise UserError(f"{found.name} 已有{CAUSES[cause]}维修单（{same.text}），尚未完工")
    if not text.strip():
        raise UserError("报修须写明情况")
    if ledger.get(RepairOrder, key) is not None:
        key = ledger.act.act_id
    return _record(ledger, key, found, cause, text.strip(), about)


def _record(ledger: Ledger, key: str, site: Site, cause: str, text: str, about: str, *, incident: str = "") -> str:
    """`incident` is the one on whose timeline it is told."""
    order = RepairOrder(
        id=key,
        site=site.id,
        cause=cause,
        about=about,
        text=text,
        still=still_protects(ledger, site.id),
        opened_at=ledger.now,
        opened_by=ledger.act.actor,
    )
    ledger.record(RepairOpened(incident=incident, order=order))
    return order.id


def assign(ledger: Ledger, *, order: str, who: str, due: str) -> None:
    """Give the order to somebody, to be done by `due` (ISO 8601 with its offset). UserError without either."""
    found = need(ledger, RepairOrder, order)
    if not who.strip():
        raise UserError("派工须写明由谁维修")
    try:
        by = datetime.fromisoformat(due)
    except ValueError:
        raise UserError("派工须写明限期，例如 2026-11-25") from None
    if by.tzinfo is None:
        by = by.replace(tzinfo=SHANGHAI)
    # A day is meant: its last minute counts as well as its first.
    if by.astimezone(SHANGHAI).date() < ledger.now.astimezone(SHANGHAI).date():
        raise UserError("限期已经过去，请写以后的日期")
    _move(ledger, found, RepairMoved(order=found.id, act="assign", who=who.strip(), due=by))


def finish(ledger: Ledger, *, order: str, result: str, part: str = "") -> None:
    """It is mended: with what result, and which part was replaced. UserError without a result."""
    found = need(ledger, RepairOrder, order)
    if not result.strip():
        raise UserError("完工须写明维修结果")
    _move(ledger, found, RepairMoved(order=found.id, act="finish", part=part.strip(), result=result.strip()))


def cancel(ledger: Ledger, *, order: str, reason: str) -> None:
    """Nothing is to be mended after all. UserError without a reason."""
    found = need(ledger, RepairOrder, order)
    if not reason.strip():
        raise UserError("取消维修单须写明理由")
    _move(ledger, found, RepairMoved(order=found.id, act="cancel", result=reason.strip()))


def _move(ledger: Ledger, order: RepairOrder, moved: RepairMoved) -> None:
    REPAIR.next(order.state, moved.act)
    ledger.record(moved)


# -- false alarms --------------------------------------------------------------------------------------------


def after_false_alarm(ledger: Ledger, alarm: str) -> None:
    """An alarm has just been judged false: the third of its site within thirty days opens an order.

    Counted are those since the last such order, so that each one needs three of its own.
    """
    judged = need(ledger, Alarm, alarm)
    site = ledger.get(Site, judged.site)
    if site is None or running(ledger, site.id, "false_alarms") is not None:
        return
    earlier = [order.opened_at for order in ledger.where(RepairOrder, site=site.id) if order.cause == "false_alarms"]
    since = max([ledger.now - WITHIN, *earlier])
    false = [a for a in ledger.where(Alarm, site=site.id) if a.judged_at and a.judged_at > since and _false(ledger, a)]
    if len(false) >= FALSE_ALARMS:
        text = f"{WITHIN.days} 天内误报 {len(false)} 次，最近一次：{judged.reason}"
        key = order_id(site.id, "false_alarms", alarm)
        _record(ledger, key, site, "false_alarms", text, alarm, incident=judged.incident)


def _false(ledger: Ledger, alarm: Alarm) -> bool:
    """Whether the last verdict on it was 误报; once it is reset its state no longer says."""
    if alarm.state in JUDGED:
        return alarm.state is AlarmState.FALSE
    moves = [fact.body for fact in ledger.since(0, alarm.incident) if isinstance(fact.body, AlarmMoved)]
    verdicts = [move.act for move in moves if move.alarm == alarm.id and move.act in VERDICTS]
    return bool(verdicts) and verdicts[-1] == "judge_false"


VERDICTS = ("confirm", "judge_false", "judge_test", "judge_fault")
