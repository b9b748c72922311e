"""Frames as hypothesis makes them: any account, code, header and ending the field has shown."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from drivers.protocols.contact_id import block

DIGITS = "0123456789"
KEYS = "0123456789BCDEF"
TERMINATORS = ("\x14", "\r", "\n", "\r\n")


def text(alphabet: str, size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=alphabet, min_size=size, max_size=size)


codes = st.builds(str.__add__, text("12345679", 1), text(KEYS, 2))
surgard_fields = st.fixed_dictionaries(
    {
        "receiver": text(DIGITS, 2),
        "receiver_line": st.text(alphabet=DIGITS, max_size=3),
        "account": text(DIGITS + "ABCDEF", 4),
        "qualifier": st.sampled_from(("new", "restore", "status")),
        "event_code": codes,
        "partition": text(DIGITS, 2),
        "zone": text(DIGITS, 3),
    }
)
LETTERS = {"new": "E", "restore": "R", "status": "P"}


def surgard_string(fields: dict[str, str]) -> bytes:
    """Write the string a receiver would send, without its terminator."""
    letter = LETTERS[fields["qualifier"]]
    head = f"5{fields['receiver']}{fields['receiver_line']} 18{fields['account']}{letter}"
    return f"{head}{fields['event_code']}{fields['partition']}{fields['zone']}".encode()


surgard_lines = st.builds(
    lambda fields, end: surgard_string(fields) + end.encode(), surgard_fields, st.sampled_from(TERMINATORS)
)
heartbeats = st.sampled_from((b"1011           @    \x14", b"100000           @    \x14"))
surgard_noise = st.binary(max_size=40)
contact_id_blocks = st.builds(block, text(KEYS, 4), codes, st.sampled_from("136"), text(DIGITS, 2), text(DIGITS, 3))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Cut a stream at the given places (taken modulo its length)."""
    bounds = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(bounds)]


places = st.lists(st.integers(0, 10_000), max_size=12)
