"""Terms: the rows of pieces by which incidents are found, written beside the incidents' own rows and checked by them.

They are no state of their own: whoever has the incident can cut them again. A county that edits the table of initials
cuts them anew (`db reindex`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from sqlalchemy import Connection, Select, delete, select

from console.domain.incident import Incident
from console.persistence.base import table
from console.persistence.dialect import pour, search
from console.persistence.tables import IncidentRow, TermsRow
from console.spelling.terms import SEARCHED, newness, terms

TERMS = table(TermsRow)
COLUMNS = ("newness", "number", "terms")
CHUNK = 2000
_INCIDENTS = table(IncidentRow)


def terms_row(incident: Incident) -> dict[str, object]:
    """The row of an incident, by column."""
    return {"newness": newness(incident.number), "number": incident.number, "terms": terms(incident)}


def cut_anew(connection: Connection) -> int:
    """Write the pieces of every stored incident, as they are cut today; how many incidents those are."""
    done = 0
    with search.unindexed(connection):
        connection.execute(delete(TERMS))
        for chunk in _stored(connection):
            pour(connection, TERMS, [terms_row(incident) for incident in chunk])
            done += len(chunk)
    return done


def _stored(connection: Connection) -> Iterator[list[Incident]]:
    """Every incident as far as it is searched, a chunk at a time, because the chunk before is written meanwhile."""
    after = ""
    while chunk := [_read(row) for row in connection.execute(_page(after)).mappings()]:
        yield chunk
        after = chunk[-1].number


def _page(after: str) -> Select[*tuple[object, ...]]:
    named = (_INCIDENTS.c[name] for name in (*SEARCHED, "created_at"))
    return select(*named).where(_INCIDENTS.c.number > after).order_by(_INCIDENTS.c.number).limit(CHUNK)


def _read(row: Mapping[Any, Any]) -> Incident:
    return Incident(**cast("Mapping[str, Any]", row))


def differences(connection: Connection, folded: Iterable[Incident]) -> Iterator[str]:
    """Where the stored pieces are not those of the incidents, in words."""
    expected = {incident.number: incident for incident in folded}
    wanted = select(TERMS).order_by(TERMS.c.newness)
    with connection.execute(wanted, execution_options={"yield_per": CHUNK}) as rows:
        for row in rows.mappings():
            incident = expected.pop(row["number"], None)
            if incident is None or dict(row) != terms_row(incident):
                yield f"警情 {row['number']}：检索词与警情不符，请运行 db reindex"
    yield from (f"警情 {number}：没有检索词，请运行 db reindex" for number in expected)
