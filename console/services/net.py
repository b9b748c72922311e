"""What a small net of convolutions makes of a narrative: a second opinion beside the weights (domain/learnt.py).

The weights sum up pieces of one and two characters, wherever they stand. The net knows how alike pieces are and reads
windows of up to five characters in their order; it errs elsewhere, so both together are right more often than
either. Each filter's strongest answer to any window is kept, and the answers are weighed into a share for each kind.

As a file the net is compressed: one line of JSON, and its numbers in one byte each. How it was taught stands in
`about`; `python -m console learn` does not teach it anew.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import prod
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, PositiveInt

MOST = 80
"""Characters that are read, as they were said (the weights hear more of them, and no landmarks and denials): time stays
bounded whatever is pasted."""
UNKNOWN = 0
"""The row of a character, and of a pair, that was never read."""
STEPS = 127
MOST_BYTES = 50_000_000
"""A file that unpacks to more is none of ours."""
REMEDY = "请重新安装本程序，或从安装包复制 sayings/net.bin"

Floats = NDArray[np.float32]


class _Head(BaseModel):
    """The first line of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal[1] = 1
    about: dict[str, str]
    characters: str = Field(min_length=1)
    pairs: str
    kinds: list[str] = Field(min_length=1)
    widths: list[PositiveInt] = Field(min_length=1)
    shapes: list[list[PositiveInt]]
    scales: list[FiniteFloat]


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """What was taught.

    `character_rows` are that of an unknown character and those of `characters`, `pair_rows` that of an unknown pair
    and those of `pairs`. A place in a narrative is the row of its character and of the pair it begins, side by side.
    `windows` has for each width a matrix (width times a place, filters) and its biases, `shares` the matrix (all
    filters, `kinds`) and its biases.
    """

    characters: str
    pairs: tuple[str, ...]
    kinds: tuple[str, ...]
    character_rows: Floats
    pair_rows: Floats
    windows: Mapping[int, tuple[Floats, Floats]]
    shares: tuple[Floats, Floats]
    about: Mapping[str, str] = field(default_factory=dict)


class Net:
    """The numbers made ready to be asked. The same narrative has the same shares."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._character = {character: at for at, character in enumerate(numbers.characters, UNKNOWN + 1)}
        self._pair = {pair: at for at, pair in enumerate(numbers.pairs, UNKNOWN + 1)}
        # Past either end all is nought, so far that a window of it is among them: so sentences were taught.
        self._past = max(numbers.windows)

    def shares(self, narrative: str) -> Mapping[str, float]:
        """The natural logarithm of each kind's share; nothing for a narrative of which no character is known."""
        said = narrative[:MOST]
        characters = [self._character.get(character, UNKNOWN) for character in said]
        if set(characters) <= {UNKNOWN}:
            return {}
        pairs = [self._pair.get(said[at : at + 2], UNKNOWN) for at in range(len(said))]
        rows = np.concatenate((self._numbers.character_rows[characters], self._numbers.pair_rows[pairs]), axis=1)
        places = np.pad(rows, ((self._past, self._past), (0, 0)))
        weights, biases = self._numbers.shares
        scores = np.concatenate([self._strongest(places, width) for width in self._numbers.windows]) @ weights + biases
        scores -= scores.max()
        scores -= np.log(np.exp(scores).sum())
        return dict(zip(self._numbers.kinds, scores.tolist(), strict=True))

    def _strongest(self, places: Floats, width: int) -> Floats:
        """Each filter's strongest answer to any window of this width."""
        weights, biases = self._numbers.windows[width]
        windows = sliding_window_view(places, width, axis=0).transpose(0, 2, 1).reshape(len(places) - width + 1, -1)
        strongest: Floats = np.maximum((windows @ weights).max(axis=0) + biases, 0.0)
        return strongest


def pack(numbers: Numbers) -> bytes:
    """The net as a file holds it: each part in whole steps of a 127th of its largest number."""
    parts = (
        numbers.character_rows,
        numbers.pair_rows,
        *(part for pair in numbers.windows.values() for part in pair),
        *numbers.shares,
    )
    scales = [max(float(np.abs(part).max(initial=0.0)), 1e-6) / STEPS for part in parts]
    head = _Head(
        about=dict(numbers.about),
        characters=numbers.characters,
        pairs="".join(numbers.pairs),
        kinds=list(numbers.kinds),
        widths=list(numbers.windows),
        shapes=[list(part.shape) for part in parts],
        scales=scales,
    )
    steps = (np.rint(part / scale).astype(np.int8).tobytes() for part, scale in zip(parts, scales, strict=True))
    return zlib.compress(b"\n".join((head.model_dump_json().encode(), b"".join(steps))), 9)


def unpack(packed: bytes) -> Numbers:
    """The net of a file; ValueError if it is none, of another version, or damaged."""
    stream = zlib.decompressobj()
    try:
        first, _, body = stream.decompress(packed, MOST_BYTES).partition(b"\n")
    except zlib.error as problem:
        raise ValueError("no whole file of a net") from problem
    if not stream.eof or stream.unused_data:
        raise ValueError("no whole file of a net")
    head = _Head.model_validate_json(first)
    character_rows, pair_rows, *rest, weights, biases = _cut(body, head)
    numbers = Numbers(
        characters=head.characters,
        pairs=tuple(head.pairs[at : at + 2] for at in range(0, len(head.pairs), 2)),
        kinds=tuple(head.kinds),
        character_rows=character_rows,
        pair_rows=pair_rows,
        windows=dict(zip(head.widths, zip(rest[::2], rest[1::2], strict=True), strict=True)),
        shares=(weights, biases),
        about=head.about,
    )
    if not _fits(numbers):
        raise ValueError("the parts of the net do not fit together")
    return numbers


def _cut(body: bytes, head: _Head) -> list[Floats]:
    sizes = [prod(shape) for shape in head.shapes]
    if len(sizes) != len(head.scales) or len(sizes) != 4 + 2 * len(head.widths) or sum(sizes) != len(body):
        raise ValueError("the numbers of the net are not those its first line tells of")
    ends = list(accumulate(sizes, initial=0))
    steps = np.frombuffer(body, np.int8).astype(np.float32)
    parts = zip(pairwise(ends), head.shapes, head.scales, strict=True)
    return [steps[start:end].reshape(shape) * np.float32(scale) for (start, end), shape, scale in parts]


def _fits(numbers: Numbers) -> bool:
    rows, pair_rows = numbers.character_rows, numbers.pair_rows
    if rows.ndim != 2 or pair_rows.ndim != 2:
        return False
    place = rows.shape[1] + pair_rows.shape[1]
    windows = numbers.windows.items()
    filters = sum(biases.size for _, (_, biases) in windows)
    weights, biases = numbers.shares
    return (
        (len(rows), len(pair_rows)) == (len(numbers.characters) + 1, len(numbers.pairs) + 1)
        and all(each.shape == (width * place, bias.size) and bias.ndim == 1 for width, (each, bias) in windows)
        and (weights.shape, biases.shape) == ((filters, len(numbers.kinds)), (len(numbers.kinds),))
    )


def read(packed: bytes) -> tuple[Net | None, str]:
    """The net of a file if it can be used, and what is wrong with it in one sentence ('' if nothing is)."""
    if not packed:
        return None, f"没有听字序的网络，只按权重推断；{REMEDY}"
    try:
        return Net(unpack(packed)), ""
    except ValueError:
        return None, f"听字序的网络文件损坏，只按权重推断；{REMEDY}"
