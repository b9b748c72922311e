"""Which codes are likely, best first: what the narrative sounds like and what the rules named, in one order.

What was learnt from sayings leads; a rule's word gives the gravest code it names a head start. In a few words the
rule's word is nearly all that was said: there danger leads, for a fight must not stand behind a refund. In a whole
sentence other things are told as well, and it is worth little more than a doubt. What a rule named stays in the
list, whatever the weights say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from console.domain.learnt import KIND, Learnt, Likeness

FEW_WORDS, MANY_WORDS = 10, 13
"""Characters up to which a narrative is a few words, and from which it is a sentence."""
DANGER = 2
"""The priority up to which a code is danger."""
DANGER_HEADS, CALM_HEADS = (7.0, 0.4), (3.8, 0.2)
"""The head start of the gravest code a rule named, in a few words and in a sentence; chosen on sentences of writers who
were left out of learning. More of it in a sentence, or for a calm matter, puts a word before better evidence."""
NEAR = 1.5
"""How far behind the likeliest a code may be for its main agency to be worth telling as well."""
NOT_NAMED = 9
"""Behind every priority a named code has."""

SHOWN = 3
FAR = 4.0
"""How far behind the first a likely code may be and still be shown."""
SHORT, DOUBTFUL = 8, 1.9
"""Of fewer characters than this a likeness below that is no proposal: “等一下” sounds like nothing. Like all marks
here it is set for the weights with the second opinion."""

NEVER_BESIDE = {"0105": "1105"}
"""What was named, and what is then no proposal: 电信诈骗 speaks of 电信 and is no matter for it."""


@dataclass(frozen=True, slots=True)
class Likely:
    """Codes best first; `spans` are the pieces of the narrative that spoke for those no rule named, `near` those of
    the codes that are nearly as likely as the likeliest."""

    codes: tuple[str, ...]
    spans: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    near: tuple[str, ...] = ()


def likely(narrative: str, named: Mapping[str, int], beside: frozenset[str], learnt: Learnt | None) -> Likely:
    """The codes the rules named (with their priorities) and the likeliest others in one order.

    Behind the first the named stand by gravity. `beside` are codes hazard words stand for: in a few words they
    accompany a named matter, so likeness does not put them first. A relative of a named code is no news.
    """
    alike = learnt.like(narrative) if learnt else ()
    if learnt is None or not alike or (len(narrative) < SHORT and alike[0].score < DOUBTFUL and not named):
        return Likely(tuple(named))
    worth = _worth(named, alike, len(narrative))
    free = _free(alike, named, max([alike[0].score, *worth.values()]) - FAR)
    spans = {each.code: spoken for each in free if (spoken := learnt.spoke(narrative, each.code))}
    worth |= {each.code: each.score for each in free if each.code in spans}
    if not worth:
        return Likely(())
    accompany = beside if named and len(narrative) < MANY_WORDS else frozenset()
    first = max((code for code in worth if code in named or code not in accompany), key=worth.__getitem__)
    order = (first, *sorted(worth.keys() - {first}, key=lambda code: (named.get(code, NOT_NAMED), -worth[code])))
    near = () if first[:KIND] in NEVER_BESIDE else tuple(_near(order[:SHOWN], alike))
    return Likely(order, {code: spans[code] for code in order if code in spans}, near)


def _near(codes: Sequence[str], alike: tuple[Likeness, ...]) -> Iterator[str]:
    likeness = {each.code[:KIND]: each.score for each in alike}
    return (code for code in codes if likeness.get(code[:KIND], -inf) >= alike[0].score - NEAR)


def _worth(named: Mapping[str, int], alike: tuple[Likeness, ...], characters: int) -> dict[str, float]:
    """What each named code is worth: its likeness and its head start. One nobody told a saying of is as likely as the
    common run of codes."""
    if not named:
        return {}
    likeness = {each.code[:KIND]: each.score for each in alike}
    gravest = min(named, key=lambda code: named[code])
    few, many = DANGER_HEADS if named[gravest] <= DANGER else CALM_HEADS
    past = min(1.0, max(0.0, (characters - FEW_WORDS) / (MANY_WORDS - FEW_WORDS)))
    head = few + past * (many - few)
    common = sum(likeness.values()) / len(likeness)
    return {code: likeness.get(code[:KIND], common) + (head if code == gravest else 0.0) for code in named}


def _free(alike: tuple[Likeness, ...], named: Mapping[str, int], least: float) -> list[Likeness]:
    """The likeliest codes that are no relatives of a named one: as many as there is room for, and one at least
    where it is likely enough."""
    known = {code[:KIND] for code in named}
    known |= {NEVER_BESIDE[code] for code in known if code in NEVER_BESIDE}
    near = [each for each in alike if each.code[:KIND] not in known and each.score >= least]
    return near[: max(1, SHOWN - len(named))]
