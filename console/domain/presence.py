"""Presence 在席: who sits where at present, which incident is open there, which field is being typed in.

Not journaled: it is true only now. A seat that has not been heard for 45 s is silent (失联); it is shown as such and
never taken off the list by itself, for nobody can know from here whether its person still works on paper.
"""

from dataclasses import dataclass

RENEW_S = 10.0
"""How often a seat says that it is there, besides at every change."""

STALE_S = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """One seat. `age_s`: seconds since it was last heard, by the clock that all share, when it was read."""

    seat: str
    actor: str
    name: str = ""
    incident: str = ""
    field: str = ""
    age_s: float = 0.0

    @property
    def silent(self) -> bool:
        return self.age_s >= STALE_S

    @property
    def person(self) -> str:
        """032 王敏."""
        return f"{self.actor} {self.name}".strip()
