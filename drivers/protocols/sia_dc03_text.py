"""SIA DC-03, the text form: what stands in a DC-09 SIA-DCS frame, in a Sur-Gard S string and in a Galaxy event block.

Blocks separated by `|`, the first character of each its function: `#` account, `N` new and `O` old events, `A` text.
Inside an event block stand lower-case modifiers (area, user, time …) that hold for the events behind them, and events
of two capitals, an address and perhaps a text; the slash between them is often missing. Codes and modifiers are those
of SIA DC-03-2017.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from drivers.report import Report

# Panic and hold-up alarms. DC-03 calls HA "silent alarm, user under duress".
_PANIC = frozenset(("PA", "HA"))
_SILENT = frozenset(("HA",))
# Automatic, manual and unspecified test, test start and end, walk tests, tests of a zone.
TESTS = frozenset(("RP", "RX", "TX", "TS", "TE", "TP", "TC", "BX", "FX", "GX", "FI", "FK"))
# The second letters that say a condition is over, each with the matters (first letters) it says so of: CR, OR, OH,
# JH … mean something else.
_OVER = {
    "R": "ABDEFGHIKLMNPQSTUVWXYZ",
    "H": "BDFGHKMPQSTUWXYZ",
    "J": "BEFGHKMPQSTUWXYZ",
    "E": "BY",
    "N": "AE",
    "Q": "FY",
    "V": "F",
    "K": "Y",
}
# Codes whose address is a user.
_OF_A_USER = frozenset(
    (
        "BC", "CE", "CF", "CG", "CK", "CL", "CP", "CQ", "CR", "DA", "DB", "EE", "JD", "JH", "JK", "JP", "JS",
        "JT", "JV", "JX", "JY", "JZ", "OC", "OH", "OJ", "OK", "OL", "OP", "OQ", "OR", "OT", "RX",
    )
)  # fmt: skip
_MODIFIERS = {
    "ri": "area",
    "id": "user",
    "ti": "time",
    "da": "date",
    "pi": "peripheral",
    "ai": "automated",
    "ph": "telephone",
    "lv": "level",
    "va": "value",
    "pt": "path",
    "rg": "route_group",
    "ss": "sub_subscriber",
}
# Blocks that never hold events, though what stands in them may look like one.
_NO_EVENTS = "#A@&?0123456789"
_BLOCK = re.compile(r"(?:\^[^^|]*\^|[^|])*")
# One piece of an event block. An address is decimal where that leaves a whole next piece, else hexadecimal; so is the
# value of a modifier.
_PIECE = re.compile(
    r"""/ |
    (?P<modifier>[a-z]{2})
      (?P<value>[0-9:.\-]*(?=[/^*"]|[A-Z]{2}|[a-z]{2}|$) | [0-9A-F]*(?=[/^*"]|[a-z]{2}|$))
      (?: \^(?P<name>[^^]*)(?:\^|$) )? |
    (?P<code>[A-Z]{2}) [ ]?
    (?: (?P<zone>[0-9]{0,10}) (?: "[^"]*" | \^(?P<text>[^^]*)(?:\^|$) | \*[^/]* )? (?= / | [A-Z]{2} | [a-z]{2} | $ )
      | (?P<hex>[0-9A-F]{0,10}) (?: "[^"]*" | \^(?P<hextext>[^^]*)(?:\^|$) | \*[^/]* )? (?= / | [a-z]{2} | $ ) )""",
    re.VERBOSE,
)


class Dc03Event(NamedTuple):
    """One event; `code` is "" for a piece that nobody could read, then `text` holds it.

    `modifiers` are those standing before it in its block, by their two letters. `block` is N, O, E …
    """

    code: str
    modifiers: Mapping[str, str]
    block: str
    address: str = ""
    text: str = ""


class Dc03Text(NamedTuple):
    """A whole text: the account of its `#` block, its events, and what its `A` blocks say."""

    account: str | None
    events: tuple[Dc03Event, ...]
    texts: tuple[str, ...]

    @property
    def understood(self) -> bool:
        """Whether it says anything in DC-03 and every piece of it could be read."""
        return bool(self.events or self.texts) and all(event.code for event in self.events)


def read_text(text: str) -> Dc03Text:
    """Return what a DC-03 text says; nothing in it raises, what cannot be read is an event without a code."""
    account: str | None = None
    events: list[Dc03Event] = []
    texts: list[str] = []
    for block in _BLOCK.findall(text):
        kind, rest = block[:1], block[1:]
        if kind == "#":
            account = account or rest or None
        elif kind == "A":
            texts.append(rest)
            if events and not events[-1].text:
                events[-1] = events[-1]._replace(text=rest)
        elif kind and kind not in _NO_EVENTS:
            events += _event_block(kind, rest, block)
    return Dc03Text(account, tuple(events), tuple(texts))


def read_events(content: str, block: str = "N") -> list[Dc03Event]:
    """Return the events of the content of one event block."""
    events: list[Dc03Event] = []
    modifiers: dict[str, str] = {}
    position = 0
    while position < len(content):
        piece = _PIECE.match(content, position)
        if piece is None:
            slash = content.find("/", position)
            end = slash if slash >= 0 else len(content)
            events.append(Dc03Event(code="", text=content[position:end], modifiers=dict(modifiers), block=block))
            position = end
            continue
        if piece["modifier"] in _MODIFIERS:
            modifiers[piece["modifier"]] = piece["value"]
        elif piece["code"]:
            address, words = piece["zone"] or piece["hex"] or "", piece["text"] or piece["hextext"] or ""
            row = Dc03Event(code=piece["code"], address=address, text=words, modifiers=dict(modifiers), block=block)
            events.append(row)
        position = piece.end()
    return events


def _event_block(kind: str, rest: str, block: str) -> list[Dc03Event]:
    """Return the events of a block. A sender that leaves the function letter out is understood as well."""
    if kind in "NOE":
        return read_events(rest, kind)
    events = read_events(block)
    whole = all(event.code for event in events)
    # C, P, X, L, V, v, I are blocks of their own: events only if they read as such to the end.
    return events if whole or kind not in "CPXLVvI" else []


def is_over(code: str) -> bool:
    """Whether a code says that a condition has ended."""
    return code[:1] in _OVER.get(code[1:2], "")


def coded(
    report: Callable[..., Report],
    account: str | None,
    code: str,
    zone: str,
    partition: str | None = None,
    **extended: object,
) -> Report:
    """Return the signal of a two-letter code; `report` builds a Report that already knows its bytes.

    A code that is no two letters stays raw in `extended`, as does one that could not be read at all.
    """
    letters = code if code.isalpha() else None
    said = ({"code": code} if code else {}) | {name: value for name, value in extended.items() if value}
    return report(
        type="signal",
        account=account,
        partition=partition,
        zone=zone or None,
        zone_is_user=letters in _OF_A_USER if letters else None,
        sia_code=letters,
        qualifier=("restore" if is_over(letters) else "new") if letters else None,
        test=code in TESTS,
        silent=code in _SILENT,
        panic=code in _PANIC,
        extended=said,
    )


def signals(report: Callable[..., Report], account: str | None, events: tuple[Dc03Event, ...]) -> list[Report]:
    """Return one signal for each event; `report` builds a Report that already knows its bytes."""
    return [
        coded(
            report,
            account,
            event.code,
            event.address,
            event.modifiers.get("ri") or None,
            text=event.text,
            **_words(event),
        )
        for event in events
    ]


def in_parts(reports: list[Report]) -> list[Report]:
    """Return the reports of one frame so that it is answered once, when the last of them is stored.

    `more["part"]` counts them: they share bytes and sequence, and none is a copy of another.
    """
    if len(reports) < 2:
        return reports
    counted = [replace(row, more={**(row.more or {}), "part": part}) for part, row in enumerate(reports, start=1)]
    return [replace(row, ack=b"") for row in counted[:-1]] + counted[-1:]


def _words(event: Dc03Event) -> dict[str, str]:
    """Return the modifiers by name, without the area, which is the partition."""
    said = {_MODIFIERS[name]: value for name, value in event.modifiers.items() if name != "ri"}
    return said | ({"old": "1"} if event.block == "O" else {})
