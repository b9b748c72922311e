"""The labelled set of what callers say is itself held to its promises: enough of every code, agency and trap.

Its halves are `narratives_frozen.jsonl` (the only half published figures come from) and `narratives_tuning.jsonl`
(the half word tables may be fitted to). This file reads no word table; it checks the labels against the codes and the
agencies, so that a renamed code or a thinned-out half is noticed before a figure is measured on it.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HALVES = ("frozen", "tuning")
ENQUIRY = "12"  # 咨询 has no second level: it is asked for as if it were one


def rows(half: str) -> list[dict[str, Any]]:
    text = (ROOT / "tests" / "vectors" / f"narratives_{half}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def table(name: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads((ROOT / "resources" / "reference" / f"{name}.json").read_text())[name]
    return listed


FROZEN, TUNING = rows("frozen"), rows("tuning")
BOTH = FROZEN + TUNING
CODES = {code["code"] for code in table("codes")}
SECOND_LEVEL = {code for code in CODES if len(code) == 4} | {ENQUIRY}
AGENCIES = {a["id"] for a in table("agencies") if not a.get("own_force") and not a.get("succeeded_by")}


def second_level(row: dict[str, Any]) -> str:
    return str(row["code"])[:4]


def test_that_the_set_is_as_large_as_promised_and_a_third_of_it_is_traps() -> None:
    assert len(BOTH) >= 640
    assert sum(bool(row["negative"]) for row in BOTH) * 3 >= len(BOTH)


def test_that_every_second_level_code_has_three_sentences() -> None:
    counted = Counter(map(second_level, BOTH))
    assert {code: counted[code] for code in SECOND_LEVEL if counted[code] < 3} == {}


def test_that_every_agency_that_can_be_told_has_eight_sentences() -> None:
    counted = Counter(agency for row in BOTH for agency in row["agencies"])
    assert {agency: counted[agency] for agency in AGENCIES if counted[agency] < 8} == {}


@pytest.mark.parametrize("half", HALVES)
def test_that_each_half_alone_covers_every_code_and_agency_and_has_its_third_of_traps(half: str) -> None:
    found = rows(half)
    assert SECOND_LEVEL - set(map(second_level, found)) == set()
    assert AGENCIES - {agency for row in found for agency in row["agencies"]} == set()
    assert sum(bool(row["negative"]) for row in found) * 3 >= len(found)


def test_that_labels_name_codes_and_agencies_that_exist() -> None:
    assert {code for row in BOTH for code in (row["code"], *row["also"])} - CODES == set()
    assert {agency for row in BOTH for agency in row["agencies"]} - AGENCIES == set()
    assert [row["id"] for row in BOTH if row["code"] in row["also"]] == []


def test_that_no_sentence_stands_twice_and_no_id_is_used_twice() -> None:
    assert [text for text, times in Counter(row["text"] for row in BOTH).items() if times > 1] == []
    assert len({row["id"] for row in BOTH}) == len(BOTH)


def test_that_sentences_are_as_long_as_speech_and_carry_every_field() -> None:
    fields = {"id", "text", "code", "also", "agencies", "negative"}
    assert [row["id"] for row in BOTH if set(row) != fields or not 6 <= len(row["text"]) <= 60] == []
