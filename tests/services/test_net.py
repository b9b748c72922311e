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

from console.services.net import MOST, Net, Numbers, pack, unpack, usable

CHARACTERS, PAIRS = "楼上着火了快来人打架", ("着火", "打架")
KINDS = ("0401", "0201", "0802")


def made(seed: int = 110) -> Numbers:
    """A net of any numbers."""
    numbers = np.random.default_rng(seed)

    def some(*shape: int) -> NDArray[np.float32]:
        return numbers.standard_normal(shape).astype(np.float32)

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


def test_that_a_file_gives_nearly_the_same_net_and_damage_is_found() -> None:
    packed = pack(made())
    again = unpack(packed)
    assert Net(again).shares("楼上着火了") == pytest.approx(Net(made()).shares("楼上着火了"), abs=1.0)
    assert (again.characters, again.pairs, again.kinds) == (CHARACTERS, PAIRS, KINDS)
    assert pack(again) == packed
    assert usable(packed)[1] == ""
    other = json.loads(zlib.decompress(packed).partition(b"\n")[0]) | {"format": 0}
    for spoilt in (
        b"",
        b"{}\n",
        packed[:-1],
        packed[:-9] + b"123456789",
        packed[:40] + bytes([packed[40] ^ 1]) + packed[41:],
        zlib.compress(json.dumps(other).encode() + b"\n"),
    ):
        with pytest.raises(ValueError):
            unpack(spoilt)
        net, fault = usable(spoilt)
        assert net is None
        assert fault
