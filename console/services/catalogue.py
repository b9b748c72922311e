"""Texts in another language: what a sentence that was made in Chinese is called there.

The program speaks Chinese; services, domain and commands answer finished sentences, and a window in English shows
their English. A catalogue is plain JSON, one file a room in resources/i18n/<language>/: the Chinese as it stands in
the code → its translation. A sentence with places in it keeps them ({name}; {0}, {1} … for those of an f-string): it
is recognised by what stands between them, and what stood in them is said in the same way. A place written {name!s}
is left as it is: a person typed it. Where a word is called otherwise in one place, the entry names its context
("MapPanel|移动"). What no entry knows stays Chinese.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

from resources import ROOT

FOLDER = ROOT / "i18n"
REFERENCE = ROOT / "reference"

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
"""Hanzi and the punctuation that goes with them."""

_HANZI = re.compile(r"[\u3400-\u9fff]")
_IN_CONTEXT = re.compile(r"[A-Za-z]+\|")
_KEPT = 8192
"""So many sentences are remembered; a desk shows the same few thousand all shift long."""
_WITH_PLACES = re.compile(r"\{|：\s?$")
_SURE = 3
"""A pattern with fewer letters of its own than this recognises nothing that leaves Hanzi in its places."""

_JOINTS = (
    ("\n", "\n"),
    (" · ", " · "),
    ("　", "  "),
    ("。", ". "),
    ("；", "; "),
    ("，", ", "),
    ("：", ": "),
    (" → ", " → "),
    ("、", ", "),
    ("  ", "  "),
    (" ", " "),
)
"""Where a sentence that is several is taken apart, and how the pieces are joined again."""

_SEVERAL = re.compile("\n| · ")
_APART = re.compile("\n|· |。|；|  ")
"""What never stands within one place of a sentence: it is the joint of several."""

_BRACKETED = re.compile(r"(?P<before>.*?) ?（(?P<within>[^（）]*)）(?P<after>.*)", re.DOTALL)
_QUOTED = re.compile(r"“(?P<within>[^“”]*)”")


class _Pattern:
    """One sentence with places, and how it is recognised; one that ends in a colon may go on."""

    def __init__(self, source: str, target: str) -> None:
        if source.endswith(("：", "： ")):
            source, target = f"{source}{{rest}}", f"{target}{{rest}}"
        pieces = list(Formatter().parse(source))
        self.own = "".join(literal for literal, *_ in pieces)
        self.mark = max((literal for literal, *_ in pieces), key=len)
        self._names = [name for _, name, *_ in pieces if name is not None]
        self._touching = [at - 1 for at, (literal, name, *_) in enumerate(pieces) if at and name and not literal]
        wanted = "".join(re.escape(literal) + ("" if name is None else "(.*?)") for literal, name, *_ in pieces)
        self._wanted = re.compile(wanted, re.DOTALL)
        self._typed = {name for _, name, _, how in Formatter().parse(target) if name is not None and how == "s"}
        self._target = "".join(
            literal.replace("{", "{{").replace("}", "}}") + ("" if name is None else "{" + f"_{name}" + "}")
            for literal, name, *_ in Formatter().parse(target)
        )

    def said(self, text: str, part: Callable[[str], str]) -> str | None:
        """The translation if `text` is this sentence; `part` translates what stands in its places."""
        match = self._wanted.fullmatch(text) if self.mark in text else None
        if match is None:
            return None
        found = {}
        for name, value in zip(self._names, self._told_apart(match.groups(), part), strict=True):
            if (_SEVERAL if name in self._typed else _APART).search(value):
                return None
            found[f"_{name}"] = value if name in self._typed else part(value.strip())
        if len(self.own.strip()) < _SURE and any(
            _HANZI.search(value) for name, value in found.items() if name[1:] not in self._typed
        ):
            return None
        return self._target.format(**found)

    def _told_apart(self, values: Sequence[str], part: Callable[[str], str]) -> list[str]:
        """What stands in the places; of two with nothing between them the second is what has a translation."""
        told = list(values)
        for at in self._touching:
            both = told[at] + told[at + 1]
            ends = (end for end in range(len(both)) if both[end:] != part(both[end:]))
            if not told[at] and (end := next(ends, 0)):
                told[at : at + 2] = [both[:end], both[end:]]
        return told


class Catalogue:
    """The texts of one language."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.entries = entries
        patterns = [_Pattern(source, target) for source, target in entries.items() if _WITH_PLACES.search(source)]
        # The one with most letters of its own is the most particular.
        self._patterns = sorted((p for p in patterns if _HANZI.search(p.own)), key=lambda p: -len(p.own))
        self._contexts = {source.partition("|")[0] for source in entries if _IN_CONTEXT.match(source)}
        self._said: dict[str, str] = {}

    def said(self, text: str, context: str = "") -> str:
        """The text in this language; what no entry knows stays as it is."""
        known = (self.entries.get(f"{context}|{text}") if context in self._contexts else None) or self.entries.get(text)
        known = known or self._said.get(text)
        if known is None:
            if len(self._said) >= _KEPT:
                self._said.clear()
            known = self._said[text] = self._find(text) if CHINESE.search(text) else text
        return known

    def _find(self, text: str) -> str:
        for pattern in self._patterns:
            found = pattern.said(text, self.said)
            if found is not None:
                return found
        return self._taken_apart(text)

    def _taken_apart(self, text: str) -> str:
        bracketed = _BRACKETED.fullmatch(text)
        if bracketed is not None:
            named = self._named_with_brackets(text, bracketed)
            if named:
                return named
            before, within, after = map(self.said, bracketed.groups())
            return f"{before} ({within}){'' if after[:1] in '.,;:)' else ' '}{after}".strip()
        for joint, joined in _JOINTS:
            if joint in text:
                return joined.join(self.said(piece) for piece in text.split(joint)).rstrip()
        return _QUOTED.sub(lambda found: f"“{self.said(found['within'])}”", text)

    def _named_with_brackets(self, text: str, bracketed: re.Match[str]) -> str:
        """A name that holds brackets itself (交通违法（酒驾、违停等）) within a sentence; '' if there is none."""
        end = bracketed.end("within") + 1
        starts = (start for start in range(bracketed.end("before")) if text[start:end] in self.entries)
        start = next(starts, -1)
        if start < 0:
            return ""
        pieces = (self.said(text[:start].strip()), self.entries[text[start:end]], self.said(text[end:].strip()))
        return re.sub(r" (?=[.,;:])", "", " ".join(piece for piece in pieces if piece))


def load(language: str, folder: Path = FOLDER, reference: Path = REFERENCE) -> Catalogue:
    """The catalogue of a language: its files, and the English names the reference tables bring themselves."""
    named = dict(_named(reference)) if language == "en" else {}
    return Catalogue({**named, **own_entries(language, folder)})


def own_entries(language: str, folder: Path = FOLDER) -> dict[str, str]:
    """The files of a language alone, nothing read into them: fast enough to be asked for at a key stroke."""
    entries: dict[str, str] = {}
    for file in sorted((folder / language).glob("*.json")):
        entries.update(json.loads(file.read_text(encoding="utf-8")))
    return entries


def _named(reference: Path) -> Iterable[tuple[str, str]]:
    """The Chinese and English names of every row of the tables that has both; a catalogue's own entry goes before."""
    tables = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(reference.rglob("*.json"))]
    for chinese, english in (("zh", "en"), ("name", "name_en")):
        yield from _pairs(tables, chinese, english)


def _pairs(value: Any, chinese: str, english: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        if isinstance(value.get(chinese), str) and isinstance(value.get(english), str):
            yield value[chinese], value[english][:1].upper() + value[english][1:]
        value = list(value.values())
    if isinstance(value, list):
        for within in value:
            yield from _pairs(within, chinese, english)
