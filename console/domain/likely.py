"""Which codes are likely, first to third: what the rules named and what the narrative sounds like, in one order.

A word of a rule gives its code a head start, so a likeness leads only where it is much stronger. What a rule named
stays in the list, whatever the sayings say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from console.domain.sayings import Sayings

HEAD_START = 18.0
"""How much a rule's word is worth beside likeness: fitted on the tuning half of the labelled narratives."""
BREATH = 30
"""Characters of one breath: likeness adds up over a longer narrative, so the head start grows with it."""

SHOWN = 3
NEAR = 25.0
"""How far behind the first a likely code may be and still be shown."""
SHORT = 20
"""Characters below which there is too little said to show far-off codes."""

_SECOND_LEVEL = 4

_NEVER_BESIDE = {"0105": "1105"}
"""What a rule surely named, and what is then no proposal: 电信诈骗 speaks of 电信 and is no matter for it."""


@dataclass(frozen=True, slots=True)
class Likely:
    """Codes best first; `spans` are the pieces of the narrative that spoke for those no rule named."""

    codes: tuple[str, ...]
    spans: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)


def likely(narrative: str, named: Mapping[str, int], beside: frozenset[str], sayings: Sayings) -> Likely:
    """The codes the rules named (with their priorities) and the likeliest others in one order.

    `beside` are codes hazard words stand for: they accompany a named matter, so likeness never puts them first.
    The named stand by gravity, likeness decides between equals; a relative of a named code is no news.
    """
    alike = sayings.like(narrative)
    if not alike:
        return Likely(tuple(named))
    likeness = {each.code: each.score for each in alike}
    head = HEAD_START * max(1.0, len(narrative) / BREATH)
    worth = {code: likeness.get(code, alike[-1].score) for code in named}
    lead = max((each + head for each in worth.values()), default=alike[0].score)
    known = {code[:_SECOND_LEVEL] for code in named}
    known |= {_NEVER_BESIDE[code] for code in known if code in _NEVER_BESIDE}
    free = [each for each in alike[: 2 * SHOWN] if each.code[:_SECOND_LEVEL] not in known]
    near_by = NEAR * min(1.0, len(narrative) / SHORT)
    near = [each for each in free if each.score >= lead - near_by][: max(1, SHOWN - len(named))]
    spans = {each.code: sayings.spoke(narrative, each.code) for each in near}
    ahead = [each.code for each in near if spans[each.code] and each.score > lead and each.code not in beside][:1]
    behind = [each.code for each in near if spans[each.code] and each.code not in ahead]
    ranked = sorted(named, key=lambda code: (named[code], -worth[code]))
    order = (*ahead, *ranked, *behind) if named else tuple(code for code in spans if spans[code])
    return Likely(order, {code: spans[code] for code in order if spans.get(code)})
