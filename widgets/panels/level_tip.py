"""Why an incident has its level, told when a hand rests on it: every reason, gravest first, and a person's own word.

Worked out only when it is asked for: the head is drawn anew far more often than anybody asks.
"""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from console.domain.facts import Fact, PriorityChanged
from console.domain.incident import Incident
from console.domain.priority import LEVELS
from console.services import priorities
from console.services.desk import Desk
from widgets.text import clock_text, said, word


def level_reasons(desk: Desk, incident: Incident, facts: Sequence[Fact]) -> str:
    """One reason a line; what a person changed last stands first, for it is what holds."""
    lines = [said(reason.said) for reason in priorities.reasons_with_answers(
        desk.picture.state, incident, desk.reference.protocols
    )]  # fmt: skip
    by_hand = [fact for fact in facts if _by_person(fact)]
    if by_hand:
        body = by_hand[-1].body
        assert isinstance(body, PriorityChanged)
        pattern = QCoreApplication.translate("LevelTip", "{at} {who} 改为{level}：{reason}")
        fields = {"at": clock_text(by_hand[-1].at), "who": by_hand[-1].actor, "level": word(LEVELS[body.new])}
        lines.insert(0, pattern.format(**fields, reason=body.reason or "—"))
    return "\n".join(lines) or QCoreApplication.translate("LevelTip", "没有记下级别的理由")


def _by_person(fact: Fact) -> bool:
    return isinstance(fact.body, PriorityChanged) and not fact.body.reason.startswith(priorities.AUTOMATIC)
