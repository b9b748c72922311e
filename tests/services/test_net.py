"""The net: windows are read as defined, what is pasted is bounded, a file gives the same net and damage is found."""

import json
import math
import zlib
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from console.services.net import MOST, MOST_BYTES, STEPS, Net, Numbers, pack, read, unpack

CHARACTERS, PAIRS = "楼上着火了快来人打架", ("着火", "打架")
KINDS = ("0401", "0201", "0802")


def made(seed: int = 110) -> Numbers:
    """A net of any numbers."""
    random = np.random.default_rng(seed)

    def some(*shape: int) -> NDArray[np.float32]:
        return random.standard_normal(shape).astype(np.float32)

    character_rows, pair_rows = some(len(CHARACTERS) + 1, 4), some(len(PAIRS) + 1, 3)
    return Numbers(
        characters=CHARACTERS,
        pairs=PAIRS,
        kinds=KINDS,
        character_rows=character_rows,
        pair_rows=pair_rows,
        windows={width: (some(width * 7, 6), some(6)) for width in (1, 3)},
        shares=(some(12, len(KINDS)), some(len(KINDS))),
        about={"source": "test"},
    )


def slowly(numbers: Numbers, narrative: str) -> dict[str, float]:
    """The shares as the definition has them, one window and one filter after the other."""
    said, nothing = narrative[:MOST], [0.0] * 7
    places = [nothing] * max(numbers.windows)
    for at, character in enumerate(said):
        row = CHARACTERS.find(character) + 1
        pair = PAIRS.index(said[at : at + 2]) + 1 if said[at : at + 2] in PAIRS else 0
        places.append([*numbers.character_rows[row].tolist(), *numbers.pair_rows[pair].tolist()])
    places += [nothing] * max(numbers.windows)
    strongest = []
    for width, (weights, biases) in numbers.windows.items():
        for column in range(weights.shape[1]):
            windows = [list(chain(*places[start : start + width])) for start in range(len(places) - width + 1)]
            answers = [sum(a * float(b) for a, b in zip(window, weights[:, column], strict=True)) for window in windows]
            strongest.append(max(0.0, max(answers) + float(biases[column])))
    scores = [float(np.array(strongest) @ numbers.shares[0][:, kind] + numbers.shares[1][kind]) for kind in range(3)]
    whole = math.log(sum(math.exp(score - max(scores)) for score in scores)) + max(scores)
    return {kind: score - whole for kind, score in zip(numbers.kinds, scores, strict=True)}


@given(st.text(alphabet=CHARACTERS + "，甲", min_size=1, max_size=30), st.integers(0, 5))
def test_that_the_shares_are_those_of_the_definition(narrative: str, seed: int) -> None:
    found = Net(made(seed)).shares(narrative)
    if set(narrative) & set(CHARACTERS):
        assert found == pytest.approx(slowly(made(seed), narrative), abs=1e-4)
        assert sum(map(math.exp, found.values())) == pytest.approx(1, abs=1e-5)
    else:
        assert found == {}


def test_that_whatever_is_pasted_is_read_to_a_bound() -> None:
    net, said = Net(made()), "着火了" * MOST
    assert net.shares(said) == net.shares(said[:MOST])
    assert net.shares("") == {}


def test_that_a_file_gives_the_same_net_to_half_a_step() -> None:
    numbers = made()
    packed = pack(numbers)
    again = unpack(packed)
    assert pack(again) == packed
    assert (again.characters, again.pairs, again.kinds, again.about) == (CHARACTERS, PAIRS, KINDS, numbers.about)
    for kept, was in (
        (again.character_rows, numbers.character_rows),
        (again.pair_rows, numbers.pair_rows),
        (again.windows[3][0], numbers.windows[3][0]),
        (again.shares[0], numbers.shares[0]),
    ):
        assert np.abs(kept - was).max() <= np.abs(was).max() / STEPS / 2 + 1e-6
    net, fault = read(packed)
    assert fault == ""
    assert net is not None
    assert net.shares("楼上着火了") == Net(again).shares("楼上着火了")


PACKED = pack(made())
HEAD, _, BODY = zlib.decompress(PACKED).partition(b"\n")


def rebuilt(body: bytes = BODY, **changed: object) -> bytes:
    """The file with another first line."""
    return zlib.compress(json.dumps({**json.loads(HEAD), **changed}).encode() + b"\n" + body)


SPOILT = {
    "empty": b"",
    "not compressed": b"{}\n",
    "cut short": PACKED[:-1],
    "overwritten": PACKED[:-9] + b"123456789",
    "one bit": PACKED[:40] + bytes([PACKED[40] ^ 1]) + PACKED[41:],
    "something behind": PACKED + b"x",
    "a list": zlib.compress(b"[]\n"),
    "nested": zlib.compress(b"[" * 100_000 + b"\n"),
    "huge": zlib.compress(bytes(MOST_BYTES + 1)),
    "no line": zlib.compress(HEAD),
    "another version": rebuilt(format=2),
    "another key": rebuilt(more=1),
    "no shapes": rebuilt(shapes=[]),
    "wrong type": rebuilt(kinds=5),
    "a character less": rebuilt(characters=CHARACTERS[1:]),
    "a kind less": rebuilt(kinds=list(KINDS[1:])),
    "other widths": rebuilt(widths=[1, 9]),
    "one width twice": rebuilt(widths=[3, 3]),
    "turned rows": rebuilt(shapes=[json.loads(HEAD)["shapes"][0][::-1], *json.loads(HEAD)["shapes"][1:]]),
    "no number": rebuilt(scales=[math.nan] * 8),
    "a body too long": rebuilt(BODY + b"x"),
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_that_a_damaged_file_is_no_net_and_said_so(spoilt: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(spoilt)
    net, fault = read(spoilt)
    assert net is None
    assert "网络" in fault
