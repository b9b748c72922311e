"""Unit emergency 民警紧急求助: an officer in need. It takes the whole room until a person stops it.

Shape: NENA EIDO `unitEmergencyState` (start, acknowledgement, stop, who). Status 15 请求增援 of domain.md E6 begins it.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One call for help. `source` is 'unit' (its own key, text or terminal), 'radio' (entered by the desk) or 'clock'
    (a check-in 安全核实 that was not answered). The position is its last fix, WGS-84, with its age in seconds.
    """

    id: str
    unit: str
    incident: str = ""
    source: str = "unit"
    lat: float | None = None
    lon: float | None = None
    fix_age_s: float | None = None
    started_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    stopped_at: datetime | None = None
    stopped_by: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        return self.id

    @property
    def open(self) -> bool:
        return self.stopped_at is None
