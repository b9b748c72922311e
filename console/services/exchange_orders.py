"""Orders to the telephone exchange: rows of the outbox that a CTI line carries out, and what follows when it cannot.

The seat that wants a call answered is rarely the host that receives the exchange's line, so an order stands in the
journal like a text; the host with the line hands it over as soon as it sees it (`exchange_worker`). What the exchange
says is what counts: holding a call is a fact when it is held, and a claim whose answer failed rings again.
"""

from datetime import datetime, timedelta

from console.domain.call import Call
from console.domain.desk_facts import CallMoved
from console.domain.equipment_facts import CallEnded, MessageQueued
from console.domain.errors import UserError
from console.domain.ledger import Ledger
from console.domain.outbox import OutboxMessage
from console.domain.site import Line, LineState
from console.domain.state import State
from console.services.order_sending import EXCHANGE

CTI = "cti"

WORDS = {"answer": "接起", "hold": "保留", "resume": "取回", "transfer": "转接", "end": "挂机", "dial": "拨号"}
REASONS = {
    "the extension is busy": "话机占线",
    "nobody answered": "无人接听",
    "there is no such call any more": "这个电话已经没有了",
    "there is no such extension": "交换机没有这个席位的分机",
    "the call is not in a state for it": "电话现在不能这样操作",
    "no outgoing line is free": "没有空闲外线",
    "the line was lost": "交换机线路断开",
    "the exchange did not answer": "交换机没有应答",
    "too many orders wait": "待执行的操作太多",
}
"""A driver's words for why an order failed, in ours."""
GONE = REASONS["there is no such call any more"]

TOLD_WITHIN = timedelta(minutes=10)
"""A line that is heard says so every five minutes; one that says UP and nothing since has lost its host."""

AGAIN = "~"
"""Before the count in the key of a call whose name an exchange gave away a second time; no name holds it."""


def call_key(line: str, name: str) -> str:
    """The desk's key of a call that an exchange names so."""
    return f"{CTI}:{line}:{name}"


def call_name(line: str, key: str) -> str:
    """What the exchange calls the call of a key."""
    return key.removeprefix(call_key(line, "")).split(AGAIN)[0]


def is_exchange(call: Call) -> bool:
    """Whether an exchange carries the call, so that orders go to it; a modem's calls are only recorded."""
    return call.id.startswith(f"{CTI}:")


def line_up(state: State, name: str) -> bool:
    """Whether some host receives the exchange's line now."""
    line = state.get(Line, name)
    return line is not None and line.state is LineState.UP


def tells_end(state: State, call: Call, now: datetime) -> bool:
    """Whether the call's end will be told: an exchange carries it, and some host receives the line."""
    line = state.get(Line, call.line)
    if not is_exchange(call) or line is None or line.state is not LineState.UP:
        return False
    return now - max(line.since, line.last_heard or line.since) <= TOLD_WITHIN


def dialling_line(state: State) -> str:
    """The line by which numbers are dialled, '' for none: of the exchanges that are up the one whose name comes
    first."""
    return min((line.name for line in state.where(Line, protocol=CTI) if line.state is LineState.UP), default="")


def order(ledger: Ledger, word: str, call: Call, *, line: str = "", giver: tuple[str, str] = ("", "")) -> None:
    """Have the exchange do something for a call, for the seat of this act; `giver` is who had it (account, seat)."""
    name = line or call.line
    if not line_up(ledger, name):
        raise UserError(f"交换机线路 {name} 未连通，请在话机上操作")
    row = OutboxMessage(
        id=f"{ledger.act.act_id}-{word}",
        number=call.number,
        text=" ".join((word, name, ledger.act.seat, *giver)).strip(),
        purpose=EXCHANGE,
        about=call.id,
        queued_at=ledger.now,
    )
    ledger.record(MessageQueued(message=row))


def parts_of(row: OutboxMessage) -> tuple[str, str, str, str, str]:
    """(word, line, seat, giver, giver's seat) of an order's row."""
    word, line, seat, *giver = row.text.split(" ")
    who, where = (*giver, "", "")[:2]
    return word, line, seat, who, where


def order_moved(ledger: Ledger, row: OutboxMessage, act: str, why: str) -> None:
    """A row moved: what a failed order leaves behind. Called within the row's own act."""
    call = ledger.get(Call, row.about) if row.purpose == EXCHANGE and act == "fail" else None
    if call is None:
        return
    word, _, seat, giver, giver_seat = parts_of(row)
    if word == "dial":
        ledger.record(CallMoved(call=call.id, act="call_back", result="unreached"))
        return
    if word == "answer" and call.taken_by and call.seat == seat and (call.in_hand or not call.incident):
        # Also one that has ended meanwhile: nobody spoke to him, so he is to be rung back.
        ledger.record(CallMoved(call=call.id, act="released"))
    elif word == "transfer" and call.in_hand and call.seat == seat:
        ledger.record(CallMoved(call=call.id, act="given", who=giver, to=giver_seat))
    if why == GONE and call.ended_at is None:
        # Its end was said and lost; without this it would ring again after each answer.
        ledger.record(CallEnded(call=call.id))


def failure_text(row: OutboxMessage) -> str:
    """A failed order in one sentence for its seat."""
    return f"{WORDS.get(parts_of(row)[0], '')}失败：{row.why}，请在话机上操作"
