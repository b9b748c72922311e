"""What stands in a DC-09 body: its header, then data, extended data and time stamp, in clear or encrypted.

An encrypted body has no closing bracket: everything behind the `[` is hex of `pad | data ] [extended data] _stamp`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from drivers.protocols.sia_dc09_keys import BLOCK, decrypt

_BODY = re.compile(
    rb"\"(?P<star>\*?)(?P<id>[A-Za-z0-9-]{1,12})\""
    rb"(?P<echo>(?P<sequence>[0-9]{4})(?:R(?P<receiver>[0-9A-Fa-f]{1,6}))?"
    rb"(?:L(?P<line>[0-9A-Fa-f]{1,6}))?(?:#(?P<account>[0-9A-Fa-f]{1,16}))?)\[(?P<rest>.*)",
    re.DOTALL,
)
_STAMP = re.compile(rb"_([0-9]{1,2}:[0-9]{2}:[0-9]{2},[0-9]{1,2}-[0-9]{1,2}-[0-9]{1,4})")
_NUMBERS = re.compile(r"([0-9]+):([0-9]+):([0-9]+),([0-9]+)-([0-9]+)-([0-9]+)")
_DEGREES = re.compile(r"([0-9]{1,3})([NSEW])([0-9]{1,2}(?:\.[0-9]+)?)")
# DC-09-2026, extended data by their first letter. A key (K) is nothing to show.
_XDATA = {
    "A": "authentication",
    "C": "supervision",
    "G": "network_path",
    "H": "occurred_at",
    "I": "alarm_text",
    "J": "json",
    "L": "location",
    "M": "mac",
    "N": "network_address",
    "O": "building",
    "P": "programming",
    "R": "room",
    "S": "site",
    "T": "trigger",
    "V": "url",
    "X": "longitude",
    "Y": "latitude",
    "Z": "altitude",
}


class Head(NamedTuple):
    """The clear part of a body. `echo` is what an answer repeats: sequence, receiver, line prefix, account as sent."""

    id: str
    encrypted: bool
    echo: bytes
    sequence: str
    receiver: str | None
    line: str | None
    account: str | None
    rest: bytes


class Content(NamedTuple):
    """What follows the head. `stamp` is the time as sent, "" for none; `left` what nobody knows the meaning of."""

    data: str
    xdata: tuple[str, ...]
    stamp: str
    left: bytes = b""


def read_head(body: bytes) -> Head | None:
    """Return the head of a body, None if it has another form."""
    found = _BODY.fullmatch(body)
    if found is None:
        return None
    star, name, echo, sequence, receiver, line, account, rest = found.groups()
    return Head(
        id=name.decode("ascii").upper(),
        encrypted=bool(star),
        echo=echo,
        sequence=sequence.decode("ascii"),
        receiver=receiver.decode("ascii") if receiver else None,
        line=line.decode("ascii") if line else None,
        account=account.decode("ascii") if account else None,
        rest=rest,
    )


def read_clear(rest: bytes) -> Content | None:
    """Return the content behind the `[` of a clear body, None if its bracket is never closed."""
    data, bracket, more = rest.partition(b"]")
    return _content(data, more) if bracket else None


def read_cipher(rest: bytes, keys: tuple[bytes, ...], *, stamped: bool = True) -> tuple[Content, bytes] | None:
    """Return the content of an encrypted body and the key that opened it, None if no key does.

    Without the right key the rest is noise, with no time stamp at its end; encrypted, it has one (DC-09 5.5.1.9).
    `stamped=False` takes one without, for those who do not judge the time.
    """
    try:
        cipher = bytes.fromhex(rest.decode("ascii"))
    except ValueError:
        return None
    if not cipher or len(cipher) % BLOCK:
        return None
    for key in keys:
        clear = decrypt(key, cipher).rstrip(b"\0")
        data, bracket, more = clear.partition(b"]")
        # A link test may hold nothing but the pad and the bracket.
        content = _content(data.partition(b"|")[2], more) if bracket else None
        if content and not content.left and (content.stamp or not stamped):
            return content, key
    return None


def _content(data: bytes, more: bytes) -> Content:
    words = data.decode("utf-8", "replace")
    if not more:
        return Content(words, (), "")
    xdata: list[str] = []
    at = 0
    while at < len(more) and more[at] == ord("["):
        binary = more[at + 1 : at + 3]
        if len(binary) == 2 and binary[0] < 0x10:
            begin, end = at + 3, at + 3 + int.from_bytes(binary, "big")
        else:
            begin, end = at + 1, more.find(b"]", at)
        if end < 0 or more[end : end + 1] != b"]":
            break
        raw = more[begin:end]
        xdata.append(raw.hex() if begin == at + 3 else _four_digits(raw))
        at = end + 1
    stamp = _STAMP.match(more, at)
    left = more[stamp.end() if stamp else at :]
    return Content(words, tuple(xdata), stamp[1].decode("ascii") if stamp else "", left)


def _four_digits(raw: bytes) -> str:
    """Return extended data as text, without the four digits by which HENG-BO counts them."""
    counted = re.fullmatch(rb"([0-9]{4})(.+)", raw, re.DOTALL)
    text = counted[2] if counted and int(counted[1]) == len(counted[2]) else raw
    return text.decode("utf-8", "replace")


def time_of(stamp: str, zone: tzinfo) -> datetime | None:
    """Return the time of a stamp, None if it is none. A year cut short counts from the year 2000."""
    found = _NUMBERS.fullmatch(stamp)
    if found is None:
        return None
    hour, minute, second, month, day, year = map(int, found.groups())
    try:
        return datetime(year if year > 999 else 2000 + year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def stamp_of(now: datetime, zone: tzinfo) -> bytes:
    """Return the stamp of a time as it stands in a frame."""
    return now.astimezone(zone).strftime("_%H:%M:%S,%m-%d-%Y").encode("ascii")


def zone_of(text: str) -> tzinfo | None:
    """Return the zone written like +08:00, None if it is none."""
    found = re.fullmatch(r"([+-])([0-9]{2}):([0-9]{2})", text)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-offset if found[1] == "-" else offset)


def xdata_words(xdata: tuple[str, ...]) -> Mapping[str, str]:
    """Return extended data by name, with the place in degrees (`lat`, `lon`) where it is given."""
    if not xdata:
        return {}
    said = {_XDATA[text[0]]: text[1:] for text in xdata if text[:1] in _XDATA and len(text) > 1}
    place = {"lon": said.get("longitude", ""), "lat": said.get("latitude", "")}
    degrees = {name: value for name, text in place.items() if (value := _degrees(text))}
    return said | (degrees if len(degrees) == 2 else {})


def _degrees(text: str) -> str:
    """Return 093W23.456 (degrees, hemisphere, minutes) or a plain number as signed degrees, "" if it is neither."""
    found = _DEGREES.fullmatch(text)
    if found is None:
        return text if re.fullmatch(r"-?[0-9]{1,3}\.[0-9]+", text) else ""
    value = int(found[1]) + float(found[3]) / 60
    return f"{-value if found[2] in 'SW' else value:.6f}"
