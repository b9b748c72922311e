"""Pinyin initials of Chinese names, so that 芗城区 is found by typing xcq.

pypinyin gives a character its commonest reading; places and surnames that are read otherwise stand in
`resources/reference/initials.json` and win over it, longest first.
"""

import json
import re
from functools import cached_property, lru_cache

from pydantic import BaseModel, ConfigDict, Field
from pypinyin import Style, lazy_pinyin

from resources import ROOT

_RUNS = re.compile(r"[0-9A-Za-z]+|[^0-9A-Za-z]+")


class InitialsTable(BaseModel):
    """The exceptions: `words` maps a word to the initials of its characters, `surnames` a family name.

    `kinds` maps letters a call-taker types to the incident codes they bring up first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    date: str = Field(min_length=4)
    words: dict[str, str]
    surnames: dict[str, str]
    kinds: dict[str, tuple[str, ...]] = {}

    def initials(self, text: str) -> str:
        """Lower-case initials; letters and digits stay as they are, other signs fall away."""
        pieces = self._pattern.split(text) if self.words else [text]
        return "".join(self.words.get(piece) or _plain(piece) for piece in pieces if piece)

    def name_initials(self, name: str) -> str:
        """Initials of a person's name, whose family name may be read otherwise (单 shàn, 解 xiè)."""
        for length in (2, 1):
            if name[:length] in self.surnames:
                return self.surnames[name[:length]] + self.initials(name[length:])
        return self.initials(name)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(f"({'|'.join(re.escape(w) for w in sorted(self.words, key=len, reverse=True))})")


def initials(text: str) -> str:
    """Initials of a place, agency or code name by the shipped table: 芗城区 → xcq."""
    return _shipped().initials(text)


@lru_cache(maxsize=4096)
def spelling(text: str) -> str:
    """The whole pinyin without tones, for those who type it in full: 丹霞路 → danxialu."""
    return "".join(lazy_pinyin(text, errors=_kept)).lower()


def name_initials(name: str) -> str:
    """Initials of a person's name by the shipped table: 单小明 → sxm."""
    return _shipped().name_initials(name)


def kinds_meant(letters: str) -> tuple[str, ...]:
    """Incident codes that these letters bring up first, the commonest first; () for letters nobody arranged."""
    return _shipped().kinds.get(letters, ())


@lru_cache(maxsize=1)
def _shipped() -> InitialsTable:
    return InitialsTable.model_validate(json.loads((ROOT / "reference/initials.json").read_text("utf-8")))


def _kept(run: str) -> str:
    return "".join(character for character in run if character.isalnum())


def _plain(text: str) -> str:
    """House numbers differ, their roads come again and again: those are read once."""
    return "".join(
        run if run.isascii() and run.isalnum() else _first_letters(run) for run in _RUNS.findall(text)
    ).lower()


@lru_cache(maxsize=20_000)
def _first_letters(run: str) -> str:
    return "".join(lazy_pinyin(run, style=Style.FIRST_LETTER, errors=_kept))
