"""Every protocol stands its own vectors spoilt; and the run that says so finds what it should."""

from __future__ import annotations

import os

import pytest

from drivers.protocols import MODULES, contact_id
from drivers.report import Report
from tests.drivers.fuzzing import fuzz, size_of

SECONDS = 0.3 * int(os.environ.get("ENDURANCE_SCALE", "1"))


@pytest.mark.parametrize("protocol", MODULES)
def test_that_a_codec_stands_its_own_vectors_spoilt(protocol: str) -> None:
    counted = fuzz(protocol, SECONDS)
    assert counted["rounds"] >= 1
    assert counted["reports"] >= 1


class Careless(contact_id.ContactIdCodec):
    """A codec with a fault."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[bytes] = []


class Raising(Careless):
    def feed(self, data: bytes) -> list[Report]:
        if b"8\r" in data:
            raise KeyError("8")
        return super().feed(data)


class Splitting(Careless):
    def feed(self, data: bytes) -> list[Report]:
        return super().feed(data[:20])


class Swelling(Careless):
    def feed(self, data: bytes) -> list[Report]:
        self.kept.append(data * 50)
        return super().feed(data)


class Hoarding(Careless):
    @property
    def pending(self) -> int:
        return sum(map(len, self.kept))

    def feed(self, data: bytes) -> list[Report]:
        self.kept.append(data)
        return super().feed(data)


@pytest.mark.parametrize(
    ("fault", "said"),
    [(Raising, "KeyError"), (Splitting, "another split"), (Swelling, "it holds"), (Hoarding, "bytes pending")],
)
def test_that_a_fuzz_run_finds_a_careless_codec(
    monkeypatch: pytest.MonkeyPatch, fault: type[Careless], said: str
) -> None:
    monkeypatch.setattr("tests.drivers.fuzzing.codec_for", lambda *_: fault())
    with pytest.raises(AssertionError, match=said):
        fuzz("contact-id", 20.0)


def test_that_what_an_object_holds_is_counted_once_and_whole() -> None:
    row = b"x" * 1000
    assert 1000 < size_of([row, row]) < 1500
    assert size_of({"a": [bytes(1000), bytearray(1000)]}) > 2000
