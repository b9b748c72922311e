"""Words of a unit 一键报备: what it writes or presses to say where it is, and how they are read.

The words and the numbers of the terminals' events are data (resources/reference/reply_words.json). A word counts only
as a whole; what follows it after a blank or a stop is said besides. Nothing is guessed: other words are a note.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PARTS = re.compile(r"[\s,，.。:：;；、!！+＋]+")
_WIDE = {wide: wide - 0xFEE0 for wide in range(ord("０"), ord("９") + 1)}


@dataclass(frozen=True, slots=True)
class ReplyWord:
    """`says` is a step of an order (sign, depart, arrive, report, feedback) or the code of a status (E6).

    `event` is the number a terminal sends for it (0x0301, 0x0302), 0 for none; `with_text`: it needs words besides.
    """

    says: str
    words: tuple[str, ...]
    with_text: bool = False
    event: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What a unit said: the word's meaning and what it wrote besides."""

    says: str
    text: str = ""


def read_words(text: str, table: Sequence[ReplyWord]) -> Said | None:
    """What a text says; None if it begins with none of the words, or lacks what the word needs."""
    plain = text.translate(_WIDE).strip()
    head, *rest = _PARTS.split(plain, maxsplit=1)
    besides = rest[0].strip() if rest else ""
    for word in table:
        if head in word.words:
            return Said(word.says, besides) if besides or not word.with_text else None
        # 反馈已调解: a word that needs others may stand close to them, a number never (4人受伤).
        close = next((w for w in word.words if word.with_text and not w.isdigit() and plain.startswith(w)), "")
        if close and len(plain) > len(close):
            return Said(word.says, plain[len(close) :].lstrip("，。：:,. "))
    return None


def read_event(number: int, table: Sequence[ReplyWord]) -> Said | None:
    """What the event or answer of this number says; None for one that is not in the table, or that needs words."""
    return next((Said(word.says) for word in table if word.event == number and not word.with_text), None)
