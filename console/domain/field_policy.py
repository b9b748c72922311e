"""Field policy 填报要求: which fields of an incident are required, asked for or left out, by kind, level and source.

Nothing here ever stands between a caller and a unit: a required field that is empty is shown as 待补 and refuses only
the review and the end of the incident. The rules are data; a later rule overrules an earlier one for its fields.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from console.domain.incident import EDITABLE, Incident, IncidentState

FIELDS = ("place", "kind", "narrative", "phone", "caller", "recording")
"""Fields a rule may name, in the order in which a person is told of them."""

OPTIONAL = ("phone", "caller", "recording")
"""Fields a rule may leave out."""

WAIVED = frozenset({IncidentState.MERGED, IncidentState.INVALID})


class Need(StrEnum):
    """How much a field is wanted."""

    REQUIRED = "required"
    ASKED = "asked"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """`kinds` are codes by their beginnings ('' = all). `because` is what a person reads who asks why."""

    id: str
    kinds: tuple[str, ...] = ("",)
    priorities: tuple[int, ...] = (1, 2, 3, 4)
    sources: tuple[str, ...] = ("call", "sms", "alarm")
    required: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    because: str

    def applies(self, kind: str, priority: int, source: str) -> bool:
        """Whether it speaks of such an incident; one without a kind meets only rules for all kinds."""
        fits = any(kind.startswith(code) for code in self.kinds)
        return fits and priority in self.priorities and source in self.sources

    def needs(self) -> Mapping[str, Need]:
        """Its fields."""
        pairs = ((Need.REQUIRED, self.required), (Need.ASKED, self.asked), (Need.HIDDEN, self.hidden))
        return {name: need for need, names in pairs for name in names}


@dataclass(frozen=True, slots=True)
class FieldPolicy:
    """The rules of one desk in their order."""

    rules: tuple[FieldRule, ...]

    def needs(self, kind: str, priority: int, source: str) -> Mapping[str, Need]:
        """What is wanted of such an incident; a field that no rule names is asked for."""
        wanted = dict.fromkeys(FIELDS, Need.ASKED)
        for rule in self.rules:
            if rule.applies(kind, priority, source):
                wanted |= rule.needs()
        return wanted

    def why(self, name: str, kind: str, priority: int, source: str) -> str:
        """Why a field is as it is, '' where no rule names it."""
        speaking = [r for r in self.rules if r.applies(kind, priority, source) and name in r.needs()]
        return speaking[-1].because if speaking else ""

    def missing(self, incident: Incident) -> tuple[str, ...]:
        """Required fields that are empty 待补; a place that is unknown with its reason is not missing.

        Of a call that was none (silent, prank, dropped), and of one that was merged or invalid, nothing is missing.
        """
        if incident.mark or incident.state in WAIVED:
            return ()
        wanted = self.needs(incident.kind, incident.priority, incident.source)
        empty = (name for name in FIELDS if wanted[name] is Need.REQUIRED and not str(getattr(incident, name)).strip())
        return tuple(name for name in empty if name != "place" or not incident.place_unknown)


def faults(rules: Iterable[FieldRule]) -> list[str]:
    """What is wrong with rules in themselves, each as `id：reason`."""
    found: list[str] = []
    seen: set[str] = set()
    for rule in rules:
        named = (*rule.required, *rule.asked, *rule.hidden)
        found += [f"{rule.id}：没有字段 {name}，可用 {'、'.join(FIELDS)}" for name in named if name not in FIELDS]
        found += [f"{rule.id}：{name} 写了两次" for name in sorted({n for n in named if named.count(n) > 1})]
        found += [f"{rule.id}：{name} 不能隐藏" for name in rule.hidden if name in FIELDS and name not in OPTIONAL]
        found += [f"{rule.id}：这个编号写了两次" for _ in range(rule.id in seen)]
        if not named or not rule.kinds or not rule.priorities or not rule.sources:
            found.append(f"{rule.id}：须写明字段、警情、级别和来源")
        seen.add(rule.id)
    return found


def said(names: Iterable[str]) -> str:
    """The fields in a person's words: 电话、描述."""
    return "、".join(EDITABLE[name] for name in names)
