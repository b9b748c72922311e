"""Places are found as people type them, and know their beat."""

import json
from pathlib import Path

import pytest

from console.domain.errors import EnvironmentFault
from console.services.places import CITY, Places, load


@pytest.fixture(scope="module")
def places() -> Places:
    return load()


def test_that_a_crossing_is_found_by_its_initials_and_without_separators(places: Places) -> None:
    assert places("xhblzflk")[0].name == "新华北路·钟法路口"
    assert places("新华北路钟法路口")[0].name == "新华北路·钟法路口"
    assert places("新华北路 钟法")[0].name == "新华北路·钟法路口"


def test_that_the_road_itself_comes_before_its_crossings(places: Places) -> None:
    found = places("新华北路")
    assert found[0].name == "新华北路"
    assert found[0].kind == "road"
    assert len(found) > 3


def test_that_unknown_and_empty_texts_find_nothing(places: Places) -> None:
    assert places("") == places("　") == places("不存在的地方") == []


def test_that_a_name_is_known_only_when_it_is_whole(places: Places) -> None:
    assert places.named("新华北路钟法路口") is not None
    assert places.named("新华北") is None


def test_that_every_place_lies_in_the_beat_its_file_names(places: Places) -> None:
    told = {place.name: place for place in places.places if place.kind != "road"}
    wrong = [p.name for p in told.values() if p.beat and places.beat_at(p.lat, p.lon) != p.beat]
    assert len(told) > 150
    assert len(wrong) <= len(told) * 0.02, wrong  # places on a border belong to either side


def test_that_urban_is_a_question_of_the_polygon(places: Places) -> None:
    crossing = places.named("新华北路钟法路口")
    assert crossing is not None
    assert places.urban_at(crossing.lat, crossing.lon)
    assert crossing.urban
    assert not places.urban_at(25.5, 117.0)
    assert places.beat_at(25.5, 117.0) == ""


def test_that_a_broken_file_is_one_clear_sentence(tmp_path: Path) -> None:
    city = json.loads(CITY.read_text(encoding="utf-8"))
    del city["roads"]
    broken = tmp_path / "city.json"
    broken.write_text(json.dumps(city), encoding="utf-8")
    with pytest.raises(EnvironmentFault, match=r"地名数据无法读取：city\.json"):
        load(broken)
