"""Approval 双人审批: an act that one person asks for and another one decides. Holds 留存令 that stop every purge.

Source: domain.md E1 (INVALID not by the same call-taker), E7, B6; peers.md row 88 (legal hold wins over purge).
The act that was asked for is kept by name and arguments and carried out when it is granted, in the same transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ApprovalState(StrEnum):
    """ASKED is the only one that waits for somebody."""

    ASKED = "ASKED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


APPROVAL_LABELS = {
    ApprovalState.ASKED: "待批",
    ApprovalState.GRANTED: "已批准",
    ApprovalState.REFUSED: "未批准",
    ApprovalState.WITHDRAWN: "已撤回",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """`act` with `args` (canonical JSON) is what happens when it is granted; `about` is the key it is about."""

    id: str
    act: str
    args: str
    about: str = ""
    reason: str = ""
    state: ApprovalState = ApprovalState.ASKED
    asked_by: str
    asked_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    answer: str = ""

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.state is ApprovalState.ASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What may not be purged while it stands: an incident by number, or everything between two times."""

    id: str
    incident: str = ""
    since: datetime | None = None
    until: datetime | None = None
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str = ""
    lifted_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def stands(self) -> bool:
        return self.lifted_at is None
