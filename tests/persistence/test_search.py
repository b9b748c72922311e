"""Searching stored incidents, on each database: what a person types finds what stands there, the newest first."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.clock import ManualClock
from console.domain.incident import Incident
from console.persistence import backup, dialect, store
from console.persistence.filling import fill
from console.persistence.journal import Journal
from console.persistence.queries import Queries
from console.persistence.rebuild import differences
from console.spelling.terms import fits, haystack, newness
from tests.persistence.acts import NOON, act
from tests.persistence.raw import ask, run

WORDS = (
    "钟",
    "钟法路",
    "路12",
    "12",
    "0000",
    "13800",
    "盗窃",
    "dq",
    "zfl",
    "zfl1",
    "dqddc",
    "法钟",
    "1",
    "号",
    "，",
    "zz2026",
)


@pytest.fixture
def queries(journal: Journal) -> Iterator[Queries]:
    asked = Queries(journal.url)
    yield asked
    asked.close()


def numbers(queries: Queries, text: str, limit: int = 1000, before: str = "") -> list[str]:
    return [line.incident.number for line in queries.search(text, limit, before=before)]


def every(url: str) -> list[Incident]:
    with closing(Queries(url)) as queries:
        return [line.incident for line in queries.incidents()]


@pytest.fixture
def filled(prepared: Callable[[], str]) -> str:
    url = prepared()
    fill(url, 400, 3, ManualClock(NOON))
    return url


def test_that_the_index_finds_exactly_what_reading_every_incident_finds(filled: str) -> None:
    rows = every(filled)
    with closing(Queries(filled)) as queries:
        for word in WORDS:
            assert numbers(queries, word) == [row.number for row in rows if fits(word, haystack(row))], word


def test_that_pages_of_a_search_follow_each_other_without_gap_or_repeat(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.persistence.searching.AT_ONCE", 7)
    with closing(Queries(filled)) as queries:
        whole, paged = numbers(queries, "钟法路"), list[str]()
        while page := numbers(queries, "钟法路", limit=5, before=paged[-1] if paged else ""):
            paged += page
    assert len(whole) > 10
    assert paged == whole == sorted(whole, reverse=True)


def test_that_old_ones_are_found_behind_those_that_are_walked(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.persistence.dialect.search_postgresql.WALKED", 20)
    rows = every(filled)
    with closing(Queries(filled)) as queries:
        for word in ("钟法路", "盗窃 路1", rows[-1].number, rows[90].number[:10], "没有"):
            wanted = [row.number for row in rows if all(fits(part, haystack(row)) for part in word.split())]
            assert numbers(queries, word) == wanted


letters = st.text(alphabet="芗城区钟法路单曾0123456789abK·，%'\"*_\\^", min_size=1, max_size=10)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(letters, min_size=1, max_size=4), st.data())
def test_that_every_part_of_what_was_written_is_found(
    journal: Journal, queries: Queries, texts: list[str], data: st.DataObject
) -> None:
    opened = {journal.commit_blocking(act("open_incident", place=text)).value: text for text in texts}
    for number, text in opened.items():
        begin = data.draw(st.integers(0, len(text) - 1))
        word = text[begin : data.draw(st.integers(begin + 1, len(text)))]
        assert number in numbers(queries, word)


def test_that_what_is_corrected_is_found_by_its_new_words_only(journal: Journal, queries: Queries) -> None:
    number = journal.commit_blocking(act("open_incident", place="钟法路1号")).value
    journal.commit_blocking(act("edit", incident=number, place="丹霞路9号", caller="解小明"))
    assert (numbers(queries, "钟法"), numbers(queries, "zfl")) == ([], [])
    assert numbers(queries, "丹霞") == numbers(queries, "dxl9h") == numbers(queries, "xxm") == [number]
    for move in ("answer", "triage"):
        journal.commit_blocking(act("move", incident=number, act=move))
    assert numbers(queries, "丹霞") == [number]
    assert len(ask(journal.url, "SELECT number FROM incident_terms")) == 1


def test_that_a_kind_is_found_by_what_the_caller_says_the_word_means(journal: Journal, queries: Queries) -> None:
    theft = journal.commit_blocking(act("open_incident", place="钟法路1号")).value
    journal.commit_blocking(act("edit", incident=theft, kind="010404"))
    other = journal.commit_blocking(act("open_incident", place="钟法路2号")).value
    kinds = {"电瓶车": ["010404", "010405"]}
    assert [line.incident.number for line in queries.search("电瓶车", kinds=kinds)] == [theft]
    assert [line.incident.number for line in queries.search("钟法路 电瓶车", kinds=kinds)] == [theft]
    assert [line.incident.number for line in queries.search("丹霞路 电瓶车", kinds=kinds)] == []
    assert numbers(queries, "钟法路") == [other, theft]


def test_that_no_typed_text_breaks_the_question(journal: Journal, queries: Queries) -> None:
    journal.commit_blocking(act("open_incident", place="钟法路'1\"号"))
    for text in (
        "'",
        '"',
        '"钟',
        "钟*",
        "NEAR(",
        "AND",
        "a OR b",
        "{}",
        "\x00",
        "钟\x00法",
        "^",
        "-",
        "长" * 400,
        "🚓",
    ):
        assert isinstance(queries.search(text), list)
    assert len(queries.search("'1\"")) == 1


def test_that_the_pieces_stored_are_those_of_the_journal_rebuilt(filled: str) -> None:
    with dialect.glance(filled) as connection:
        assert differences(connection) == []
    newest = every(filled)[0].number
    run(filled, f"UPDATE incident_terms SET terms = '别的' WHERE newness = {newness(newest)}")
    run(filled, f"DELETE FROM incident_terms WHERE newness = {newness(every(filled)[1].number)}")
    with dialect.glance(filled) as connection:
        assert len(differences(connection)) == 2
        assert all("db reindex" in said for said in differences(connection))
    assert store.reindex(filled) == 400
    with dialect.glance(filled) as connection:
        assert differences(connection) == []
    with closing(Queries(filled)) as queries:
        assert newest in numbers(queries, newest)


def test_that_a_backup_keeps_what_is_searched_and_a_restore_brings_it_back(
    filled: str, prepared: Callable[[], str], tmp_path: Path
) -> None:
    file = tmp_path / "backup.db"
    made = backup.backup(filled, file)
    assert made.rows["incident_terms"] == 400
    place = prepared()
    backup.restore(place, file)
    for url in (dialect.url_of(file), place):
        with closing(Queries(filled)) as before, closing(Queries(url)) as after:
            assert numbers(before, "钟法路") == numbers(after, "钟法路") != []
        with dialect.glance(url) as connection:
            assert differences(connection) == []


def test_that_an_act_that_changes_no_word_writes_no_pieces(journal: Journal) -> None:
    number = journal.commit_blocking(act("open_incident", place="钟法路1号")).value
    run(journal.url, "UPDATE incident_terms SET terms = '没有人再写'")
    journal.commit_blocking(act("move", incident=number, act="answer"))
    journal.commit_blocking(act("edit", incident=number, lat=24.5))
    assert ask(journal.url, "SELECT terms FROM incident_terms") == [("没有人再写",)]
    journal.commit_blocking(act("edit", incident=number, narrative="改"))
    assert ask(journal.url, "SELECT terms FROM incident_terms") != [("没有人再写",)]
