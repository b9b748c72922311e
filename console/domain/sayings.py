"""What a narrative sounds like: how people speak about each code, counted in pieces of one to three characters.

The word rules (lexicon.py) know what surely names a matter; many callers never say such a word. The sayings are
short examples of speech for each code, a table a county extends without code. A narrative's score for a code is
naive Bayes over the characters, pairs and triples that they share, each weighted by how few codes use it. It is
deterministic and says which pieces of the narrative spoke for a code. It only proposes: routing.py decides what a
proposal may change.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log, log1p

_SEEN_NEVER = 0.05
"""The count given to a piece a code never uses; smaller trusts each single saying more."""
_LEAST_TELLING = 0.15
"""Pieces so common that hardly a code goes without them only cost time."""

_CHARACTERS = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+")
_PLACE = re.compile(
    r"[\u4e00-\u9fff]{1,6}?(?:路|街|大道|巷|小区|花园|大厦|公司|宿舍|局|村|站|学校|医院|银行|公园|市场|广场)"
    "(?:旁边|旁|对面|门口|附近|边上|后面|楼下|斜对面|隔壁|[一二三四五六七八九十百0-9]+号)"
)
_DENIED = re.compile("(?:(?<=[，。；！？,])|^)(?:不是|没有|没人|没|并没有|未|无人|不用|不要)[^，。；！？,]*")
_FILLER = re.compile("嗯|呃|那个|这个|啥|喂|你好|您好|警官|警察同志")
_LEFT_AT_LEAST = 4
_SPOKEN_FOR = 0.5
"""How telling a piece must be to be shown as one that spoke for a code."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a narrative sounds like a code: a score that orders codes of one narrative and means nothing else."""

    code: str
    score: float


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of speech: how telling it is and what each code that uses it gains by it."""

    telling: float
    gains: dict[str, float]


class Sayings:
    """The sayings of all codes, counted once and ready to be compared with."""

    def __init__(self, sayings: Iterable[tuple[str, str]]) -> None:
        counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
        said: Counter[str] = Counter()
        for saying, code in sayings:
            pieces = set(_pieces(saying))
            said[code] += len(pieces)
            for piece in pieces:
                counted[piece][code] += 1
        self._costs = {code: log(total + _SEEN_NEVER * len(counted)) for code, total in said.items()}
        self._pieces = {piece: _piece(codes, len(said)) for piece, codes in counted.items()}

    def like(self, narrative: str) -> tuple[Likeness, ...]:
        """All codes the narrative shares a piece with, the likest first; nothing for a text without any."""
        gained: defaultdict[str, float] = defaultdict(float)
        weight = 0.0
        for piece in set(_pieces(heard(narrative))):
            known = self._pieces.get(piece)
            if known is None or known.telling < _LEAST_TELLING:
                continue
            weight += known.telling
            for code, gain in known.gains.items():
                gained[code] += gain
        found = (Likeness(code, gain - weight * self._costs[code]) for code, gain in gained.items())
        return tuple(sorted(found, key=lambda each: (-each.score, each.code)))

    def spoke(self, narrative: str, code: str, most: int = 3) -> tuple[tuple[int, int], ...]:
        """The pieces of two or three characters that spoke most for a code, as spans that do not overlap."""
        text, found = heard(narrative), []
        for start in range(len(text)):
            for end in (start + 2, start + 3):
                known = self._pieces.get(text[start:end]) if end <= len(text) else None
                if known is not None and known.telling >= _SPOKEN_FOR and code in known.gains:
                    found.append((known.gains[code] * known.telling, start, end))
        chosen: list[tuple[int, int]] = []
        for _, start, end in sorted(found, key=lambda each: (-each[0], each[1])):
            if len(chosen) < most and all(end <= a or b <= start for a, b in chosen):
                chosen.append((start, end))
        return tuple(sorted(chosen))


def heard(narrative: str) -> str:
    """The narrative with fillers (嗯), landmarks (烟草局门口) and denied clauses (，没人受伤) blanked one for one.

    A denial at the very end of what was said in one breath stays: what is left would be too little to judge by.
    """
    text = _PLACE.sub(_blank, _FILLER.sub(_blank, narrative))
    clear = _DENIED.sub(_blank, text)
    left = sum(map(len, _CHARACTERS.findall(clear)))
    return clear if left >= _LEFT_AT_LEAST else _FILLER.sub(_blank, narrative)


def _blank(match: re.Match[str]) -> str:
    return "，" * len(match[0])


def _piece(codes: Counter[str], of: int) -> _Piece:
    telling = log(of / len(codes)) / log(of) if of > 1 else 1.0
    return _Piece(telling, {code: telling * log1p(count / _SEEN_NEVER) for code, count in codes.items()})


def _pieces(text: str) -> Iterator[str]:
    for run in _CHARACTERS.findall(text):
        for start, character in enumerate(run):
            yield character
            for length in (2, 3):
                if start + length <= len(run):
                    yield run[start : start + length]
