"""Searching incidents by what a person types: which codes each word may stand for.

The stores find what is written in an incident (`persistence.queries`); the name of its kind is written in the table of
codes, and is found from there by the name, its initials or the code itself.
"""

from console.domain.reference import Reference
from console.spelling.initials import initials

LEAST = 2
"""Characters of a word before a kind is looked for: one letter would be the initial of nearly every kind."""


def kinds_by_word(text: str, reference: Reference) -> dict[str, list[str]]:
    """For each word of the text the codes it may mean; words that mean none are left out."""
    found = {
        word: [code.code for code in reference.codes.values() if _means(word.lower(), code.code, code.name)]
        for word in text.split()
        if len(word) >= LEAST
    }
    return {word: codes for word, codes in found.items() if codes}


def _means(word: str, code: str, name: str) -> bool:
    if word in name.lower():
        return True
    return word == code or (word.isascii() and word.isalpha() and initials(name).startswith(word))
