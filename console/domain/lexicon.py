"""Finding the routing rules' words in what a caller said: longest match first, exclusions, plain negation.

It runs on every pause in typing, so the words are indexed once by how they begin; a narrative of 200
characters is then one pass with two dictionary look-ups a character.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from console.domain.reference import RoutingRule

GAP = "…"
EITHER = "|"
GAP_LIMIT = 10
_STOP = re.compile("[。！？；!?;\n]")
# 没有人受伤, 未发现起火, 不是爆炸 – but 有没有人受伤 and 是不是着火了 are open questions and still count.
_NEGATED = re.compile("(?<!有)(?:并没有|没有|没|并未|未|无)(?:有|人|人员|发现|造成|出现|发生|任何|其他|其它|被)*$")
_NEGATED_IS = re.compile("(?<!是)(?:不是|并非)(?:有|人|被)*$")
_NEGATION_REACH = 10

_NUMBER_GOES_ON = re.compile("[0-9A-Za-z]")
# 闽E·12345, 闽 E 12345: the letter of a plate before its digits.
_PLATE_BEGINS = re.compile(r"[京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新]\s?[A-Za-z][\s·・.\-—]?$")
_PLATE_REACH = 4

Span = tuple[int, int]
Words = dict[str, list[tuple[int, tuple[str, ...]]]]
"""Rule index and word parts, filed under the first two characters of the word, or one where it has no more."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a rule found in the narrative.

    `parts` are its spans, more than one for a word with a gap; `weight` is the characters in them.
    """

    rule: int
    parts: tuple[Span, ...]
    weight: int

    @property
    def start(self) -> int:
        """Index of the first character."""
        return self.parts[0][0]

    @property
    def end(self) -> int:
        """Index behind the last character."""
        return self.parts[-1][1]

    def swallows(self, other: "Hit") -> bool:
        """Whether every part of the other, lighter hit lies inside a part of this one."""
        if other.weight >= self.weight or other.start >= self.end or other.end <= self.start:
            return False
        return all(any(a <= start and end <= b for a, b in self.parts) for start, end in other.parts)

    def overlaps(self, other: "Hit") -> bool:
        """Whether the two share a character of the narrative."""
        return any(a < end and start < b for a, b in self.parts for start, end in other.parts)


@dataclass(frozen=True, slots=True)
class Findings:
    """What stands in a narrative: counted hits in reading order, and hits a negation takes back."""

    hits: tuple[Hit, ...]
    negated: tuple[Hit, ...]


class Lexicon:
    """The words of all rules, ready to search. Rules are named by their index."""

    def __init__(self, rules: Iterable[RoutingRule]) -> None:
        self._words: Words = {}
        self._excluded: Words = {}
        self._unless: list[tuple[int, tuple[str, ...]]] = []
        self._standing: list[int] = []
        for index, rule in enumerate(rules):
            _file(self._words, index, rule.words)
            _file(self._excluded, index, rule.exclude)
            if rule.unless:
                self._unless.append((index, rule.unless))
            self._standing.append(1 if rule.hazard else 0 if rule.codes else 2)

    def search(self, text: str) -> Findings:
        """All words that count in the text, and those taken back by a negation before them."""
        silent = {rule for rule, words in self._unless if any(word in text for word in words)}
        hits = [hit for hit in _scan(self._words, text) if hit.rule not in silent]
        blocks = list(_scan(self._excluded, text)) if hits else []
        kept = [h for h in hits if not any(b.rule == h.rule and b.overlaps(h) for b in blocks)]
        negated = [hit for hit in kept if _is_negated(text, hit.start)]
        counted = [hit for hit in kept if hit not in negated]
        longest = [h for h in counted if not any(self._silences(other, h) for other in counted)]
        return Findings(tuple(longest), tuple(negated))

    def _silences(self, hit: Hit, other: Hit) -> bool:
        """Whether a longer word makes a shorter one void.

        What only accompanies never voids what counts more: a matter (蛇) stands before a hazard (被蛇咬),
        a hazard before a rule that merely adds agencies.
        """
        return self._standing[hit.rule] <= self._standing[other.rule] and hit.swallows(other)


def _file(table: Words, rule: int, words: tuple[str, ...]) -> None:
    for word in words:
        for parts in product(*(part.split(EITHER) for part in word.split(GAP))):
            table.setdefault(parts[0][:2], []).append((rule, parts))


def _scan(table: Words, text: str) -> Iterator[Hit]:
    for start, character in enumerate(text):
        pair = text[start : start + 2]
        for opening in (pair, character) if len(pair) == 2 else (character,):
            for rule, parts in table.get(opening, ()):
                spans = _spans(text, start, parts)
                if spans:
                    yield Hit(rule, spans, sum(len(part) for part in parts))


def _spans(text: str, start: int, parts: tuple[str, ...]) -> tuple[Span, ...]:
    """Where the parts stand, the first at `start`, each next within GAP_LIMIT in the same sentence; or ()."""
    if not text.startswith(parts[0], start):
        return ()
    spans = [(start, start + len(parts[0]))]
    for part in parts[1:]:
        behind = spans[-1][1]
        found = text.find(part, behind, behind + GAP_LIMIT + len(part))
        if found < 0 or _STOP.search(text, behind, found):
            return ()
        spans.append((found, found + len(part)))
    return () if any(_is_cut_out(text, span) for span in spans) else tuple(spans)


def _is_cut_out(text: str, span: Span) -> bool:
    """Whether the digits at an end of a word are a piece of a longer number: 12345 of a plate or of a telephone."""
    start, end = span
    if text[start].isdecimal():
        before = text[max(0, start - _PLATE_REACH) : start]
        if _NUMBER_GOES_ON.match(before[-1:]) or _PLATE_BEGINS.search(before):
            return True
    return text[end - 1].isdecimal() and bool(_NUMBER_GOES_ON.match(text[end : end + 1]))


def _is_negated(text: str, start: int) -> bool:
    before = text[max(0, start - _NEGATION_REACH) : start]
    return bool(_NEGATED.search(before) or _NEGATED_IS.search(before))
