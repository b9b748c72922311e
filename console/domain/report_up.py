"""Reporting up 报告上级: who has to be told of a major incident 重大警情, and who was told when.

Source: 潢川县 2021 第七条（一）2; 公安部 110接处警工作规则 第十五条: report at once, while the handling goes on.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportUp:
    """One row of the list. `id` is `<incident>^<recipient>`; `told_at` is set when the person was really told."""

    id: str
    incident: str
    recipient: str
    name: str
    phone: str = ""
    channel: str = "phone"
    text: str = ""
    asked_at: datetime
    asked_by: str
    told_at: datetime | None = None
    told_by: str = ""
    answer: str = ""

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpRequest:
    """A request to another zone or county 跨区、跨县协作 for help on an incident. `id` is `<incident>!<n>`.

    state: ASKED, ACCEPTED, REFUSED, WITHDRAWN.
    """

    id: str
    incident: str
    kind: str
    recipient: str
    text: str
    state: str = "ASKED"
    asked_at: datetime
    asked_by: str
    answered_at: datetime | None = None
    answered_by: str = ""
    answer: str = ""

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.state == "ASKED"
