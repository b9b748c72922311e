"""What a narrative sounds like: weights learnt from examples of speech, and what they say of a narrative.

The word rules (lexicon.py) know what surely names a matter; many callers never say such a word. The weights are a
linear model learnt beforehand (services/learning.py) from the sayings of each code: each piece of a narrative speaks
for or against each kind by so much, and the sum orders the kinds. It is deterministic and says which pieces spoke for
a code. Where there is a second opinion (services/net.py), it is added to the order; it does not say why. Both only
propose: likely.py and routing.py decide what a proposal may change.

As a file the weights are one line of JSON and, compressed behind it, the pieces, how rare each is, and the weights as
one byte each.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import sqrt
from typing import Any, Protocol

from console.domain.sayings import MOST, counted, heard

FORMAT = 3
KIND = 4
"""Digits of a second-level code. These kinds are told apart first, the finer codes of one kind afterwards."""
RARITY_STEPS = 16
"""Steps of one unit of rarity; a byte then holds 0 to 16."""

SECOND_SAYS, LEAST_SHARE = 0.3, -6.0
"""What a unit of the second opinion is worth, and what a smaller share (a logarithm) counts as; chosen on sentences of
writers who were left out of learning."""

_SPOKEN_FOR = 0.3
"""How strong a piece must be beside the strongest to be shown as one that spoke for a code."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a narrative sounds like a code: a score that orders the codes of one narrative."""

    code: str
    score: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt. Piece i is `rarity[i]` steps rare and has the weights `starts[i]` to `starts[i + 1]`: each is
    for the code that `owners` names, a signed byte of `values` in units of that code's scale.

    `codes` hold the kinds and the finer codes below them, `about` says where the weights come from, `checksum` which
    sayings they were learnt from.
    """

    checksum: str = ""
    codes: tuple[str, ...] = ()
    scales: tuple[float, ...] = ()
    biases: tuple[float, ...] = ()
    pieces: tuple[str, ...] = ()
    rarity: bytes = b""
    starts: Sequence[int] = (0,)
    owners: bytes = b""
    values: bytes = b""
    about: Mapping[str, str] = field(default_factory=dict)


def pack(weights: Weights) -> bytes:
    """The weights as a file holds them."""
    head = {
        "format": FORMAT,
        "about": dict(weights.about),
        "checksum": weights.checksum,
        "codes": weights.codes,
        "scales": weights.scales,
        "biases": weights.biases,
        "pieces": len(weights.pieces),
        "weights": len(weights.owners),
    }
    widths = bytes(end - start for start, end in pairwise(weights.starts))
    parts = (weights.rarity, widths, weights.owners, weights.values, "\n".join(weights.pieces).encode())
    body = zlib.compress(b"".join(parts), 9)
    return _line({**head, "crc32": _crc(head, body)}) + b"\n" + body


def _line(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, ensure_ascii=False).encode()


def _crc(head: Mapping[str, Any], body: bytes) -> int:
    """Over all of the file but itself: a spoilt head is as bad as a spoilt body."""
    return zlib.crc32(body, zlib.crc32(_line({name: value for name, value in head.items() if name != "crc32"})))


def read_head(packed: bytes) -> Mapping[str, Any]:
    """The first line of a file of weights; ValueError if it is none, of another version, or damaged."""
    first, _, body = packed.partition(b"\n")
    head = json.loads(first)
    if not isinstance(head, dict) or head.get("format") != FORMAT or head.get("crc32") != _crc(head, body):
        raise ValueError("no whole file of weights of this version")
    return head


def unpack(packed: bytes) -> Weights:
    """The weights of a file; ValueError as `read_head`."""
    head = read_head(packed)
    body = zlib.decompress(packed.partition(b"\n")[2])
    ends = list(accumulate((head["pieces"], head["pieces"], head["weights"], head["weights"]), initial=0))
    rarity, widths, owners, values = (body[start:end] for start, end in pairwise(ends))
    return Weights(
        checksum=head["checksum"],
        codes=tuple(head["codes"]),
        scales=tuple(head["scales"]),
        biases=tuple(head["biases"]),
        pieces=tuple(body[ends[-1] :].decode().split("\n")),
        rarity=rarity,
        starts=(0, *accumulate(widths)),
        owners=owners,
        values=values,
        about=head["about"],
    )


class SecondOpinion(Protocol):
    """Another model of the same sayings, which errs elsewhere."""

    def shares(self, narrative: str) -> Mapping[str, float]:
        """The natural logarithm of each kind's share; nothing for a narrative it knows nothing of."""


class Learnt:
    """The weights made ready to be asked, with a second opinion or without."""

    def __init__(self, weights: Weights, second: SecondOpinion | None = None) -> None:
        self._weights = weights
        self._second = second
        self._index = {piece: at for at, piece in enumerate(weights.pieces)}
        self._values = memoryview(weights.values).cast("b")
        self._column = {code: at for at, code in enumerate(weights.codes)}
        self._finer: defaultdict[str, list[str]] = defaultdict(list)
        for code in weights.codes:
            if len(code) > KIND:
                self._finer[code[:KIND]].append(code)

    def like(self, narrative: str) -> tuple[Likeness, ...]:
        """One code of each kind, the likest first: a finer code where one is likelier than not; nothing for a
        narrative of which no piece is known."""
        scores = self._scores(narrative)
        if not scores:
            return ()
        kinds = [code for code in self._column if len(code) <= KIND]
        shares = self._second.shares(narrative) if self._second else {}
        # Of a kind it was never taught it can say nothing: that one counts like the likeliest, and the weights decide.
        untaught = max(shares.values(), default=0.0)
        found = (
            Likeness(
                self._finest(code, scores),
                scores[code] + SECOND_SAYS * max(shares.get(code, untaught), LEAST_SHARE),
            )
            for code in kinds
        )
        return tuple(sorted(found, key=lambda each: (-each.score, each.code)))

    def _finest(self, kind: str, scores: Mapping[str, float]) -> str:
        finer = max(self._finer.get(kind, ()), key=lambda code: scores[code], default=kind)
        return finer if finer != kind and scores[finer] > 0 else kind

    def _scores(self, narrative: str) -> dict[str, float]:
        starts, owners, values, rarity = self._weights.starts, self._weights.owners, self._values, self._weights.rarity
        summed, square = [0.0] * len(self._column), 0.0
        for piece, times in counted(narrative).items():
            at = self._index.get(piece)
            if at is None:
                continue
            worth = times * rarity[at]
            square += worth * worth
            start, end = starts[at], starts[at + 1]
            for owner, value in zip(owners[start:end], values[start:end], strict=True):
                summed[owner] += worth * value
        if not square:
            return {}
        length = sqrt(square)
        rows = zip(self._column, summed, self._weights.scales, self._weights.biases, strict=True)
        return {code: total * scale / length + bias for code, total, scale, bias in rows}

    def spoke(self, narrative: str, code: str, most: int = 3) -> tuple[tuple[int, int], ...]:
        """The passages that spoke most for a code, as spans: pairs of characters, and those that overlap as one."""
        text, column = heard(narrative[:MOST]), self._column.get(code[:KIND], -1)
        strengths = [self._strength(first + second, column) for first, second in pairwise(text)]
        least = max(1, _SPOKEN_FOR * max(strengths, default=0))
        passages: list[tuple[int, int, int]] = []
        for start, strength in enumerate(strengths):
            if strength < least:
                continue
            if passages and passages[-1][2] > start:
                strongest, begun, _ = passages.pop()
                passages.append((max(strongest, strength), begun, start + 2))
            else:
                passages.append((strength, start, start + 2))
        passages.sort(key=lambda each: (-each[0], each[1]))
        return tuple(sorted((start, end) for _, start, end in passages[:most]))

    def _strength(self, piece: str, column: int) -> int:
        at = self._index.get(piece)
        if at is None:
            return 0
        start, end = self._weights.starts[at], self._weights.starts[at + 1]
        place = self._weights.owners.find(bytes((column,)), start, end) if column >= 0 else -1
        return self._values[place] * self._weights.rarity[at] if place >= 0 else 0
