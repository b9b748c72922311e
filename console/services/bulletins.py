"""Acts on bulletins 布控、协查、通播: issued to the named, receipted by each, cancelled with one word to all.

Only who was named before the person's Enter is told: the act carries the recipients, it does not look for more. A
seat that signs on later sees what is in force by itself and receipts it all the same.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from console.domain import bulletin as rules
from console.domain.account import Seat
from console.domain.bulletin import BULLETIN_KINDS, SEAT, UNIT, Bulletin, BulletinReceipt
from console.domain.desk_facts import BulletinCancelled, BulletinIssued, BulletinTold
from console.domain.equipment_facts import MessageQueued
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.outbox import OutboxMessage
from console.domain.state import State, need
from console.domain.unit import Unit
from console.persistence.numbers import SHANGHAI
from console.services.order_sending import ways_to
from console.services.phone_numbers import number_to_text
from console.services.receivers import beats, find, receivers

PURPOSE, CANCEL = "bulletin", "bulletin_cancel"
"""What the outbox's rows of bulletins are for."""

MOST_LETTERS = 400
MOST_TITLE = 40
TOLD = ("READ", "ANSWERED", "FAILED")
"""What a person may say of a receipt."""

BY_HAND = ("radio", "phone")
"""Channels by which no machine tells: a person does, and says so."""

_PHOTO = re.compile(r"[0-9a-f]{64}\.(?:png|jpg)")


# -- who is told -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who would be told, and by what: screen, terminal, sms, or radio and phone by a person."""

    recipient: str
    name: str
    channel: str


def named(state: State, area: Sequence[str], seat: str) -> list[Named]:
    """Who would be told in this area: seats with somebody at them, units on duty, receivers; nothing is sent by it.

    `seat` is the one that issues: it knows already.
    """
    seats = sorted({row.id for row in state.where(Seat) if row.actor} | {seat})
    told = [f"{SEAT}{one}" for one in seats]
    told += [f"{UNIT}{unit.id}" for unit in rules.units_in(area, state.where(Unit))]
    told += [row.id for row in receivers() if rules.concerns(area, row.beats)]
    return [Named(recipient, *_name_and_channel(state, recipient)) for recipient in told]


def _name_and_channel(state: State, recipient: str) -> tuple[str, str]:
    name, ways = _ways(state, recipient)
    return name, ways[0][0]


def _ways(state: State, recipient: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """(name, ((channel, number), …)); UserError if there is nobody of that key."""
    if recipient.startswith(SEAT):
        return f"{recipient.removeprefix(SEAT)}席", (("screen", ""),)
    if recipient.startswith(UNIT):
        unit = need(state, Unit, recipient.removeprefix(UNIT))
        return unit.id, ways_to(unit) or (("radio", ""),)
    found = find(recipient)
    if found is None:
        raise UserError(f"没有登记这个接收方：{recipient}")
    with suppress(UserError):  # 例：000-… is no number
        return found.name, (("sms", number_to_text(found.phone)),)
    return found.name, (("phone", ""),)


# -- acts ------------------------------------------------------------------------------------------------------------


def issue(
    ledger: Ledger,
    *,
    kind: str,
    title: str,
    text: str,
    recipients: Sequence[str],
    plate: str = "",
    person: str = "",
    photo: str = "",
    area: Sequence[str] = (),
    incident: str = "",
    until: str = "",
) -> str:
    """Tell the named of what is looked for; answers the bulletin's id. `until` is ISO with offset, default 24 h."""
    ends = datetime.fromisoformat(until) if until else ledger.now + rules.HOLDS
    _check(kind, title, text, plate, photo, area)
    if not timedelta(0) < ends - ledger.now <= rules.LONGEST:
        raise UserError(f"有效期须在现在之后、{rules.LONGEST.days} 天之内")
    about = need(ledger, Incident, incident).number if incident else ""
    bulletin = Bulletin(
        id=_number(ledger),
        kind=kind,
        title=title.strip(),
        text=text.strip(),
        plate=rules.plain_plate(plate),
        person=person.strip(),
        photo=photo,
        area=tuple(area),
        incident=about,
        since=ledger.now,
        until=ends,
        issued_by=ledger.act.actor,
    )
    own = f"{SEAT}{ledger.act.seat}"
    receipts = tuple(_receipt(ledger, bulletin, key, own) for key in dict.fromkeys((own, *recipients)))
    ledger.record(BulletinIssued(incident=about, bulletin=bulletin, receipts=receipts))
    for receipt in receipts:
        _send(ledger, receipt, PURPOSE, issue_text(bulletin))
    return bulletin.id


def _check(kind: str, title: str, text: str, plate: str, photo: str, area: Sequence[str]) -> None:
    if kind not in BULLETIN_KINDS:
        raise UserError(f"种类须为{'、'.join(BULLETIN_KINDS.values())}")
    if not (title.strip() and text.strip()):
        raise UserError("请写明标题和内容")
    if len(title.strip()) > MOST_TITLE or len(text.strip()) > MOST_LETTERS:
        raise UserError(f"标题最多 {MOST_TITLE} 字，内容最多 {MOST_LETTERS} 字")
    if plate.strip() and not rules.plain_plate(plate):
        raise UserError(f"“{plate.strip()}”不是车牌号，例：闽E12345")
    if photo and not _PHOTO.fullmatch(photo):
        raise UserError("照片须先存入本机照片夹")
    unknown = [beat for beat in area if beat not in beats()]
    if unknown:
        raise UserError(f"没有警区 {'、'.join(unknown)}")


def _number(ledger: Ledger) -> str:
    day = f"BK{ledger.now.astimezone(SHANGHAI):%Y%m%d}-"
    given = [int(row.id.removeprefix(day)) for row in ledger.where(Bulletin) if row.id.startswith(day)]
    return f"{day}{max(given, default=0) + 1}"


def _receipt(ledger: Ledger, bulletin: Bulletin, recipient: str, own: str) -> BulletinReceipt:
    name, channel = _name_and_channel(ledger, recipient)
    mine = recipient == own
    return BulletinReceipt(
        id=f"{bulletin.id}@{recipient}",
        bulletin=bulletin.id,
        recipient=recipient,
        name=name,
        channel=channel,
        state="READ" if mine else "SENT",
        told_by=ledger.act.actor if mine else "",
        told_at=ledger.now if mine else None,
        sent_at=ledger.now,
    )


def told(ledger: Ledger, *, receipt: str, state: str, by: str = "", text: str = "", title: str = "") -> bool:
    """Somebody has read it, answered it, or could not be told; answers whether that was news.

    Words that come with a second READ are what he rang back with: his answer, and kept.
    A seat that was not named when it was issued receipts it all the same (`<bulletin>@seat:05`). With a `title` only a
    bulletin of that title is meant: another seat may have got the number.
    """
    if state not in TOLD:
        raise UserError(f"不认识的回执：{state}")
    key, _, recipient = receipt.partition("@")
    bulletin = _meant(ledger, key, title)
    found = ledger.get(BulletinReceipt, receipt)
    if found is None and not recipient.startswith(SEAT):
        raise UserError(f"没有通知过这个接收方：{recipient}")
    before, words = (found.state, found.text) if found is not None else ("SENT", "")
    if state == "READ" and before in rules.ANSWERED and text.strip() not in ("", words):
        state = "ANSWERED"
    if (before == state and not text) or (before in rules.ANSWERED and state in ("READ", "FAILED")):
        return False
    if bulletin.cancelled_at is not None:
        raise UserError(f"{bulletin.short} 已撤销")
    ledger.record(BulletinTold(incident=bulletin.incident, receipt=receipt, state=state, by=by, text=text.strip()))
    return True


def cancel(ledger: Ledger, *, bulletin: str, reason: str, title: str = "") -> None:
    """It is no longer looked for: the same machines tell everybody they told. `title` as in `told`."""
    found = _meant(ledger, bulletin, title)
    if found.cancelled_at is not None:
        raise UserError(f"{found.short} 已撤销")
    if not reason.strip():
        raise UserError("撤销须写明理由")
    sent = ledger.where(BulletinReceipt, bulletin=found.id)
    ledger.record(BulletinCancelled(incident=found.incident, bulletin=found.id, reason=reason.strip()))
    for receipt in sent:
        _send(ledger, receipt, CANCEL, cancel_text(found, reason.strip()))


def _meant(ledger: Ledger, key: str, title: str) -> Bulletin:
    found = need(ledger, Bulletin, key)
    if title not in ("", found.title):
        raise UserError(f"{found.short} 现在是“{found.title}”，不是“{title}”，请核对后再操作")
    return found


# -- on its way ------------------------------------------------------------------------------------------------------


def issue_text(bulletin: Bulletin) -> str:
    """The words as they are read on a telephone or a vehicle's terminal."""
    until = f"{bulletin.until.astimezone(SHANGHAI):%m-%d %H:%M}"
    named = "；".join(filter(None, [_plate(bulletin), f"人员 {bulletin.person}" if bulletin.person else ""]))
    lines = [f"【{BULLETIN_KINDS[bulletin.kind]}】{bulletin.title}", named, bulletin.text, f"有效至 {until}"]
    return "\n".join(filter(None, [*lines, f"编号 {bulletin.short}，发现即报 110"]))


def cancel_text(bulletin: Bulletin, reason: str) -> str:
    """The word that it is over."""
    return f"【撤销{BULLETIN_KINDS[bulletin.kind]}】{bulletin.short} {bulletin.title} 已撤销\n原因：{reason}"


def _plate(bulletin: Bulletin) -> str:
    return f"车牌 {bulletin.plate}" if bulletin.plate else ""


def _send(ledger: Ledger, receipt: BulletinReceipt, purpose: str, text: str) -> None:
    for _, number in _ways(ledger, receipt.recipient)[1]:
        if number:
            # The act may be carried out again from the spool: the same rows then.
            name = f"{ledger.act.act_id}\n{receipt.recipient}\n{purpose}\n{number}"
            row = OutboxMessage(
                id=str(uuid5(NAMESPACE_OID, name)),
                number=number,
                text=text,
                purpose=purpose,
                about=receipt.id,
                queued_at=ledger.now,
            )
            ledger.record(MessageQueued(message=row))


def message_moved(ledger: Ledger, message: OutboxMessage, act: str, why: str = "") -> None:
    """A row of the outbox moved: the receipt it is about knows. Called within the row's own act."""
    receipt = ledger.get(BulletinReceipt, message.about) if message.purpose == PURPOSE else None
    if receipt is None or receipt.state not in ("SENT", "FAILED"):
        return
    state = {"deliver": "DELIVERED", "fail": "FAILED"}.get(act, "")
    rest = [row for row in ledger.where(OutboxMessage, about=message.about, purpose=PURPOSE) if row.id != message.id]
    if state == "FAILED" and any(row.open for row in rest):
        return  # Another way is still open.
    if state and state != receipt.state:
        about = need(ledger, Bulletin, receipt.bulletin).incident
        by = "车载终端" if message.number.startswith("jt808:") else "短信"
        ledger.record(BulletinTold(incident=about, receipt=receipt.id, state=state, by=by, text=why))


# -- reading ---------------------------------------------------------------------------------------------------------


def in_force(state: State, now: datetime) -> list[Bulletin]:
    """What is looked for now, the newest first."""
    return sorted((b for b in state.where(Bulletin) if b.in_force(now)), key=lambda b: (b.since, b.id), reverse=True)


def ended(state: State, now: datetime) -> list[Bulletin]:
    """What is over or was cancelled, the last to end first."""
    over = [b for b in state.where(Bulletin) if not b.in_force(now)]
    return sorted(over, key=lambda b: (b.cancelled_at or b.until, b.id), reverse=True)


def unread(state: State, seat: str, now: datetime) -> list[Bulletin]:
    """What is in force and nobody at this seat has opened."""

    def is_read(bulletin: Bulletin) -> bool:
        receipt = state.get(BulletinReceipt, f"{bulletin.id}@{SEAT}{seat}")
        return receipt is not None and receipt.state in rules.ANSWERED

    return [bulletin for bulletin in in_force(state, now) if not is_read(bulletin)]


def receipts_of(state: State, bulletin: str) -> list[BulletinReceipt]:
    """Who was told: who has not been reached first, then who has not answered, then the rest."""
    order = {"FAILED": 0, "SENT": 1, "DELIVERED": 2}
    rows = state.where(BulletinReceipt, bulletin=bulletin)
    return sorted(rows, key=lambda row: (order.get(row.state, 3), row.recipient))


def by_short(state: State, word: str) -> Bulletin:
    """The bulletin of a typed number (BK20261121-3, 1121-3, 3), the newest of several; UserError if there is none."""
    wanted = word.upper().removeprefix("BK")
    rows = sorted(state.where(Bulletin), key=lambda row: row.since, reverse=True)
    found = next((b for b in rows if wanted and (b.id[2:] == wanted or b.short[2:] == wanted)), None)
    found = found or next((b for b in rows if wanted and b.id.rpartition("-")[2] == wanted), None)
    if found is None:
        raise UserError(f"没有这条布控通播：{word}" if word else "请写明布控通播的编号")
    return found
