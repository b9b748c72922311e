"""Finding a site: by its name, account, number or address, by the initials or the whole pinyin of its name."""

from collections.abc import Iterable
from functools import lru_cache

from console.domain.site import Site
from console.spelling.initials import initials, spelling

SPELLED = 3
"""So many letters at least are looked for in whole pinyin; fewer would find everything."""


@lru_cache(maxsize=16_384)
def _initials(name: str) -> str:
    return initials(name)


@lru_cache(maxsize=16_384)
def _spelling(name: str) -> str:
    return spelling(name)


def learn(names: Iterable[str]) -> None:
    """Spell the names once: a third of a millisecond each, so for a whole county on a thread before it is asked for."""
    for name in names:
        _initials(name)
        _spelling(name)


def find_sites(sites: Iterable[Site], text: str) -> list[Site]:
    """The sites that fit every typed word, the closest first; all of them, by their number, for no text."""
    words = text.lower().split()
    ranked = []
    for site in sites:
        ranks = [_closeness(site, word) for word in words]
        if None not in ranks:
            ranked.append((max((rank for rank in ranks if rank is not None), default=0), site.id, site))
    return [site for *_, site in sorted(ranked, key=lambda row: row[:2])]


def _closeness(site: Site, word: str) -> int | None:
    """How near a word is to a site, 0 the nearest; None if it is not in it."""
    name, account = site.name.lower(), site.account.lower()
    if word in (account, site.id.lower(), name):
        return 0
    if name.startswith(word) or (account and account.startswith(word)):
        return 1
    if word.isascii() and word.isalpha():
        if _initials(site.name).startswith(word):
            return 2
        if (len(word) > 1 and word in _initials(site.name)) or (len(word) >= SPELLED and word in _spelling(site.name)):
            return 3
    if word in name:
        return 3
    return 4 if word in site.address.lower() or word in site.line.lower() else None
