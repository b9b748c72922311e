"""Link 关联: two incidents that belong together and yet are two, and a unit's stacked jobs 叠放.

A duplicate is merged instead (`facts.IncidentMerged`). Terms: NENA EIDO `linkComponent` and `stackedOnIncidentId`.
"""

from dataclasses import dataclass
from datetime import datetime

LINK_KINDS = {"child": "子警情", "related": "相关警情"}
"""What `other` is to `incident`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLink:
    """`other` is a child of `incident`, or related to it. `id` is `<incident>~<other>`."""

    id: str
    incident: str
    other: str
    kind: str = "related"
    reason: str = ""
    linked_by: str
    at: datetime
    ended_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedJob:
    """An incident kept for a unit that is still busy 叠放: its next job, in the order of `place`.

    `id` is `<unit>><incident>`. It ends by being dispatched, given to another unit, or taken off (`why`).
    """

    id: str
    unit: str
    incident: str
    place: int = 1
    stacked_by: str
    at: datetime
    ended_at: datetime | None = None
    why: str = ""

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.ended_at is None
