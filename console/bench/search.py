"""search: what call-takers look for, over all stored incidents, in a file and on a server.

Every kind of word a person types, taken from incidents drawn at random: number, telephone, plate, name, place, their
initials, one character, two digits, two words, and what is nowhere. Each is asked once, as a person asks it.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from console.bench.figure import Figure, p50, p99
from console.bench.postgres import Cluster
from console.bench.search_cases import varied_case
from console.domain.clock import system_clock
from console.domain.incident import Incident
from console.persistence.dialect import url_of
from console.persistence.filling import fill
from console.persistence.queries import Queries
from console.spelling.initials import initials, name_initials

INCIDENTS_OF_OLD = 20_000
WITHIN_MS = 100.0
DRAWN = 8
"""Incidents whose words are looked for."""
PAGE = 100
FIELDS = ("place", "caller", "phone", "narrative")
SCANNED = 6
"""Words for which every row is read through besides: that takes seconds."""
ANYWHERE = ("盗窃", "路", "12", "138", "老人 走失", "噪音 打架", "dq", "没有这样的词")


def measure(folder: Path, incidents: int = INCIDENTS_OF_OLD) -> Iterator[Figure]:
    """Both databases hold the same incidents and are asked the same words."""
    file = url_of(folder / "searched.db")
    fill(file, incidents, 1, system_clock, varied_case)
    with closing(sqlite3.connect(folder / "searched.db")) as bare:
        yield _figure("search.sqlite", file, partial(_scan, bare.execute, "?"))
    (folder / "searched.db").unlink()
    with Cluster(durable=True, base=folder if os.geteuid() else None) as cluster:
        server = cluster.url(name := cluster.new_database())
        fill(server, incidents, 1, system_clock, varied_case)
        with cluster.connect(name) as served:
            yield _figure("search.postgresql", server, partial(_scan, served.execute, "%s"))


def _figure(name: str, url: str, scan: Callable[[str], None]) -> Figure:
    with closing(Queries(url)) as queries:
        stored = queries.count_incidents()
        words = [*ANYWHERE, *_words(queries, stored)]
        took = {word: _ms(partial(queries.search, word, PAGE)) for word in words}
    scans = [_ms(partial(scan, word)) for word in words[-SCANNED:]]
    slowest = max(took, key=lambda word: took[word])
    return Figure(
        name=name,
        value=p99(list(took.values())),
        unit="ms",
        p50=p50(list(took.values())),
        p99=p99(list(took.values())),
        n=len(took),
        at_most=WITHIN_MS,
        baseline="its own LIKE over place, caller, phone and narrative, newest first",
        baseline_value=p99(scans),
        note=f"over {stored} incidents, each word once; slowest: {slowest}, {took[slowest]:.0f} ms",
    )


def _words(queries: Queries, stored: int) -> Iterator[str]:
    rng = Random(7)  # noqa: S311 -- not a secret
    for _ in range(DRAWN):
        (line,) = queries.incidents(limit=1, offset=rng.randrange(stored))
        yield from _words_of(line.incident)


def _words_of(incident: Incident) -> Sequence[str]:
    """What somebody might know of an incident."""
    place, phone, caller = incident.place, incident.phone, incident.caller
    return (
        incident.number,
        incident.short,
        phone,
        phone[-4:],
        phone[:7],
        place,
        place[:3],
        place[:1],
        initials(place),
        caller,
        name_initials(caller),
        f"{place[:3]} {incident.title}",
        f"{caller} {phone[:3]}",
        incident.narrative[2:8],
    )


def _scan(execute: Callable[[str, Sequence[str]], Any], mark: str, word: str) -> None:
    """What a database without an index does for it."""
    searched = " OR ".join(f"{name} LIKE {mark}" for name in FIELDS)
    wanted = f"SELECT number FROM incidents WHERE {searched} ORDER BY created_at DESC LIMIT {PAGE}"  # noqa: S608
    execute(wanted, [f"%{word}%"] * len(FIELDS)).fetchall()


def _ms(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return (time.perf_counter() - began) * 1000
