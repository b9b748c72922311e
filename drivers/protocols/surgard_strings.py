"""The string forms of Sur-Gard automation output, one reader each.

Layouts are those of the public customer manuals and of captures (header lengths of 3 to 6 digits were all
seen in the field): the first character tells the form, two digits the receiver, the rest its line.
A string has exactly one of the forms or none; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from drivers.protocols.contact_id import signal
from drivers.report import Report

# `5 RR L s 18 AAAA Q XYZ GG CCC`; 98 is the alternative message type; accounts of 4 to 10 digits exist.
_HEAD = rb"5([0-9]{2})([0-9]{0,3}) {0,4}(?:18|98)"
_EVENT = rb"([0-9B-F]{3})([0-9]{2})([0-9]{3})"
_CORE = rb"([ERP136])" + _EVENT
# A four-digit account is tried first; beside a longer one only a letter can be the qualifier, or a doubled
# digit would make a wrong signal of a spoilt string.
_CONTACT_ID = re.compile(_HEAD + rb"([0-9A-F]{4})" + _CORE + rb" *")
_CONTACT_ID_LONG = re.compile(_HEAD + rb"([0-9A-F]{5,10})([ERP])" + _EVENT + rb" *")
_CONTACT_ID_PIECE = re.compile(_HEAD + rb"([0-9A-F]{4})" + _CORE + rb" {0,4}")
CONTACT_ID_AT_END = re.compile(_HEAD + rb"[0-9A-F]{4,10}" + _CORE + rb" {0,4}\Z")
CONTACT_ID_INSIDE = re.compile(_HEAD + rb"[0-9A-F]{4,10}" + _CORE)
# Nothing but the characters of a Contact ID string: if it is none, some are missing or too many.
WRONG_LENGTH = re.compile(_HEAD + rb"[0-9A-FRP]* *")
# The variant without spaces, account before 18 and a numeric qualifier, as one bridge sends it.
_CONTACT_ID_LENIENT = re.compile(rb"5([0-9]{2})([0-9])([0-9A-F]{4})18" + _CORE)
# `1 RR L s…s @ s…s`
_HEARTBEAT = re.compile(rb"1([0-9]{2})([0-9]{0,3}) *@ *")
# `1 RR L` + 6 s + `AAAA` + 4 s + 2 characters, as captured from a PIMA receiver.
_TWO_CHAR = re.compile(rb"1([0-9]{2})([0-9]{0,3}) {2,8}([0-9A-F]{3,6}) {2,6}([0-9A-Z]{2})() *")
# `1 RR L ssss AAAAAA s X G YYY`: event character, group, zone.
_BASIC = re.compile(rb"1([0-9]{2})([0-9]{0,3}) {1,8}([0-9A-F]{3,6}) ([0-9A-Z])([0-9])([0-9]{3}) *")
# `3 RR L ssss AAAAAA XX YYYY`: SIA level 1.
_SIA_1 = re.compile(rb"3([0-9]{2})([0-9]{0,3}) {1,8}([0-9A-F]{3,6}) ?([A-Z]{2})([0-9A-F]{0,4}) *")
# `S RRL [#AAAAAA|EXXYYYY/…]`: SIA levels 2 and 3, whose bracket holds DC-03 text: a new (N) or old (O)
# block of events, then perhaps further blocks.
_SIA_2 = re.compile(rb"S([0-9]{2})([0-9]{0,3}) *\[#([0-9A-F]{3,6})\|([NO].*)\] *")
# What a block is made of, a slash between the pieces or not: lower-case modifiers, and events of a code, an
# address and a text. An address is decimal where that leaves a whole next piece, else hexadecimal.
_SIA_PIECE = re.compile(
    r"""/ | [a-z]{2}[0-9:.\-]* |
    (?P<code>[A-Z]{2}) [ ]?
    (?: (?P<zone>[0-9]{0,10}) (?: "[^"]*" | \^[^^]*\^ | \*[^/]* )? (?= / | [A-Z]{2} | [a-z]{2} | $ )
      | (?P<hex>[0-9A-F]{0,10}) (?: "[^"]*" | \^[^^]*\^ | \*[^/]* )? (?= / | [a-z]{2} | $ ) )""",
    re.VERBOSE,
)
# `0 RR LLL [#0000|Nxxyy]`: the receiver itself speaks, no site does.
_INTERNAL = re.compile(rb"0([0-9]{2})([0-9]{0,3}) *\[#[0-9A-F]{3,6}\|(.*)\] *")

# Basic format: 0 is a test, 2 a panic button.
_BASIC_TEST, _BASIC_PANIC = "0", "2"
# SIA DC-03: panic and hold-up alarms; automatic, manual and point tests.
_SIA_PANIC = ("PA", "HA")
_SIA_TEST = ("RP", "RX", "TS", "TE", "TX")
# DC-03: first letters that name a danger, the gravest first (panic, hold-up, medical, emergency, fire, heat,
# sprinkler, gas; then burglary, water, tamper, untyped), and second letters by which it is none, or no more.
_SIA_DANGERS = "PHMQFKSGBWTU"
_SIA_RESTORED = "RH"
_SIA_HARMLESS = "TSJBUXE"
_UNREAD = ("", "")


def read_string(line: bytes, raw: bytes, ack: bytes, *, lenient: bool = False) -> Report | None:
    """Return the report of one whole string (terminator removed), None if it has none of the forms."""
    for form, build in _FORMS_LENIENT if lenient else _FORMS:
        found = form.fullmatch(line)
        if found:
            texts = [group.decode("ascii", "replace") for group in found.groups()]
            return build(partial(Report, raw=raw, ack=ack, receiver=texts[0], receiver_line=texts[1]), *texts[2:])
    return None


def copies(line: bytes) -> Iterator[tuple[int, int]]:
    """Yield the bounds of each Contact ID frame if the line is exactly a row of them, else nothing.

    Receivers were seen to send six copies in one line without a DC4 between them.
    """
    bounds = []
    position = 0
    while position < len(line):
        found = _CONTACT_ID_PIECE.match(line, position)
        if found is None:
            return
        bounds.append((position, found.end()))
        position = found.end()
    yield from bounds


def _heartbeat(report: partial[Report]) -> Report:
    return report(type="heartbeat")


def _internal(report: partial[Report], text: str) -> Report:
    return report(type="message", extended={"text": text})


def _basic(report: partial[Report], account: str, kind: str, group: str, zone: str) -> Report:
    return report(
        type="signal",
        account=account,
        partition=group,
        zone=zone,
        test=kind == _BASIC_TEST,
        silent=False,
        panic=kind == _BASIC_PANIC,
        extended={"code": kind},
    )


def _coded(report: partial[Report], account: str, code: str, zone: str, text: str = "") -> Report:
    """Return a signal known by a two-character code: two letters are a SIA code, others stay raw."""
    return report(
        type="signal",
        account=account,
        zone=zone or None,
        sia_code=code if code.isalpha() else None,
        test=code in _SIA_TEST,
        silent=False,
        panic=code in _SIA_PANIC,
        extended=({"code": code} if code else {}) | ({"text": text} if text else {}),
    )


def _bracketed(report: partial[Report], account: str, text: str) -> Report:
    """Return the gravest event of a DC-03 text, the first of several such. The text goes along whole.

    One report a string, for its sender waits for one answer. A text that could not be read to its end holds
    an event nobody knows: a signal without a code, unless something graver was read beside it.
    """
    block, *more = text.split("|")
    events = _events(block[1:])
    # A block of plain text starts with A; any other may hold events as the first does.
    for other in more:
        if other and not other.startswith("A"):
            events += _events(other.removeprefix("N").removeprefix("O"))
    code, zone = min(events or [_UNREAD], key=_gravity)
    return _coded(report, account, code, zone, text)


def _events(block: str) -> list[tuple[str, str]]:
    """Return (code, zone) of each event; beside them one without a code if anything was not understood."""
    events: list[tuple[str, str]] = []
    position = 0
    while position < len(block):
        piece = _SIA_PIECE.match(block, position)
        if piece is None:
            events.append(_UNREAD)
            slash = block.find("/", position)
            position = slash if slash >= 0 else len(block)
            continue
        if piece["code"]:
            events.append((piece["code"], piece["zone"] or piece["hex"] or ""))
        position = piece.end()
    return events


def _gravity(event: tuple[str, str]) -> tuple[int, int]:
    """Return a sort key: dangers in their order, what was not understood, restores, then all the rest."""
    matter, became = event[0][:1], event[0][1:]
    if not matter:
        return 1, 0
    if matter not in _SIA_DANGERS or became in _SIA_HARMLESS or event[0] in _SIA_TEST:
        return 3, 0
    return (2, 0) if became in _SIA_RESTORED else (0, _SIA_DANGERS.index(matter))


_FORMS: tuple[tuple[re.Pattern[bytes], Callable[..., Report]], ...] = (
    (_CONTACT_ID, signal),
    (_CONTACT_ID_LONG, signal),
    (_HEARTBEAT, _heartbeat),
    (_TWO_CHAR, _coded),
    (_BASIC, _basic),
    (_SIA_1, _coded),
    (_SIA_2, _bracketed),
    (_INTERNAL, _internal),
)
_FORMS_LENIENT = (*_FORMS, (_CONTACT_ID_LENIENT, signal))
