"""DC-09 frames as hypothesis makes them, and a codec whose clock and padding stand still."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from drivers.protocols.sia_dc09 import Dc09Codec
from drivers.protocols.sia_dc09_frame import write_frame
from drivers.protocols.sia_dc09_keys import Keys, encrypt
from drivers.report import Report
from tests.drivers.strategies import DIGITS, codes, text

NOW = datetime(2026, 11, 21, 8, 30, 15, tzinfo=UTC)
STAMP = "_08:30:15,11-21-2026"
KEY = bytes.fromhex("ABCDABCDABCDABCDABCDABCDABCDABCD")
HEX = DIGITS + "ABCDEF"


def still_codec(keys: Keys | None = None, now: datetime = NOW, *, lenient: bool = False) -> Dc09Codec:
    """A codec that gives the same bytes every time."""
    return Dc09Codec(keys, lenient=lenient, now=lambda: now, pad=bytes)


def decode(*parts: bytes, keys: Keys | None = None, now: datetime = NOW, lenient: bool = False) -> list[Report]:
    codec = still_codec(keys, now, lenient=lenient)
    return [report for part in parts for report in codec.feed(part)]


def sealed(body: str, rest: str, key: bytes = KEY, pad: bytes = b"0123456789ABCDEF") -> bytes:
    """An encrypted frame; `rest` is what would follow the bracket in clear."""
    tail = b"|" + rest.encode()
    pad += b"x" * (-(len(pad) + len(tail)) % 16)
    return write_frame(body.encode() + b"[" + encrypt(key, pad + tail).hex().upper().encode())


def _contact_id(sequence: int, account: str, code: str, partition: str, zone: str, qualifier: str, more: str) -> bytes:
    data = f"#{account}|{qualifier}{code} {partition} {zone}"
    return write_frame(f'"ADM-CID"{sequence:04d}R0L0#{account}[{data}]{more}'.encode())


def _dc03(sequence: int, account: str, events: list[str], words: str) -> bytes:
    text_of = f"^{words}^" if words else ""
    return write_frame(f'"SIA-DCS"{sequence:04d}L0#{account}[#{account}|Nri1/{"/".join(events)}{text_of}]'.encode())


sequences = st.integers(1, 9999)
accounts = st.text(alphabet=HEX, min_size=3, max_size=16)
contact_id_frames = st.builds(
    _contact_id,
    sequences,
    accounts,
    codes,
    text(DIGITS, 2),
    text(DIGITS, 3),
    st.sampled_from("136"),
    st.sampled_from(("", STAMP, "[I一键报警]" + STAMP, "[X120E30.000][Y36N30.000]")),
)
dc03_events = st.builds(str.__add__, st.sampled_from(("PA", "HA", "BA", "RP", "QQ", "FH")), text(DIGITS, 3))
dc03_frames = st.builds(
    _dc03,
    sequences,
    accounts,
    st.lists(dc03_events, min_size=1, max_size=3),
    st.sampled_from(("", "柜台 3", "VX FRONTE ")),
)
binary_frames = st.builds(
    lambda data: write_frame(
        b'"HENG-BO"0007R0L0#90219125916578[#000010|1120 00 001][%b%b]%b'
        % (len(data).to_bytes(2, "big"), data, STAMP.encode())
    ),
    st.binary(max_size=40),
)
link_tests = st.just(write_frame(b'"NULL"0000R0L0#1234[]'))
clear_frames = st.one_of(contact_id_frames, dc03_frames, link_tests, binary_frames)
sealed_frames = st.builds(
    lambda sequence, zone: sealed(f'"*ADM-CID"{sequence:04d}L0#1234', f"#1234|1120 01 {zone}]{STAMP}"),
    sequences,
    text(DIGITS, 3),
)
noise = st.binary(max_size=40)
