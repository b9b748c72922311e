"""What the buttons of the incident column do: each asks what must be asked, then carries out one act.

The desk's own guards have the last word; their refusals reach the person through `tasks`. The panel owns this.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from console.domain.errors import EnvironmentFault
from console.domain.handoff import HANDOFF, HANDOFF_CHAIN, HANDOFF_LABELS, WAITING_FOR_AGENCY, Handoff
from console.domain.incident import Incident
from console.services.approvals import can_ask
from console.services.desk import Desk
from console.services.handoffs import AGENCY_ACTS
from console.services.sight import visible
from widgets.afterwards import answered
from widgets.allowed import OF_HANDOFF, why_not
from widgets.panels.ask import Answer, AskSheet, Question
from widgets.panels.closing import Step, act_name
from widgets.panels.finder import Choice
from widgets.panels.orders import LEAD, RADIO, STEPS
from widgets.tasks import Tasks
from widgets.text import word
from widgets.wording import outcome_name

PrintSlip = Callable[[str], Awaitable[Path]]
"""Makes and journals the slip of a handoff and answers its file (`services.printing.Printing.slip`)."""

OUTCOMES = ("satisfied", "dissatisfied", "unreached", "declined")
WITH_REASON = {
    "send_back": "incident.send_back",
    "reopen": "incident.reopen",
    "unmerge": "incident.unmerge",
    "invalidate": "incident.invalidate",
    "hand_off": "incident.hand_off",
}


class IncidentActs:
    """The acts on one desk, asked through one sheet."""

    def __init__(self, desk: Desk, tasks: Tasks, sheet: AskSheet, print_slip: PrintSlip) -> None:
        self._desk, self._tasks, self._sheet, self._print_slip = desk, tasks, sheet, print_slip

    def do(self, name: str, /, **args: Any) -> None:
        """Carry out an act without asking."""
        self._tasks.start(self._desk.do(name, **args), name)

    def _then(self, act: str, fixed: Mapping[str, Any], _: str, said: Mapping[str, str]) -> None:
        """The fields of the sheet are the act's own arguments."""
        self.do(act, **fixed, **said)

    def _ask_reason(self, title: str, answer: str, act: str, *, optional: bool = False, **fixed: Any) -> None:
        question = Question("reason", QCoreApplication.translate("Acts", "理由"))
        needs = () if optional else ("reason",)
        if why_not(self._desk, act, **fixed) and can_ask(act):
            title = QCoreApplication.translate("Acts", "{title} · 须双人审批").format(title=title)
            asking = Answer("ask", QCoreApplication.translate("Acts", "请他人审批"), ("reason",))
            self._sheet.ask(title, [question], [asking], partial(self._ask_approval, act, fixed))
            return
        self._sheet.ask(title, [question], [Answer("do", answer, needs)], partial(self._then, act, fixed))

    def _ask_approval(self, act: str, fixed: Mapping[str, Any], _: str, said: Mapping[str, str]) -> None:
        """Another person is asked; what was typed is the reason of both, the request and the act."""
        self._tasks.start(self._asked_approval(act, {**fixed, **said}, said["reason"]), "approval.ask")

    async def _asked_approval(self, act: str, args: Mapping[str, Any], reason: str) -> None:
        await self._desk.do("approval.ask", act=act, args=args, reason=reason)
        self._tasks.messages.info(QCoreApplication.translate("Acts", "已提交审批，等待他人批准"))

    # -- handoffs ------------------------------------------------------------------------------------------------

    def send_handoff(self, incident: Incident, agency: str, channel: str) -> None:
        """Instruct an agency, or open what may be done with its running handoff."""
        running = [h for h in self._desk.picture.handoffs(incident.number) if h.agency == agency and h.open]
        if running:
            self.open_handoff(running[-1])
        elif channel == "phone":
            self._ask_person(incident, agency)
        else:
            self._tasks.start(self.send_now(incident.number, agency, channel, ""), "handoff.send")

    def _ask_person(self, incident: Incident, agency: str) -> None:
        pattern = QCoreApplication.translate("Acts", "{short} · 电话通知{agency}（{phone}）")
        found = self._desk.reference.agencies[agency]
        title = pattern.format(short=incident.short, agency=found.short, phone=found.phone_text)
        question = Question("by", QCoreApplication.translate("Acts", "接听人"))
        answer = Answer("send", QCoreApplication.translate("Acts", "已通知，记录"), ("by",))
        self._sheet.ask(title, [question], [answer], partial(self._phoned, incident.number, agency))

    def _phoned(self, number: str, agency: str, _: str, said: Mapping[str, str]) -> None:
        self._tasks.start(self.send_now(number, agency, "phone", said["by"]), "handoff.send")

    async def send_now(self, number: str, agency: str, channel: str, by: str) -> None:
        """Send; by slip the paper is made as soon as it is on the screen that it is sent."""
        handoff = await self._desk.send_handoff(number, agency, channel=channel, by=by)
        if channel == "slip":
            await answered()
            await self.print_now(handoff)

    async def print_now(self, handoff: str) -> None:
        """Make the slip; the handoff stands, even if the printer does not."""
        try:
            await self._print_slip(handoff)
        except (OSError, EnvironmentFault) as fault:
            pattern = QCoreApplication.translate("Acts", "联动派单已发出，派单纸未印成：{why}；请改用电话通知")
            self._tasks.messages.error(pattern.format(why=fault))

    def open_handoff(self, handoff: Handoff) -> None:
        """Every act that is possible now, recorded on behalf (电话代录)."""
        agency = self._desk.reference.agencies.get(handoff.agency)
        name = word(agency.short) if agency is not None else handoff.agency
        questions = [
            Question("by", QCoreApplication.translate("Acts", "经办人")),
            Question("text", QCoreApplication.translate("Acts", "内容或理由")),
        ]
        if HANDOFF.may(handoff.state, "return"):
            hint = QCoreApplication.translate("Acts", "退回时填写")
            label = QCoreApplication.translate("Acts", "建议单位")
            questions.append(Question("suggested", label, hint, self.find_agencies))
        title = f"{handoff.id.rpartition('-')[2]} {name} · {word(HANDOFF_LABELS[handoff.state])}"
        answers = [replace(answer, why=self._why_not(handoff, answer.key)) for answer in handoff_answers(handoff)]
        self._sheet.ask(title, questions, answers, partial(self._handoff_act, handoff.id))

    def _why_not(self, handoff: Handoff, answer: str) -> str:
        return why_not(self._desk, OF_HANDOFF.get(answer, "handoff.report"), handoff=handoff.id)

    def _handoff_act(self, handoff: str, act: str, said: Mapping[str, str]) -> None:
        by, text = said["by"], said["text"]
        if act == "print":
            self._tasks.start(self.print_now(handoff), "print slip")
        elif act in ("refuse", "return"):
            suggested = said.get("suggested", "")
            self.do("handoff.report", handoff=handoff, act=act, by=by, reason=text, suggested=suggested)
        elif act in AGENCY_ACTS:
            self.do("handoff.report", handoff=handoff, act=act, by=by, text=text)
        elif act in ("resend", "reassign"):
            self.do("handoff.rule", handoff=handoff, act=act, reason=text)
        elif act == "cancel":
            self.do("handoff.cancel", handoff=handoff, reason=text)
        elif act == "close":
            self.do("handoff.close", handoff=handoff)
        else:
            self.do(f"handoff.{act}", handoff=handoff, text=text)

    def find_agencies(self, text: str) -> list[Choice]:
        """Agencies for the finder: short name, full name."""
        return [
            Choice(agency.id, word(agency.short), word(agency.name))
            for agency in self._desk.reference.find_agencies(text)
        ]

    def choose_agency(self, incident: Incident, channel: str) -> None:
        """Ctrl+L: any agency, by words or initials."""
        title = QCoreApplication.translate("Acts", "{short} · 联动其他单位").format(short=incident.short)
        hint = QCoreApplication.translate("Acts", "单位、职责词或拼音首字母")
        question = Question("agency", QCoreApplication.translate("Acts", "单位"), hint, self.find_agencies)
        answer = Answer("send", QCoreApplication.translate("Acts", "发送"), ("agency",))
        self._sheet.ask(title, [question], [answer], partial(self._chosen_agency, incident, channel))

    def _chosen_agency(self, incident: Incident, channel: str, _: str, said: Mapping[str, str]) -> None:
        self.send_handoff(incident, said["agency"], channel)

    # -- units ---------------------------------------------------------------------------------------------------

    def unit_step(self, incident: Incident, unit: str, step: str) -> None:
        """A report on behalf of a unit, or its withdrawal."""
        if step == "withdraw":
            title = QCoreApplication.translate("Acts", "{short} · 撤回 {unit}").format(short=incident.short, unit=unit)
            self._ask_reason(title, QCoreApplication.translate("Acts", "撤回"), "unit.withdraw", unit=unit)
        elif step in ("report", "feedback"):
            self._ask_words(incident, unit, step)
        elif step == LEAD:
            self.do("unit.lead", incident=incident.number, unit=unit)
        elif step == RADIO:
            orders = [o for o in self._desk.picture.orders(incident.number) if o.unit == unit and o.open]
            self.do("order.radio", assignment=orders[-1].id)
        elif step in STEPS:
            self.do("unit.report", unit=unit, step=step, on_behalf=True)

    def _ask_words(self, incident: Incident, unit: str, step: str) -> None:
        feedback = step == "feedback"
        pattern = (
            QCoreApplication.translate("Acts", "{short} · {unit} 反馈处理结果")
            if feedback
            else QCoreApplication.translate("Acts", "{short} · {unit} 报现场情况")
        )
        fixed: dict[str, Any] = {"unit": unit, "step": step, "on_behalf": True}
        if feedback:
            fixed["code"] = incident.kind
        self._sheet.ask(
            pattern.format(short=incident.short, unit=unit),
            [Question("text", QCoreApplication.translate("Acts", "内容"))],
            [Answer("do", QCoreApplication.translate("Acts", "代录"), ("text",))],
            partial(self._then, "unit.report", fixed),
        )

    # -- the incident --------------------------------------------------------------------------------------------

    def step(self, incident: Incident, step: Step) -> None:
        """A button of the closing card."""
        number = incident.number
        if step.act == "handoff":
            handoff = self._desk.picture.state.get(Handoff, step.subject)
            if handoff is not None:
                self.open_handoff(handoff)
        elif step.act == "reset":
            self.do("alarm.reset", alarm=step.subject)
        elif step.act == "confirm":
            self.do("alarm.judge", alarm=step.subject, verdict="confirm")
        elif step.act.startswith("judge_"):
            title = f"{incident.short} · {step.text}"
            self._ask_reason(title, step.text, "alarm.judge", alarm=step.subject, verdict=step.act)
        elif step.act in ("answer", "review"):
            self.do(f"incident.{step.act}", incident=number)
        elif step.act == "close":
            self._tasks.start(self._desk.close_incident(number), "incident.close")
        elif step.act in WITH_REASON:
            title = f"{incident.short} · {act_name(step.act)}"
            optional = step.act == "hand_off"
            self._ask_reason(title, step.text, WITH_REASON[step.act], optional=optional, incident=number)
        else:
            self._ask_text(incident, step)

    def _ask_text(self, incident: Incident, step: Step) -> None:
        """Result, callback, remark: words that go with the incident."""
        title = f"{incident.short} · {act_name(step.act)}"
        question = Question("text", QCoreApplication.translate("Acts", "内容"))
        fixed: dict[str, Any] = {"incident": incident.number}
        if step.act == "callback":
            answers = [Answer(outcome, outcome_name(outcome)) for outcome in OUTCOMES]
            self._sheet.ask(title, [question], answers, partial(self._called_back, incident.number))
            return
        if step.act == "settle":
            fixed["code"] = incident.kind
        then = partial(self._then, f"incident.{step.act}", fixed)
        self._sheet.ask(title, [question], [Answer("do", step.text, ("text",))], then)

    def _called_back(self, number: str, outcome: str, said: Mapping[str, str]) -> None:
        self.do("incident.callback", incident=number, outcome=outcome, text=said["text"])

    def merge(self, incident: Incident) -> None:
        """Ctrl+M: this incident is a duplicate of another open one."""
        title = QCoreApplication.translate("Acts", "{short} · 作为重复警情并入").format(short=incident.short)
        hint = QCoreApplication.translate("Acts", "警情号、地点或标题")
        label = QCoreApplication.translate("Acts", "主警情")
        question = Question("into", label, hint, partial(self._find_incidents, incident.number))
        answer = Answer("do", QCoreApplication.translate("Acts", "并入"), ("into",))
        then = partial(self._then, "incident.merge", {"incident": incident.number})
        self._sheet.ask(title, [question], [answer], then)

    def _find_incidents(self, but: str, text: str) -> list[Choice]:
        typed = text.strip()
        found = [i for i in visible(self._desk) if i.open and i.number != but]
        fitting = [i for i in found if typed in i.number or typed in i.place or typed in i.title]
        return [Choice(i.number, i.short, f"{word(i.title)} {i.place}".strip()) for i in fitting]


def handoff_answers(handoff: Handoff) -> list[Answer]:
    """The acts that are possible now: the agency's next steps, refusal and return, urging, ruling, the end."""
    possible = HANDOFF.acts(handoff.state)
    reached = next((n for n, step in enumerate(HANDOFF_CHAIN) if step in possible), len(HANDOFF_CHAIN))
    acts = [act for act in HANDOFF_CHAIN[reached:] if act != "send"] if possible else []
    acts += [act for act in possible if act not in acts and act != "send"]
    needs = {
        "result": ("text",),
        "refuse": ("by", "text"),
        "return": ("by", "text"),
        "cancel": ("text",),
        "resend": ("text",),
        "reassign": ("text",),
        "call_back": ("text",),
    }
    answers = [Answer(act, word(HANDOFF.words[act]), needs.get(act, ())) for act in acts]
    if handoff.state in WAITING_FOR_AGENCY:
        answers.append(Answer("urge", QCoreApplication.translate("Acts", "催办")))
    if handoff.open:
        answers.append(Answer("print", QCoreApplication.translate("Acts", "印派单纸")))
    return answers
