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
from drivers.protocols.sia_dc03_text import TESTS, coded, in_parts, is_over, read_text
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
# `S RRL [#AAAAAA|EXXYYYY/…]`: SIA levels 2 and 3, whose bracket holds DC-03 text: a new (N), old (O) or
# environmental (E) block of events, then perhaps further blocks.
_SIA_2 = re.compile(rb"S([0-9]{2})([0-9]{0,3}) *\[#([0-9A-F]{3,6})\|([NOE].*)\] *")
# `6 RR L ssssss AAAA XX YYYY`: BFSK; what XX means is the panel maker's own.
_BFSK = re.compile(rb"6([0-9]{2})([0-9]{0,3}) {1,8}([0-9A-F]{4}) ?([0-9A-Z]{2}) ?([0-9A-F]{0,4}) *")
# `8 RR L AAAA s CCCC s CCCC s C`: Ademco high speed, the state of nine channels.
_HIGH_SPEED = re.compile(rb"8([0-9]{2})([0-9]{0,3}) {0,8}([0-9A-F]{4}) ([0-6]{4}) ([0-6]{4}) ([0-6]) *")
# `T RRL …` Telenot and `C…` FSK2: what stands behind the header is not public, but some panel said it.
_FOREIGN = re.compile(rb"[TC]([0-9]{2})([0-9])([^\x80-\xff]+)")
# `0 RR LLL [#0000|Nxxyy]`: the receiver itself speaks, no site does.
_INTERNAL = re.compile(rb"0([0-9]{2})([0-9]{0,3}) *\[#[0-9A-F]{3,6}\|(.*)\] *")

# Basic format: 0 is a test, 2 a panic button.
_BASIC_TEST, _BASIC_PANIC = "0", "2"
# Ademco high speed: 1 new, 2 open, 3 restore, 4 close, 5 normal, 6 previous, 0 trouble, here as the letter that the
# basic format has for the same thing, and as a qualifier; a normal channel has nothing to say.
_CHANNEL = {
    "1": ("A", "new"),
    "2": ("O", "new"),
    "3": ("R", "restore"),
    "4": ("C", "restore"),
    "6": ("A", "status"),
    "0": ("T", "new"),
}
# DC-03: first letters that name a danger, the gravest first (panic, hold-up, medical, emergency, fire, heat,
# sprinkler, gas; then burglary, water, untyped; last tamper, which a technician sees to), and second letters by which
# it is none, or no more; and codes of a missing or misbehaving detector that look like a danger.
_SIA_DANGERS = "PHMQFKSGBWUT"
_SIA_FAULTS = frozenset(("BD", "BZ", "FQ", "FV", "FW", "FY", "FZ", "UY"))
_SIA_HARMLESS = "TSJBU"
_UNREAD = ("", "")


def read_string(line: bytes, raw: bytes, ack: bytes, *, lenient: bool = False) -> list[Report]:
    """Return what one whole string (terminator removed) reports, [] if it has none of the forms.

    Several reports of one string have one answer, with the last of them.
    """
    for form, build in _FORMS_LENIENT if lenient else _FORMS:
        found = form.fullmatch(line)
        if found:
            texts = [group.decode("ascii", "replace") for group in found.groups()]
            built = build(partial(Report, raw=raw, ack=ack, receiver=texts[0], receiver_line=texts[1]), *texts[2:])
            return built if isinstance(built, list) else [built]
    return []


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


def _foreign(report: partial[Report], text: str) -> Report:
    """Return a signal that nobody here can read: shown raw, on the account of nobody."""
    return report(type="signal", test=False, silent=False, panic=False, extended={"text": text})


def _channels(report: partial[Report], account: str, first: str, second: str, last: str) -> list[Report]:
    """Return a signal for each channel that is not normal, its number as the zone."""
    states = f"{first}{second}{last}"
    said = [(number, *_CHANNEL[state]) for number, state in enumerate(states, start=1) if state in _CHANNEL]
    if not said:
        return [report(type="message", account=account, extended={"text": states})]
    return in_parts(
        [
            report(
                type="signal",
                account=account,
                zone=str(number),
                qualifier=qualifier,
                test=False,
                silent=False,
                panic=False,
                extended={"code": letter, "text": states},
            )
            for number, letter, qualifier in said
        ]
    )


def _bracketed(report: partial[Report], account: str, text: str) -> Report:
    """Return the gravest event of a DC-03 text, the first of several such. The text goes along whole.

    One report a string, for its sender waits for one answer. A text that could not be read to its end holds
    an event nobody knows: a signal without a code, unless something graver was read beside it.
    """
    events = [(event.code, event.address) for event in read_text(text).events]
    code, zone = min(events or [_UNREAD], key=_gravity)
    return coded(report, account, code, zone, text=text)


def _gravity(event: tuple[str, str]) -> tuple[int, int]:
    """Return a sort key: dangers in their order, what was not understood, restores, then all the rest."""
    matter, became = event[0][:1], event[0][1:]
    if not matter:
        return 1, 0
    if matter not in _SIA_DANGERS or became in _SIA_HARMLESS or event[0] in TESTS | _SIA_FAULTS:
        return 3, 0
    return (2, 0) if is_over(event[0]) else (0, _SIA_DANGERS.index(matter))


_FORMS: tuple[tuple[re.Pattern[bytes], Callable[..., Report | list[Report]]], ...] = (
    (_CONTACT_ID, signal),
    (_CONTACT_ID_LONG, signal),
    (_HEARTBEAT, _heartbeat),
    (_TWO_CHAR, coded),
    (_BASIC, _basic),
    (_SIA_1, coded),
    (_SIA_2, _bracketed),
    (_INTERNAL, _internal),
    (_BFSK, coded),
    (_HIGH_SPEED, _channels),
    (_FOREIGN, _foreign),
)
_FORMS_LENIENT = (*_FORMS, (_CONTACT_ID_LENIENT, signal))
