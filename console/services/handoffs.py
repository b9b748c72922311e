"""Acts on handoffs 联动派单: send, record what the agency reports, urge, rule, cancel.

Source: domain.md E2; 漳平市 2023 第十二条 (deadline from the instruction), 潢川县 2021 第七条 (duties). The
deadline is fixed when the handoff is drafted and stored with it, so that a later change of the tables never
moves a running promise.

An act says by `agency` whose handoff it means besides its number: numbers count, and one given while the
journal was away may be another agency's there.
"""

from typing import Any

from console.domain.errors import UserError
from console.domain.facts import HandoffDrafted, HandoffMoved, HandoffUrged, SlipPrinted
from console.domain.handoff import HANDOFF, HANDOFF_CHAIN, WAITING_FOR_AGENCY, Handoff, HandoffState
from console.domain.incident import ENDED, Incident
from console.domain.ledger import Ledger
from console.domain.reference import Agency, Reference
from console.domain.state import need

CHANNELS = {"slip": "派单纸", "phone": "电话代录"}
AGENCY_ACTS = (*HANDOFF_CHAIN[1:], "refuse", "return")
"""What an agency does itself, or the desk on its behalf."""


def terms(reference: Reference, agency: Agency, duty_id: str, *, urban: bool, priority: int) -> dict[str, Any]:
    """The arguments of `send` that come from the tables: duty, legal basis and limits in seconds.

    An empty or foreign `duty_id` stands for the agency's default duty.
    """
    own = {duty.id: duty for duty in agency.duties}
    duty = own.get(duty_id) or agency.duty()
    limits = reference.handoff(priority)
    return {
        "duty": duty.id,
        "basis": reference.basis(duty.id).text,
        "sign_s": limits.sign_s,
        "arrive_s": limits.arrive_s(agency, duty, urban=urban),
        "feedback_s": limits.feedback_s,
    }


def send(
    ledger: Ledger,
    *,
    incident: str,
    agency: str,
    agency_name: str = "",
    duty: str = "",
    basis: str = "",
    channel: str = "slip",
    sign_s: int | None = 300,
    arrive_s: int | None = None,
    feedback_s: int | None = 1800,
    by: str = "",
    text: str = "",
) -> str:
    """One key: the agency is instructed and its clock runs from now. Answers the handoff's id.

    By phone the person spoken to is recorded and the instruction counts as delivered (电话代录). An agency
    with an open handoff on this incident is not sent a second one (UserError); it can be urged.
    """
    target = need(ledger, Incident, incident)
    if target.state in ENDED:
        raise UserError(f"警情{target.short}已结束，不能联动派单")
    if channel not in CHANNELS:
        raise UserError(f"不认识的送达方式：{channel}")
    others = ledger.where(Handoff, incident=target.number)
    if any(h.agency == agency and h.open for h in others):
        raise UserError(f"{agency_name or agency}已有在办派单，可催办")
    handoff = Handoff(
        id=f"{target.number}#{len(others) + 1}",
        incident=target.number,
        agency=agency,
        duty=duty,
        channel=channel,
        sign_s=sign_s,
        arrive_s=arrive_s,
        feedback_s=feedback_s,
        basis=basis,
        text=text,
        t_draft=ledger.now,
    )
    ledger.record(HandoffDrafted(incident=target.number, handoff=handoff))
    _move(ledger, handoff.id, "send", channel=channel)
    if channel == "phone":
        _move(ledger, handoff.id, "deliver", channel=channel, by=by, on_behalf=True)
    return handoff.id


def _meant(ledger: Ledger, handoff: str, agency: str) -> Handoff:
    """The handoff by its number if it is this agency's, else the agency's last one on the incident."""
    if not agency:
        return need(ledger, Handoff, handoff)
    number, _, count = handoff.partition("#")
    target = need(ledger, Incident, number)
    own = [h for h in ledger.where(Handoff, incident=target.number) if h.agency == agency]
    if not own:
        raise UserError(f"警情{target.short}没有给该单位的联动派单")
    return next((h for h in own if h.id.rpartition("#")[2] == count), max(own, key=lambda h: h.t_draft))


def _move(ledger: Ledger, handoff: str, act: str, agency: str = "", **said: Any) -> None:
    found = _meant(ledger, handoff, agency)
    HANDOFF.next(found.state, act)
    ledger.record(HandoffMoved(incident=found.incident, handoff=found.id, act=act, **said))


def report(
    ledger: Ledger,
    *,
    handoff: str,
    act: str,
    by: str = "",
    text: str = "",
    reason: str = "",
    suggested: str = "",
    on_behalf: bool = True,
    agency: str = "",
) -> None:
    """What the agency did: deliver … result, refuse, return. Entered by the desk it is marked 电话代录.

    Refusing and returning need a reason and the name of the person; returning names a better unit if known.
    """
    found = _meant(ledger, handoff, agency)
    if act not in AGENCY_ACTS:
        raise UserError(f"不认识的联动反馈：{act}")
    if act in ("refuse", "return") and not (reason.strip() and by.strip()):
        raise UserError("拒绝或退回须记明理由和经办人")
    if act == "result" and not text.strip():
        raise UserError("请填写处置结果")
    if act in HANDOFF_CHAIN:
        _imply(ledger, found, act, by=by, on_behalf=on_behalf)
    _move(ledger, found.id, act, by=by, text=text, reason=reason, suggested=suggested, on_behalf=on_behalf)


def _imply(ledger: Ledger, handoff: Handoff, act: str, *, by: str, on_behalf: bool) -> None:
    """Fill in the steps that a report further along implies, up to the one from which the table allows it."""
    for step in HANDOFF_CHAIN[: HANDOFF_CHAIN.index(act)]:
        state = need(ledger, Handoff, handoff.id).state
        if HANDOFF.may(state, act):
            return
        if HANDOFF.may(state, step):
            _move(ledger, handoff.id, step, by=by, on_behalf=on_behalf, implied=True)


def urge(ledger: Ledger, *, handoff: str, text: str = "", agency: str = "") -> None:
    """催办: counted, never a state; possible while something is owed."""
    found = _meant(ledger, handoff, agency)
    if found.state not in WAITING_FOR_AGENCY:
        raise UserError(f"联动派单“{HANDOFF.labels[found.state]}”时不能催办")
    ledger.record(HandoffUrged(incident=found.incident, handoff=found.id, text=text))


def rule(ledger: Ledger, *, handoff: str, act: str, reason: str, agency: str = "") -> None:
    """The chief's word on a refused or returned handoff: 'resend' (责令执行) or 'reassign' (另派他单位)."""
    if act not in ("resend", "reassign"):
        raise UserError(f"不认识的裁定：{act}")
    if not reason.strip():
        raise UserError("裁定须写明理由")
    _move(ledger, handoff, act, agency, reason=reason)


def cancel(ledger: Ledger, *, handoff: str, reason: str, agency: str = "") -> None:
    """The instruction is taken back; the agency must be told, so a reason is asked."""
    if not reason.strip():
        raise UserError("撤销须写明理由")
    _move(ledger, handoff, "cancel", agency, reason=reason)


def call_back(ledger: Ledger, *, handoff: str, text: str, agency: str = "") -> None:
    """The caller was asked about the agency's work."""
    _move(ledger, handoff, "call_back", agency, text=text)


def close(ledger: Ledger, *, handoff: str, agency: str = "") -> None:
    """The promise is kept and the result recorded."""
    _move(ledger, handoff, "close", agency)


def slip_printed(ledger: Ledger, *, handoff: str, file: str, agency: str = "") -> None:
    """A slip was made; handing it over is what delivers it."""
    found = _meant(ledger, handoff, agency)
    if found.state is HandoffState.CANCELLED:
        raise UserError("派单已撤销")
    ledger.record(SlipPrinted(incident=found.incident, handoff=found.id, file=file))
