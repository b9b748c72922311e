"""classify: how long one narrative takes, and how often the first code, the first three and the agencies are right.

Accuracy is measured on the frozen half of the labelled narratives (tests/vectors), written and committed before the
sayings were; the baseline always answers the codes that are commonest in the other half. Speed has the plain search
for every word of the rules as its baseline, and both halves and a call of 200 characters as its load.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from console.bench.figure import Figure, p50, p99
from console.domain.lexicon import EITHER, GAP
from console.domain.reference import Reference
from console.domain.routing import Classification, classify
from console.services.reference import load

VECTORS = Path(__file__).parents[2] / "tests" / "vectors"
LIMIT_MS, FIRST, AMONG, TOLD = 5.0, 90.0, 97.0, 90.0
SHOWN, AGENCIES, SECOND_LEVEL = 3, 4, 4
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """A narrative, the codes that are right for it and the agencies that must be told."""

    id: str
    text: str
    codes: tuple[str, ...]
    agencies: frozenset[str]

    def accepts(self, code: str) -> bool:
        """Whether the code is one of the right ones, its parent or its child, within one second-level code."""
        return any(
            code == right
            or (code[:SECOND_LEVEL] == right[:SECOND_LEVEL] and (code.startswith(right) or right.startswith(code)))
            for right in self.codes
        )


@dataclass(frozen=True, slots=True)
class Score:
    """Percentages over one set."""

    first: float
    among: float
    recall: float
    precision: float


def labelled(name: str) -> list[Labelled]:
    """The labelled narratives of a set: the halves `frozen` and `tuning`, or the `second`, somebody else's."""
    rows = map(json.loads, (VECTORS / f"narratives_{name}.jsonl").read_text("utf-8").splitlines())
    return [Labelled(r["id"], r["text"], (r["code"], *r["also"]), frozenset(r["agencies"])) for r in rows]


def score(rows: Sequence[Labelled], found: Sequence[Classification]) -> Score:
    """How right the answers are, percent."""
    pairs = list(zip(rows, found, strict=True))
    named = [(row.agencies, set(answer.agencies[:AGENCIES])) for row, answer in pairs]
    hits = sum(len(must & told) for must, told in named)
    return Score(
        first=100 * fmean(any(map(row.accepts, answer.codes[:1])) for row, answer in pairs),
        among=100 * fmean(any(map(row.accepts, answer.codes[:SHOWN])) for row, answer in pairs),
        recall=100 * hits / max(1, sum(len(must) for must, _ in named)),
        precision=100 * hits / max(1, sum(len(told) for _, told in named)),
    )


def commonest(tuning: Sequence[Labelled], rows: Sequence[Labelled]) -> tuple[float, float]:
    """Percent right, first and among three, of always answering the commonest codes of the tuning half."""
    codes = [code for code, _ in Counter(row.codes[0] for row in tuning).most_common(SHOWN)]
    first = fmean(row.accepts(codes[0]) for row in rows)
    return 100 * first, 100 * fmean(any(map(row.accepts, codes)) for row in rows)


def measure(folder: Path) -> Iterator[Figure]:
    """Speed over both halves, accuracy on the frozen one; `folder` is not used."""
    reference, frozen, tuning = load(), labelled("frozen"), labelled("tuning")
    texts = [row.text for row in (*frozen, *tuning)]
    texts.append("".join(row.text for row in tuning[:12])[:200])
    classify(texts[0], None, reference)
    took = [_ms(text, reference) for _ in range(ROUNDS) for text in texts]
    plain = [_plain_ms(text, reference) for text in texts]
    yield Figure(
        name="classify.narrative",
        value=p99(took),
        unit="ms",
        p50=p50(took),
        p99=p99(took),
        n=len(took),
        at_most=LIMIT_MS,
        baseline="looking for every word of the rules with `in`",
        baseline_value=p50(plain),
        note="each sentence of the labelled set, and one call of 200 characters",
    )
    got = score(frozen, [classify(row.text, None, reference) for row in frozen])
    first, among = commonest(tuning, frozen)
    yield _share("first_right", got.first, FIRST, len(frozen), "always the commonest code of the tuning half", first)
    yield _share("among_three", got.among, AMONG, len(frozen), "always its three commonest codes", among)
    yield _share("agencies_told", got.recall, TOLD, len(frozen), "agencies rightly among the first four", got.precision)


def _share(name: str, value: float, least: float, of: int, baseline: str, base: float) -> Figure:
    return Figure(
        name=f"classify.{name}",
        value=value,
        unit="%",
        n=of,
        at_least=least,
        baseline=baseline,
        baseline_value=base,
        note="frozen half of the labelled narratives",
    )


def _ms(text: str, reference: Reference) -> float:
    began = time.perf_counter()
    classify(text, None, reference)
    return (time.perf_counter() - began) * 1000


def _plain_ms(text: str, reference: Reference) -> float:
    words = [part for rule in reference.rules for word in rule.words for part in word.replace(EITHER, GAP).split(GAP)]
    began = time.perf_counter()
    for word in words:
        word in text  # noqa: B015
    return (time.perf_counter() - began) * 1000
