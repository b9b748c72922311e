"""Keeping 保管: what is journaled of backups, exports, checks, holds and purges (domain.md B6, peers.md row 88).

The work itself is done on the database as a whole (persistence); here stands what becomes a fact of it.
"""

from datetime import datetime

from console.domain.approval import Hold
from console.domain.errors import UserError
from console.domain.facts import BackedUp, Exported, HoldLifted, HoldPlaced, JournalVerified, Purged, Restored
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.state import need


def exported(
    ledger: Ledger,
    *,
    what: str,
    rows: int,
    file: str,
    first: int = 0,
    last: int = 0,
    masked: bool = True,
    reason: str = "",
) -> None:
    """Rows are about to leave the program. `file` is a name, never a whole path."""
    if not masked and not reason.strip():
        raise UserError("导出未遮蔽的个人信息须写明理由")
    ledger.record(
        Exported(what=what, first=first, last=last, rows=rows, file=file, masked=masked, reason=reason.strip())
    )


def verified(ledger: Ledger, *, last: int, why: str = "") -> None:
    """The chain was walked up to `last`; `why` says what is wrong behind it."""
    ledger.record(JournalVerified(last=last, why=why))


def backed_up(ledger: Ledger, *, file: str, last: int, hash: str) -> None:  # noqa: A002 -- the fact's own word
    """A backup was made. `file` is a name, never a whole path."""
    ledger.record(BackedUp(file=file, last=last, hash=hash))


def restored(ledger: Ledger, *, file: str, last: int, before_last: int = 0, before_hash: str = "") -> None:
    """A backup took the database's place: what was recorded between `last` and `before_last` is not in it any more."""
    ledger.record(Restored(file=file, last=last, before_last=before_last, before_hash=before_hash))


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def place_hold(ledger: Ledger, *, reason: str, incident: str = "", since: str = "", until: str = "") -> str:
    """Nothing of this incident, or of this span of time, may be purged from now on. Answers the hold's id."""
    if not reason.strip():
        raise UserError("留存令须写明理由")
    begin, end = _time(since), _time(until)
    if bool(incident) == bool(begin or end):
        raise UserError("留存令针对一起警情，或针对一段时间，二者取一")
    if begin and end and end <= begin:
        raise UserError("留存令的止时须晚于起时")
    number = need(ledger, Incident, incident).number if incident else ""
    hold = Hold(
        # By the act, so that it stays the same when the act is carried out anew from the spool.
        id=ledger.act.act_id.partition("-")[0],
        incident=number,
        since=begin,
        until=end,
        reason=reason.strip(),
        placed_by=ledger.act.actor,
        placed_at=ledger.now,
    )
    ledger.record(HoldPlaced(incident=number, hold=hold))
    return hold.id


def lift_hold(ledger: Ledger, *, hold: str, reason: str) -> None:
    """What was held may be purged again."""
    found = need(ledger, Hold, hold)
    if not found.stands:
        raise UserError("这道留存令已经解除")
    if not reason.strip():
        raise UserError("解除留存令须写明理由")
    ledger.record(HoldLifted(incident=found.incident, hold=hold, reason=reason.strip()))


def purged(ledger: Ledger, *, what: str, before: str, rows: int, kept: int = 0) -> None:
    """Rows older than `before` go; `kept` of them stay under a hold."""
    ledger.record(Purged(what=what, before=datetime.fromisoformat(before), rows=rows, kept=kept))
