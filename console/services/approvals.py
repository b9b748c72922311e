"""Approvals 双人审批: one person asks for an act, another decides, and granting carries it out in the same step.

Source: domain.md E1 (row INVALID), E7, B6. The asker needs no right to the act itself (a call-taker may propose what
a dispatcher decides); the decider needs it, and is never the asker.
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from console.domain.account import ROLE_LABELS, Role
from console.domain.approval import Approval, ApprovalState
from console.domain.errors import NotAllowed, UserError
from console.domain.facts import ApprovalAsked, ApprovalDecided
from console.domain.incident import Incident
from console.domain.ledger import ActFunction, Ledger
from console.domain.rights import may, who_may
from console.domain.state import need
from console.services import test_windows
from console.services.rights import TWO_PERSONS, refusal

WORDS: Mapping[str, str] = {
    "incident.invalidate": "作无效处理",
    "account.register": "登记账号",
    "account.import": "导入账号",
    "audit.exported": "导出未遮蔽的信息",
    "hold.lift": "解除留存令",
    "keeping.purged": "清除到期数据",
    "test_window.open": "测试报备",
}


ABOUT = ("incident", "account", "hold", "before", "file", "name")
"""The argument that says what an approval is about: the first of these that an act has."""


def can_ask(act: str) -> bool:
    """Whether this act can be asked of a second person."""
    return act in TWO_PERSONS


def words(approval: Approval) -> str:
    """What is asked for, in the user's words."""
    about = f" {approval.about}" if approval.about else ""
    details = _details(approval.act, json.loads(approval.args))
    return f"{WORDS.get(approval.act, approval.act)}{about}{f'（{details}）' if details else ''}：{approval.reason}"


def _details(act: str, args: Mapping[str, Any]) -> str:
    """What the decider must know besides what it is about: whose rights, which rows."""
    if act == "account.register":
        return _holder(args)
    if act == "account.import":
        return "；".join(f"{row.get('account', '')} {_holder(row)}" for row in args.get("accounts", ()))
    if act == "audit.exported":
        return f"日志第 {args.get('first', 0)}–{args['last']} 条" if args.get("last") else ""
    if act == "test_window.open":
        told = f"，测试人员 {args['phone']}" if args.get("phone") else ""
        return f"{args['minutes']} 分钟，期间这些防区不响警；胁迫码和其他防区照常{told}"
    return f"{args.get('rows', 0)} 条，留存令保住 {args.get('kept', 0)} 条" if act == "keeping.purged" else ""


def _holder(args: Mapping[str, Any]) -> str:
    known = (ROLE_LABELS[Role(role)] if role in ROLE_LABELS else role for role in args.get("roles", ()))
    return f"{args.get('name', '')}，{'、'.join(known)}"


def why_not_decide(approval: Approval, actor: str, roles: Collection[str]) -> str:
    """Why this person may not decide it; '' if he may."""
    if not approval.open:
        return "这项审批已有结论"
    if actor == approval.asked_by:
        return "不能审批自己提出的申请"
    return "" if may(roles, approval.act) else f"须由{who_may(approval.act)}审批"


def ask(ledger: Ledger, *, act: str, args: Mapping[str, Any], reason: str) -> str:
    """Ask a second person for the act; answers the approval's id."""
    if not can_ask(act):
        raise UserError("这项操作不需要审批")
    if not reason.strip():
        raise UserError("申请须写明理由")
    if args.get("incident"):
        # By its number: asked for by the local one it had offline it would be another application.
        args = {**args, "incident": need(ledger, Incident, str(args["incident"])).number}
    if act == "test_window.open":
        # Nobody is asked for what could not be granted; the name is for whoever decides.
        site = test_windows.check(ledger, ledger.now, **args)
        args = {**args, "name": f"{site.name} 防区 {'、'.join(args['zones'])}"}
    about = str(next((args[name] for name in ABOUT if args.get(name)), ""))
    same = [row for row in ledger.where(Approval, state=ApprovalState.ASKED) if (row.act, row.about) == (act, about)]
    if same:
        raise UserError("同一申请正在等待审批")
    asked = Approval(
        # By the act, so that it stays the same when the act is carried out anew from the spool.
        id=ledger.act.act_id,
        act=act,
        args=json.dumps(dict(args), ensure_ascii=False, sort_keys=True),
        about=about,
        reason=reason.strip(),
        asked_by=ledger.act.actor,
        asked_at=ledger.now,
    )
    ledger.record(ApprovalAsked(incident=_incident(asked), approval=asked))
    return asked.id


def _incident(approval: Approval) -> str:
    """The incident on whose timeline it is told, '' for none."""
    return str(json.loads(approval.args).get("incident", ""))


def withdraw(ledger: Ledger, *, approval: str) -> None:
    """The asker thinks better of it."""
    found = need(ledger, Approval, approval)
    if found.asked_by != ledger.act.actor:
        raise NotAllowed("只能撤回自己提出的申请")
    if not found.open:
        raise UserError("这项审批已有结论")
    state = ApprovalState.WITHDRAWN.value
    ledger.record(ApprovalDecided(incident=_incident(found), approval=found.id, state=state))


def deciding(functions: Mapping[str, ActFunction]) -> Callable[..., None]:
    """The act `approval.decide` over the table of acts it may carry out."""

    def decide(ledger: Ledger, *, approval: str, granted: bool, answer: str = "") -> None:
        """Grant or refuse; a refusal says why. Granting does what was asked for."""
        found = need(ledger, Approval, approval)
        why = why_not_decide(found, ledger.act.actor, ledger.act.roles)
        if why:
            raise NotAllowed(why)
        if not granted and not answer.strip():
            raise UserError("不批准须写明理由")
        state = ApprovalState.GRANTED if granted else ApprovalState.REFUSED
        told = {"incident": _incident(found), "approval": found.id}
        ledger.record(ApprovalDecided(**told, state=state.value, answer=answer.strip()))
        if granted:
            args = json.loads(found.args)
            problem = refusal(ledger, found.act, args, approved=True)
            if problem:
                raise NotAllowed(problem)
            functions[found.act](ledger, **args)

    return decide
