"""Body: what every kind of fact has in common."""

from dataclasses import dataclass
from typing import ClassVar

Scalar = str | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What every fact says besides when and by whom."""

    VERSION: ClassVar[int] = 1
    incident: str = ""
