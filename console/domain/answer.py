"""Answer 问询答复: what the caller said to one question of a protocol 接警问询要点, or that it was skipped."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer as it stands; an earlier one stays in the journal.

    `id` is `<incident number>?<question id>`. `value` is the option's id or what was typed, `text` the words a person
    reads. A question that was passed over is `skipped`, with its reason where one was given.
    """

    id: str
    incident: str
    protocol: str
    question: str
    value: str = ""
    text: str = ""
    skipped: bool = False
    reason: str = ""
    answered_by: str
    at: datetime

    @property
    def key(self) -> str:
        return self.id
