"""Learning weights from the sayings: which pieces of speech speak for which kind, and how well that goes.

A linear model, one kind against the rest with squared hinge loss, solved by dual coordinate descent: each example
moves all kinds at once, so numpy does it in seconds; a little naive Bayes is added. The finer codes of a kind are
learnt afterwards from that kind's sayings alone. The same sayings give the same weights.

The share of right answers is measured on sentences left out: each code's sayings are cut into blocks as they stand
(neighbours tell of like scenes), one block of each is kept back, the rest learnt, and so in turn.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import log, sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from console.domain.errors import UserError
from console.domain.learnt import KIND, RARITY_STEPS, Learnt, Weights
from console.domain.likely import SHOWN
from console.domain.sayings import counted
from console.services.sayings_table import Sayings, checksum

Saying: TypeAlias = tuple[str, str]
"""What is said, and the code it is said for."""
Floats: TypeAlias = NDArray[np.float32]
Vector: TypeAlias = tuple[NDArray[np.int64], Floats]

SENTENCE = 12
"""Characters from which a saying is a whole sentence: it teaches more than a fragment, and only it is asked."""
SENTENCE_COST, FRAGMENT_COST = 1.2, 0.6
FINER_COST = 1.0
USE_COUNTS, USED_NEVER = 0.3, 0.05
"""How much naive Bayes has a say, and how often it takes a piece to be used that a kind never uses."""
ROUNDS = 10
SEED = 110
LEAST_STEP = 5
"""Weights of fewer steps (of 127) are left out: they change hardly an answer and are most of the file."""
BLOCKS = 5
MOST_CODES = 256
"""A weight names its code by one byte."""


@dataclass(frozen=True, slots=True)
class Share:
    """Of `asked` sentences that were left out, how many percent were right first, and among the three shown."""

    first: float
    among: float
    asked: int


def learn(sayings: Sayings, about: Mapping[str, str]) -> Weights:
    """The weights of all sayings."""
    rows = [(saying, code) for code in sorted(sayings) for saying in sayings[code]]
    return _learnt(rows, checksum(sayings), about)


def check(sayings: Sayings) -> Iterator[Share]:
    """The share of right answers, block by block."""
    blocks = [(block, row) for code in sorted(sayings) for block, row in _cut(code, sayings[code])]
    for left_out in range(BLOCKS):
        known = Learnt(_learnt([row for block, row in blocks if block != left_out], "", {}))
        asked = [row for block, row in blocks if block == left_out and len(row[0]) >= SENTENCE]
        if asked:
            yield _share(known, asked)


def together(shares: Iterable[Share]) -> Share:
    """Several shares as one."""
    each = list(shares)
    asked = sum(share.asked for share in each)
    first, among = (
        sum(value * share.asked for value, share in zip(values, each, strict=True)) / max(1, asked)
        for values in ([s.first for s in each], [s.among for s in each])
    )
    return Share(first, among, asked)


def _cut(code: str, said: Sequence[str]) -> Iterator[tuple[int, Saying]]:
    """Fragments are never left out; sentences are cut into blocks in the order they stand in."""
    sentences = [saying for saying in said if len(saying) >= SENTENCE]
    yield from ((at * BLOCKS // len(sentences), (saying, code)) for at, saying in enumerate(sentences))
    yield from ((-1, (saying, code)) for saying in said if len(saying) < SENTENCE)


def _share(known: Learnt, asked: Sequence[Saying]) -> Share:
    places = []
    for saying, code in asked:
        kinds = [each.code[:KIND] for each in known.like(saying)[:SHOWN]]
        places.append(kinds.index(code[:KIND]) if code[:KIND] in kinds else SHOWN)
    return Share(100 * places.count(0) / len(asked), 100 * sum(p < SHOWN for p in places) / len(asked), len(asked))


def _learnt(rows: Sequence[Saying], of: str, about: Mapping[str, str]) -> Weights:
    heard = [counted(saying) for saying, _ in rows]
    used = Counter(piece for pieces in heard for piece in pieces)
    pieces = sorted(used)
    index = {piece: at for at, piece in enumerate(pieces)}
    rarity = [round(RARITY_STEPS * (log((1 + len(rows)) / (1 + used[piece])) + 1)) for piece in pieces]
    vectors = [_vector(each, index, rarity) for each in heard]
    costs = [SENTENCE_COST if len(saying) >= SENTENCE else FRAGMENT_COST for saying, _ in rows]
    kinds = sorted({code[:KIND] for _, code in rows})
    found = _Found(len(pieces))
    labels = [kinds.index(code[:KIND]) for _, code in rows]
    weights, biases = _separated(vectors, labels, costs, len(kinds), len(pieces))
    gains, losses = _used(vectors, labels, costs, len(kinds), len(pieces))
    found.add(kinds, weights + gains, biases + losses)
    for kind, finer, members in _families(rows):
        finest = [finer.index(rows[at][1]) if rows[at][1] != kind else -1 for at in members]
        chosen = [vectors[at] for at in members]
        found.add(finer, *_separated(chosen, finest, [FINER_COST] * len(members), len(finer), len(pieces)))
    return found.weights(pieces, rarity, of, about)


def _families(rows: Sequence[Saying]) -> Iterator[tuple[str, list[str], list[int]]]:
    """Each kind that has finer codes, those, and which rows are its."""
    members: defaultdict[str, list[int]] = defaultdict(list)
    for at, (_, code) in enumerate(rows):
        members[code[:KIND]].append(at)
    for kind, its in sorted(members.items()):
        finer = sorted({rows[at][1] for at in its} - {kind})
        if finer:
            yield kind, finer, its


def _vector(pieces: Mapping[str, float], index: Mapping[str, int], rarity: Sequence[int]) -> Vector:
    """The known pieces of a saying, weighted by their rarity, as a vector of length one."""
    known = {index[piece]: times * rarity[index[piece]] for piece, times in pieces.items() if piece in index}
    length = sqrt(sum(value * value for value in known.values())) or 1.0
    return np.array(list(known), np.int64), np.array(list(known.values()), np.float32) / np.float32(length)


def _separated(
    vectors: Sequence[Vector], labels: Sequence[int], costs: Sequence[float], columns: int, width: int
) -> tuple[Floats, Floats]:
    """Weights and biases that part each label from all others; a label of -1 belongs to none."""
    weights, biases = np.zeros((width, columns), np.float32), np.zeros(columns, np.float32)
    pulls = np.zeros((len(vectors), columns), np.float32)
    squares = [float(values @ values) + 1.0 for _, values in vectors]
    order = np.random.default_rng(SEED)
    for _ in range(ROUNDS):
        for at in order.permutation(len(vectors)).tolist():
            pieces, values = vectors[at]
            label, soft = labels[at], 0.5 / costs[at]
            rows = weights[pieces]
            margin = -(values @ rows + biases)
            if label >= 0:
                margin[label] = -margin[label]
            before = pulls[at]
            after = np.maximum(before - (margin - 1.0 + soft * before) / (squares[at] + soft), 0.0)
            step = before - after
            if label >= 0:
                step[label] = -step[label]
            pulls[at] = after
            weights[pieces] = rows + values[:, None] * step
            biases += step
    return weights, biases


def _used(
    vectors: Sequence[Vector], labels: Sequence[int], costs: Sequence[float], columns: int, width: int
) -> tuple[Floats, Floats]:
    """Naive Bayes: what each kind gains by using a piece at all, and what it loses by using many.

    It is less sure than the parting weights and errs otherwise; a little of it puts right what those learnt by heart.
    """
    used = np.zeros((width, columns), np.float32)
    for (pieces, values), label, cost in zip(vectors, labels, costs, strict=True):
        used[pieces, label] += values * np.float32(cost)
    sizes = np.log(used.sum(axis=0) + USED_NEVER * width)
    length = np.mean([values.sum() for _, values in vectors])
    gains = (USE_COUNTS * np.log1p(used / USED_NEVER)).astype(np.float32)
    return gains, (USE_COUNTS * length * (sizes.mean() - sizes)).astype(np.float32)


class _Found:
    """Columns of weights, gathered and then rounded to bytes."""

    def __init__(self, width: int) -> None:
        self._codes: list[str] = []
        self._scales: list[float] = []
        self._biases: list[float] = []
        self._steps: list[NDArray[np.int8]] = []
        self._width = width

    def add(self, codes: Sequence[str], weights: Floats, biases: Floats) -> None:
        """These codes' columns, in whole steps of a 127th of the largest weight of each."""
        largest = np.maximum(np.abs(weights).max(axis=0, initial=0.0), 1e-6)
        steps = np.rint(weights / largest * 127).astype(np.int8)
        steps[np.abs(steps) < LEAST_STEP] = 0
        self._codes += codes
        self._scales += [float(f"{value / 127:.6g}") for value in largest]
        self._biases += [round(float(value), 5) for value in biases]
        self._steps.append(steps)

    def weights(self, pieces: Sequence[str], rarity: Sequence[int], of: str, about: Mapping[str, str]) -> Weights:
        """All of them together."""
        steps = np.concatenate(self._steps, axis=1)
        at, owners = np.nonzero(steps)
        if len(self._codes) > MOST_CODES:
            raise UserError(f"编码多于 {MOST_CODES} 个，权重文件存不下")
        widths = np.bincount(at, minlength=self._width)
        return Weights(
            checksum=of,
            codes=tuple(self._codes),
            scales=tuple(self._scales),
            biases=tuple(self._biases),
            pieces=tuple(pieces),
            rarity=bytes(rarity),
            starts=(0, *accumulate(widths.tolist())),
            owners=owners.astype(np.uint8).tobytes(),
            values=steps[at, owners].tobytes(),
            about=about,
        )
