"""Technical events 技术事件: what asks for a technician, from a panel's signal or from the clock, and what people do.

Source: domain.md E4 and C (ISA-18.2): a fault may be shelved for at most an hour, with name and reason, and the clock
takes it back; an alarm never is one of these, so nothing here can touch it. One row a site (or unregistered panel),
zone and code, further signals counted; the equipment restores it, a person puts it away.
"""

from datetime import datetime, timedelta

from console.domain.account import MACHINE
from console.domain.alarm import Alarm
from console.domain.equipment_facts import TroubleMoved, TroubleOpened
from console.domain.errors import UserError
from console.domain.ledger import Ledger
from console.domain.site import Signal, Site
from console.domain.state import need
from console.domain.trouble import SHELVED_AT_MOST, TROUBLE, Trouble, TroubleKind
from console.services.event_words import code_text
from console.services.meaning import Meaning

SECOND_PATH = timedelta(seconds=60)
"""The same matter told by another line within this time is the same signal."""

ALARM_STAYS = "报警不能搁置、屏蔽或撤防：须由人确认、判定并手动复位"

# -- what panels say -----------------------------------------------------------------------------------------


def take(ledger: Ledger, signal: Signal, said: Meaning, site: Site | None) -> str:
    """A trouble was told: open it or count it; answers its id. Call it for no copies."""
    assert said.trouble is not None
    known = next((row for row in _open(ledger, signal, site) if _same(row, signal, said.trouble)), None)
    if known is None:
        ledger.record(TroubleOpened(trouble=_new(signal, said.trouble, site)))
        return signal.ingest_id
    twice = signal.line != known.line and abs(signal.received_at - known.last_at) <= SECOND_PATH
    if said.qualifier == "new" and not twice:
        _move(ledger, known, "again", signal.received_at)
    return known.id


def restored(ledger: Ledger, signal: Signal, said: Meaning, site: Site | None) -> str:
    """The equipment says that something is well again; answers the id of the first trouble it ends, '' for none."""
    ended = [row for row in _open(ledger, signal, site) if _ends(row, signal, said)]
    for row in ended:
        # What a spool brings late says nothing about a trouble that was told after it.
        if TROUBLE.may(row.state, "restore") and signal.received_at >= row.last_at:
            _move(ledger, row, "restore", signal.received_at)
    return ended[0].id if ended else ""


def known_trouble(ledger: Ledger, signal: Signal, said: Meaning, site: Site | None) -> str:
    """The open trouble a copy belongs to, '' if it is not there any more."""
    kind = said.trouble
    return next((row.id for row in _open(ledger, signal, site) if kind and _same(row, signal, kind)), "")


def _open(ledger: Ledger, signal: Signal, site: Site | None) -> list[Trouble]:
    """What is not closed of the signal's site, or of its unregistered panel; in its zone, told by a panel."""
    # What it told before somebody registered it stands under its account.
    rows = ledger.where(Trouble, site="", account=signal.account, line=signal.line, zone=signal.zone, closed_at=None)
    if site is not None:
        rows = [*rows, *ledger.where(Trouble, site=site.id, zone=signal.zone, closed_at=None)]
    return sorted((row for row in rows if row.signal), key=lambda row: row.opened_at)


def _same(row: Trouble, signal: Signal, kind: TroubleKind) -> bool:
    return (row.kind, row.event_code, row.sia_code) == (kind, signal.event_code, signal.sia_code)


def _ends(row: Trouble, signal: Signal, said: Meaning) -> bool:
    if signal.event_code:
        return row.event_code == signal.event_code
    if signal.sia_code:
        return row.sia_code in said.ends
    return not row.event_code and not row.sia_code


def _new(signal: Signal, kind: TroubleKind, site: Site | None) -> Trouble:
    return Trouble(
        id=signal.ingest_id,
        kind=kind,
        site=site.id if site else "",
        line=signal.line,
        account=signal.account,
        zone=signal.zone,
        event_code=signal.event_code,
        sia_code=signal.sia_code,
        text=_words(signal),
        signal=signal.ingest_id,
        opened_at=signal.received_at,
        last_at=signal.received_at,
    )


def _words(signal: Signal) -> str:
    """The code with its name, and what the panel wrote itself."""
    named = code_text(signal.event_code) if signal.event_code else signal.sia_code
    return " ".join(word for word in (named, signal.extended.get("text", "")) if word)


def _move(ledger: Ledger, trouble: Trouble, act: str, at: datetime, reason: str = "") -> None:
    ledger.record(TroubleMoved(trouble=trouble.id, act=act, at=at, reason=reason))


# -- what the clock finds ------------------------------------------------------------------------------------


def raise_trouble(
    ledger: Ledger,
    *,
    kind: str,
    at: str,
    site: str = "",
    line: str = "",
    account: str = "",
    text: str = "",
) -> str:
    """A silence that lasted too long; answers the trouble's id. Nothing new if it stands already.

    Whoever finds the same asks under the same `act_id`, so it is told once.
    """
    found, when = TroubleKind(kind), datetime.fromisoformat(at)
    rows = ledger.where(Trouble, site=site, signal="", closed_at=None)
    known = next((row for row in rows if row.kind is found and (site or row.line == line)), None)
    if known is None:
        row = Trouble(
            id=ledger.act.act_id,
            kind=found,
            site=site,
            line=line,
            account=account,
            text=text,
            opened_at=when,
            last_at=when,
        )
        ledger.record(TroubleOpened(trouble=row))
        return row.id
    if TROUBLE.may(known.state, "again"):
        _move(ledger, known, "again", when)
    return known.id


def restore(ledger: Ledger, *, trouble: str, at: str) -> None:
    """What was silent is heard again; nothing if somebody said so before."""
    found = need(ledger, Trouble, trouble)
    if TROUBLE.may(found.state, "restore"):
        _move(ledger, found, "restore", datetime.fromisoformat(at))


# -- what people do ------------------------------------------------------------------------------------------


def _trouble(ledger: Ledger, key: str) -> Trouble:
    if ledger.get(Alarm, key) is not None:
        raise UserError(ALARM_STAYS)
    return need(ledger, Trouble, key)


def shelve(ledger: Ledger, *, trouble: str, minutes: int, reason: str) -> None:
    """Put it aside for at most an hour, with a reason; the clock takes it back."""
    found = _trouble(ledger, trouble)
    most = SHELVED_AT_MOST // timedelta(minutes=1)
    if not 1 <= minutes <= most:
        raise UserError(f"搁置时间须为 1–{most} 分钟")
    if not reason.strip():
        raise UserError("搁置须写明理由")
    TROUBLE.next(found.state, "shelve")
    until = ledger.now + timedelta(minutes=minutes)
    ledger.record(TroubleMoved(trouble=found.id, act="shelve", at=ledger.now, reason=reason.strip(), until=until))


def unshelve(ledger: Ledger, *, trouble: str, reason: str = "") -> None:
    """Take it back: a person any time, the clock when its time is over and nobody has shelved it anew."""
    found = _trouble(ledger, trouble)
    if ledger.act.roles == MACHINE and (found.shelved_until is None or found.shelved_until > ledger.now):
        return
    TROUBLE.next(found.state, "unshelve")
    _move(ledger, found, "unshelve", ledger.now, reason.strip())


def close(ledger: Ledger, *, trouble: str, reason: str) -> None:
    """Put it away for good, with what was found."""
    found = _trouble(ledger, trouble)
    if not reason.strip():
        raise UserError("关闭须写明处理结果")
    TROUBLE.next(found.state, "close")
    _move(ledger, found, "close", ledger.now, reason.strip())
