"""Requests to another zone or county 跨区、跨县协作: asked, answered by name, withdrawn.

Source: 110接处警工作规则 第二十六条. The other side has no seat here: what it says is entered by whoever has it on the
telephone, with the name of who said it.
"""

from collections.abc import Mapping

from console.domain.desk_facts import HelpAnswered, HelpAsked
from console.domain.errors import UserError
from console.domain.incident import ENDED, Incident
from console.domain.ledger import Ledger
from console.domain.report_up import HelpRequest
from console.domain.state import State, need

KINDS: Mapping[str, str] = {"zone": "跨区", "county": "跨县"}
STATES: Mapping[str, str] = {"ASKED": "等待答复", "ACCEPTED": "同意", "REFUSED": "不同意", "WITHDRAWN": "已撤回"}


def ask(ledger: Ledger, *, incident: str, kind: str, recipient: str, text: str) -> str:
    """Ask a zone or county for help; answers the request's id."""
    target = need(ledger, Incident, incident)
    if target.state in ENDED:
        raise UserError(f"警情{target.short}已结束，不能再请求协作")
    if kind not in KINDS:
        raise UserError(f"协作种类须为{'、'.join(KINDS.values())}")
    if not (recipient.strip() and text.strip()):
        raise UserError("请写明向谁请求协作、请求什么")
    before = ledger.where(HelpRequest, incident=target.number)
    if any(row.open and row.recipient == recipient.strip() for row in before):
        raise UserError(f"已在等{recipient.strip()}答复")
    request = HelpRequest(
        id=f"{target.number}!{len(before) + 1}",
        incident=target.number,
        kind=kind,
        recipient=recipient.strip(),
        text=text.strip(),
        asked_at=ledger.now,
        asked_by=ledger.act.actor,
    )
    ledger.record(HelpAsked(incident=target.number, request=request))
    return request.id


def answer(ledger: Ledger, *, request: str, state: str, by: str, answer: str = "", recipient: str = "") -> None:
    """What the other side said, and who said it; a refusal needs its reason.

    With a `recipient` only a request to that one is meant: another seat may have got the number.
    """
    found = _open(ledger, request, recipient)
    if state not in ("ACCEPTED", "REFUSED"):
        raise UserError("答复须为同意或不同意")
    if not by.strip():
        raise UserError("请写明对方答复人")
    if state == "REFUSED" and not answer.strip():
        raise UserError("对方不同意，请写明理由")
    said = {"state": state, "by": by.strip(), "answer": answer.strip()}
    ledger.record(HelpAnswered(incident=found.incident, request=found.id, **said))


def withdraw(ledger: Ledger, *, request: str, reason: str = "", recipient: str = "") -> None:
    """The help is not needed any more; `recipient` as in `answer`."""
    found = _open(ledger, request, recipient)
    ledger.record(HelpAnswered(incident=found.incident, request=found.id, state="WITHDRAWN", answer=reason.strip()))


def _open(ledger: Ledger, request: str, recipient: str) -> HelpRequest:
    found = need(ledger, HelpRequest, request)
    if recipient not in ("", found.recipient):
        raise UserError(f"这个请求现在是向{found.recipient}的，不是向{recipient}的，请核对后再操作")
    if not found.open:
        raise UserError(f"向{found.recipient}的请求已有结果（{STATES[found.state]}）")
    return found


def open_requests(state: State, incident: str = "") -> list[HelpRequest]:
    """Requests that wait for an answer, the oldest first; of one incident, or of all for the chief's board."""
    equal = {"incident": incident} if incident else {}
    return sorted((r for r in state.where(HelpRequest, **equal) if r.open), key=lambda row: row.asked_at)
