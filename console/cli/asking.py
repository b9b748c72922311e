"""Questions to the database and the tables: alarms, signals, incidents, search, classify, places, recommend.

They only read; none of them creates a database that is not there.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import fields
from datetime import timedelta
from typing import Any

from console.cli.words import Subparsers, add_command, add_database, add_json, show, url_of
from console.domain.account import Account
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.recommend import Candidate, recommend
from console.domain.secrecy import is_secret
from console.domain.state import MemoryState
from console.domain.unit import Position, Unit
from console.persistence.journal import Journal
from console.persistence.queries import IncidentLine, Queries
from console.persistence.retention import every
from console.services import places
from console.services.acts import ACTS
from console.services.classify import classify_lines
from console.services.incident_search import kinds_by_word
from console.services.masking import masked_body
from console.services.reference import load

SEARCH = "查找警情：编号、电话、地点、车牌、姓名、描述、类别或拼音首字母，多个词须都符合"
LATEST_FIX = timedelta(hours=12)
"""How far back a unit's last position is looked for."""


def add(subparsers: Subparsers) -> None:
    """Declare the commands."""
    parser = _asking(subparsers, "alarms", alarms, "一键报警")
    parser.add_argument("--open", action="store_true", help="只列未复位的")
    parser = _asking(subparsers, "signals", signals, "收到的全部信号")
    parser.add_argument("--since", type=int, default=0, metavar="SEQ", help="只列日志号在此之后的")
    parser = _asking(subparsers, "incidents", incidents, "警情")
    parser.add_argument("--open", action="store_true", help="只列未办结的")
    parser = _asking(subparsers, "search", search, SEARCH)
    parser.add_argument("query", metavar="QUERY")
    parser = _asking(subparsers, "recommend", recommend_units, "一起警情的派警建议，含理由和不派的原因")
    parser.add_argument("number", metavar="NUMBER")
    parser = add_command(subparsers, "classify", classify, "从标准输入逐行读取描述，输出编码、联动单位和分流")
    add_json(parser)
    parser = add_command(subparsers, "places", find_places, "地名查询")
    parser.add_argument("query", metavar="QUERY")
    add_json(parser)


def _asking(subparsers: Subparsers, name: str, run: Any, about: str) -> argparse.ArgumentParser:
    parser = add_command(subparsers, name, run, about)
    add_database(parser)
    add_json(parser)
    return parser


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def alarms(options: argparse.Namespace) -> int:
    """Every one-key alarm, oldest first."""
    with closing(Queries(url_of(options))) as queries:
        rows = [_fields(alarm) for alarm in queries.alarms(open_only=options.open)]
    columns = ("received_at", "state", "kind", "account", "zone", "event_code", "line", "presses", "incident")
    return show(rows, as_json=options.json, columns=columns)


def signals(options: argparse.Namespace) -> int:
    """Every stored signal of any kind, in the order of the journal."""
    url = url_of(options)
    with closing(Queries(url)) as queries:
        rows = [{"seq": row.seq, **_fields(row.signal)} for row in queries.signals(since=options.since)]
    if every(url, Account):
        rows = [masked_body(row)[0] for row in rows]
    columns = ("seq", "received_at", "line", "type", "account", "zone", "event_code", "qualifier", "raw_hex")
    return show(rows, as_json=options.json, columns=columns)


def _outside(url: str, lines: Iterable[IncidentLine]) -> list[dict[str, Any]]:
    """Incidents as they are shown where nobody has signed on.

    Where people have accounts a terminal is not the way around them: secret incidents stay out, persons are masked.
    """
    if not every(url, Account):
        return [_incident(line) for line in lines]
    return [masked_body(_incident(line))[0] for line in lines if not is_secret(line.incident)]


INCIDENT_COLUMNS = ("number", "state", "kind", "priority", "title", "place", "created_at", "units", "agencies")


def _incident(line: IncidentLine) -> dict[str, Any]:
    return {**_fields(line.incident), "units": line.units, "agencies": line.agencies}


def incidents(options: argparse.Namespace) -> int:
    """Incidents, newest first."""
    url = url_of(options)
    with closing(Queries(url)) as queries:
        rows = _outside(url, queries.incidents(open_only=options.open))
    return show(rows, as_json=options.json, columns=INCIDENT_COLUMNS)


def search(options: argparse.Namespace) -> int:
    """Incidents that name every word of the query anywhere, the code's own name included, newest first."""
    text, url = options.query, url_of(options)
    with closing(Queries(url)) as queries:
        rows = _outside(url, queries.search(text, kinds=kinds_by_word(text, load())))
    return show(rows, as_json=options.json, columns=INCIDENT_COLUMNS)


def classify(options: argparse.Namespace) -> int:
    """One narrative a line."""
    lines = (line.rstrip("\n") for line in sys.stdin)
    return show(classify_lines(lines, load()), as_json=options.json, columns=("codes", "agencies", "route", "priority"))


def find_places(options: argparse.Namespace) -> int:
    """Named places of the map."""
    rows = [_fields(place) for place in places.load()(options.query)]
    return show(rows, as_json=options.json, columns=("name", "kind", "beat", "lat", "lon", "address"))


def recommend_units(options: argparse.Namespace) -> int:
    """Which unit to send, why, and why not the others."""
    url = url_of(options)
    with closing(Queries(url)) as queries:
        found = queries.incident(options.number)
        if found is None:
            raise UserError(f"查无此警情：{options.number}")
        state = MemoryState()
        source = Journal.open(url, ACTS, system_clock)
        source.load_state(state)
        source.close()
        units = state.all(Unit)
        positions = dict(_positions(queries, units))
    known = load()
    judged = recommend(found.incident, units, positions, system_clock(), unsuited=known.unsuited, weigh=known.weigh)
    return show(
        map(_candidate, judged), as_json=options.json, columns=("unit", "time_s", "distance_m", "because", "why_not")
    )


def _positions(queries: Queries, units: list[Unit]) -> Iterator[tuple[str, Position]]:
    """Where each unit was last seen; one never seen stands at its post."""
    now = system_clock()
    for unit in units:
        track = queries.track(unit.id, now - LATEST_FIX, now)
        if track:
            yield unit.id, track[-1]
        elif unit.home_lat is not None and unit.home_lon is not None:
            yield unit.id, Position(unit=unit.id, lat=unit.home_lat, lon=unit.home_lon, at=unit.status_since)


def _candidate(judged: Candidate) -> Mapping[str, Any]:
    way = judged.way
    return {
        "unit": judged.unit.id,
        "name": judged.unit.name,
        "status": judged.unit.status.value,
        "time_s": round(way.time_s) if way else None,
        "distance_m": round(way.distance_m) if way else None,
        "by_road": way.by_road if way else None,
        "because": judged.because,
        "why_not": judged.why_not,
    }
