"""A fuzz run over any protocol: our own vectors spoilt in every way, in random pieces, for as long as asked.

What it holds against every codec: no exception, nothing but reports that can be printed, the same reports in any split,
a buffer that stays small and a memory that does not grow. The seed is fixed, so a finding comes again.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

from drivers.codec import Codec, Talker
from drivers.protocols import MODULES, codec_for
from drivers.report import Report

VECTORS = Path(__file__).parents[1] / "vectors"
PENDING_BOUND = 16 * 1024
"""No codec holds back more of an unfinished frame: the largest cap is 4 KiB, one read more may come on top."""
MEMORY_BOUND = 4 * 1024 * 1024
"""What a codec may hold in all after a long life among mad senders: parts of messages, accounts, orders."""
LOOK_EVERY = 500
FLOOD = 3 * PENDING_BOUND


@dataclass(frozen=True, slots=True)
class Vector:
    """The bytes of one fact about a protocol, and how a line must be set to read them."""

    data: bytes
    options: tuple[tuple[str, str], ...]


def vectors(protocol: str) -> list[Vector]:
    """Return our own vectors of a protocol; AssertionError if it has none."""
    file = VECTORS / f"{MODULES[protocol]}.jsonl"
    assert file.exists(), f"{protocol} has no own vectors in {file.name}"
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        # Facts are of any age; how old one is changes while it is read.
        options = {"judge_time": "0", **row.get("options", {})} | (
            {"lenient": "1"} if row.get("lenient", False) else {}
        )
        found.append(Vector(bytes.fromhex(row["hex"]), tuple(sorted(options.items()))))
    return found


def fuzz(protocol: str, seconds: float, seed: int = 110) -> dict[str, float]:
    """Spoil and feed for so many seconds; return what was counted, AssertionError with seed and bytes for a finding."""
    drawn = random.Random(f"{protocol} {seed}")
    known = vectors(protocol)
    old = {options: codec_for(protocol, dict(options)) for options in sorted({vector.options for vector in known})}
    counted = {"rounds": 0, "bytes": 0, "reports": 0}
    for options, codec in old.items():
        for noise in _floods(known[0], drawn):
            with _named(protocol, dict(options), noise):
                _flood(codec, noise)
    until = time.monotonic() + seconds
    while time.monotonic() < until or not counted["rounds"]:
        options = drawn.choice(known).options
        stream = b"".join(_spoilt(drawn, [row.data for row in known if row.options == options]))
        with _named(protocol, dict(options), stream):
            _feed_new(protocol, dict(options), stream, drawn)
            counted["reports"] += _feed_old(old[options], stream, drawn)
            if counted["rounds"] % LOOK_EVERY == 0:
                held = size_of(old[options])
                assert held < MEMORY_BOUND, f"it holds {held} bytes"
        counted["rounds"] += 1
        counted["bytes"] += len(stream)
    return dict(counted)


class _named:  # noqa: N801 - reads as a function
    """Say which bytes did it when something inside fails."""

    def __init__(self, protocol: str, options: dict[str, str], stream: bytes) -> None:
        self._what = f"{protocol} {options or ''}: {stream[:4000].hex()}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, problem: BaseException | None, _trace: object) -> None:
        if isinstance(problem, Exception):
            raise AssertionError(f"{type(problem).__name__} {problem} by {self._what}") from problem


# -- feeding -------------------------------------------------------------------------------------------------


def _feed_new(protocol: str, options: dict[str, str], stream: bytes, drawn: random.Random) -> None:
    """A fresh codec reports the same in one piece and in many."""
    whole = codec_for(protocol, options).feed(stream)
    parts, codec = [], codec_for(protocol, options)
    for piece in _pieces(stream, drawn):
        parts += codec.feed(piece)
    assert [_essence(report) for report in parts] == [_essence(report) for report in whole], "another split"


def _essence(report: Report) -> tuple[Any, ...]:
    """What must be equal; an answer may hold the time, or random padding."""
    return report.type, report.raw, report.account, report.zone, report.event_code, report.sia_code, report.why


def _feed_old(codec: Codec, stream: bytes, drawn: random.Random) -> int:
    """A codec that has lived long takes it as well; return how many reports it gave."""
    reports: list[Report] = []
    for piece in _pieces(stream, drawn):
        reports += codec.feed(piece)
        assert codec.pending < PENDING_BOUND, f"{codec.pending} bytes pending"
    if isinstance(codec, Talker):
        assert isinstance(codec.outgoing(time.monotonic()), bytes)
    end = drawn.random()
    if end < 0.1:
        codec.reset()
    elif end < 0.5:
        reports += codec.expire()
    for report in reports:
        json.dumps(report.to_json())
    return len(reports)


def _floods(vector: Vector, drawn: random.Random) -> Iterator[bytes]:
    """Noise, one byte for ever, and the beginning of a frame that never ends."""
    yield drawn.randbytes(FLOOD)
    yield drawn.randbytes(1) * FLOOD
    yield vector.data[:10] + b"1" * FLOOD


def _flood(codec: Codec, noise: bytes) -> None:
    for start in range(0, len(noise), 4096):
        codec.feed(noise[start : start + 4096])
        assert codec.pending < PENDING_BOUND, f"{codec.pending} bytes pending in a flood"
    codec.expire()


def _pieces(stream: bytes, drawn: random.Random) -> Iterator[bytes]:
    at = 0
    longest = drawn.choice((1, 3, 10, 100, 5000))
    while at < len(stream):
        end = at + drawn.randint(1, longest)
        yield stream[at:end]
        at = end


# -- spoiling ------------------------------------------------------------------------------------------------


def _spoilt(drawn: random.Random, frames: list[bytes]) -> Iterator[bytes]:
    for _ in range(drawn.randint(1, 5)):
        frame = drawn.choice(frames)
        for _ in range(drawn.choice((0, 0, 1, 1, 2, 5))):
            frame = drawn.choice(_WAYS)(drawn, frame, frames)
        yield frame


def _flip(drawn: random.Random, frame: bytes, _frames: list[bytes]) -> bytes:
    if not frame:
        return frame
    place = drawn.randrange(len(frame))
    return frame[:place] + bytes([frame[place] ^ drawn.randint(1, 255)]) + frame[place + 1 :]


def _cut(drawn: random.Random, frame: bytes, _frames: list[bytes]) -> bytes:
    places = sorted(drawn.randint(0, len(frame)) for _ in range(2))
    return frame[: places[0]] + frame[places[1] :]


def _insert(drawn: random.Random, frame: bytes, _frames: list[bytes]) -> bytes:
    place = drawn.randint(0, len(frame))
    return frame[:place] + drawn.randbytes(drawn.choice((1, 2, 30))) + frame[place:]


def _double(drawn: random.Random, frame: bytes, _frames: list[bytes]) -> bytes:
    places = sorted(drawn.randint(0, len(frame)) for _ in range(2))
    return frame[: places[1]] + frame[places[0] :]


def _splice(drawn: random.Random, frame: bytes, frames: list[bytes]) -> bytes:
    other = drawn.choice(frames)
    return frame[: drawn.randint(0, len(frame))] + other[drawn.randint(0, len(other)) :]


def _swap(drawn: random.Random, frame: bytes, _frames: list[bytes]) -> bytes:
    """Put another digit for a digit, a letter for a letter: what still looks like a frame."""
    places = [place for place, byte in enumerate(frame) if chr(byte).isalnum()]
    if not places:
        return frame
    place = drawn.choice(places)
    return frame[:place] + drawn.choice(b"09AFaz5").to_bytes(1, "big") + frame[place + 1 :]


_WAYS: tuple[Callable[[random.Random, bytes, list[bytes]], bytes], ...] = (
    _flip,
    _cut,
    _insert,
    _double,
    _splice,
    _swap,
)


# -- memory --------------------------------------------------------------------------------------------------


def size_of(thing: object) -> int:
    """Return the bytes an object holds with all it refers to, without code and classes."""
    seen: set[int] = set()
    waiting, held = [thing], 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, (type, ModuleType, FunctionType, MethodType)):
            continue
        seen.add(id(one))
        held += sys.getsizeof(one)
        waiting += _parts_of(one)
    return held


def _parts_of(thing: object) -> list[object]:
    if isinstance(thing, dict):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, (str, bytes, bytearray)):
        return []
    parts = [getattr(thing, name) for name in getattr(type(thing), "__slots__", ()) if hasattr(thing, name)]
    parts += vars(thing).values() if hasattr(thing, "__dict__") else ()
    # An iterator would be used up by looking.
    return parts + (list(thing) if hasattr(thing, "__iter__") and not hasattr(thing, "__next__") else [])
