"""Masking 遮蔽 of a fact's body for those who have no business with the people in it (domain.md B6, PIPL Art. 51).

Phones as 138****1234, ID numbers by their first 3 and last 4, names by their first character. In free text the numbers
are found by their shape; a name there cannot be told from other words and stays, as the README says.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

NAMES = frozenset({"caller", "keyholder", "person", "subscriber"})
PHONES = frozenset({"phone", "keyholder_phone", "callback_phone", "guard_phone", "meu_phone"})
PERSONS = frozenset({"keyholders"})
"""Lists of people, each written as name and phone."""
KEYS = frozenset({"id", "ingest_id", "alarm", "incident", "alias", "handoff", "assignment", "hash", "act_id"})
"""Keys of our own making: no number in them is a person's."""
TELEPHONED = frozenset({"sms-pdu", "at-modem", "cti"})
"""Protocols whose raw bytes spell a caller's number."""
WITHHELD = "〔遮蔽〕"

_RUN = re.compile(r"[A-Z]{2,4}20\d\d[01]\d[0-3]\d-\d{4}(?!\d)|\d(?:[ \u00a0\u3000()（）\-‐-―－]{0,2}\d){9,}[xXｘＸ]?")
"""Ten digits or more as people write them: in groups, with dashes, with the area code in brackets; or, to be left
as it is, the number of an incident."""

_PERSONAL = re.compile(r"1[3-9]\d{9}|0\d{9,11}|\d{15}")
"""Mobile, land line with its area code, ID card (15, or 17 and a check character)."""


def _mask(run: re.Match[str]) -> str:
    text = run.group()
    if text[0].isalpha():
        return text
    digits = "".join(str(int(letter)) for letter in text if letter.isdecimal())
    if not _PERSONAL.search(digits):
        return text
    shown = digits + ("X" if text[-1] in "xXｘＸ" else "")
    return f"{shown[:3]}{'*' * (len(shown) - 7)}{shown[-4:]}"


def mask_text(text: str) -> str:
    """The text with every phone and ID-card number as 138****1234."""
    return _RUN.sub(_mask, text)


def mask_name(name: str) -> str:
    """张**: the first character, and that there is more."""
    return f"{name[:1]}**" if name else name


def mask_phone(number: str) -> str:
    """138****1234; of a short number only that there is one."""
    return f"{number[:3]}****{number[-4:]}" if len(number) > 7 else "****" if number else number


def masked_body(body: Any) -> tuple[Any, Sequence[str]]:
    """The body (JSON values) with its personal data masked, and the names of the fields that were, as `a.b`."""
    fields: list[str] = []

    def masked(value: Any, path: tuple[str, ...], rawly: bool) -> Any:
        if isinstance(value, Mapping):
            tells = value.get("protocol") in TELEPHONED
            return {key: masked(item, (*path, key), tells) for key, item in value.items()}
        if isinstance(value, list):
            return [masked(item, path, rawly) for item in value]
        shown = _shown(value, path[-1] if path else "", rawly) if isinstance(value, str) else value
        if shown != value:
            fields.append(".".join(path))
        return shown

    return masked(body, (), False), fields


def _shown(text: str, key: str, rawly: bool) -> str:
    """`rawly`: the raw bytes beside this text spell a number."""
    if key in KEYS:
        return text
    if key == "raw_hex":
        return WITHHELD if rawly and text else text
    if key in PHONES:
        return mask_phone(text)
    if key in PERSONS:
        name, _, phone = text.rpartition(" ")
        return f"{mask_name(name)} {mask_phone(phone)}".strip()
    return mask_name(text) if key in NAMES else mask_text(text)
