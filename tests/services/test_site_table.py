"""A site as a row of text: what may stand in each cell, and that every record comes back as it went out."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.site import Site
from console.services.site_table import KINDS, LABELS, SiteRow, cells_of, problems_of, record_of

GOOD = {"id": "S1", "name": "第一中学"}


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("id", "", "必填"),
        ("name", " ", "必填"),
        ("name", "长" * 81, "过长"),
        ("account", "12x4", "格式不对"),
        ("account", "12", "格式不对"),
        ("account", "3.1E+12", "格式不对"),
        ("lat", "二十四", "不是数字"),
        ("lat", "nan", "不是数字"),
        ("lat", "124.5", "超出范围（不大于 90）"),
        ("lon", "-181", "超出范围（不小于 -180）"),
        ("urban", "也许", "应为 1 或 0"),
        ("keyholder", "王**", "遮蔽过的"),
        ("keyholder_phone", "138****1234", "遮蔽过的"),
        ("guard_phone", "无", "“无”里没有电话号码"),
        ("keyholders", "13800000001", "姓名 电话"),
        ("keyholders", "李某 13800000001;王某", "“王某”"),
        ("keyholders", "李某 没有", "没有电话号码"),
        ("keyholders", "李** 138****0001", "遮蔽过的"),
        ("guards", "三", "不是整数"),
        ("guards", "2.5", "不是整数"),
        ("meu", "-1", "超出范围（不小于 0）"),
        ("meu_drill", "2026-02-30", "日期写作 2026-09-01"),
        ("meu_drill", "去年", "日期写作 2026-09-01"),
        ("zones", "门卫", "“门卫”应写作 001=校长室"),
        ("zones", "001=门卫=室", "应写作"),
        ("zones", "001=;002=保卫室", "“001=”"),
        ("zones", "001=门卫室;001=保卫室", "防区 001 出现两次"),
        ("linkage", "education;nobody", "没有这个联动单位：nobody"),
        ("limit_min", "0", "超出范围（大于 0）"),
        ("supervise_s", "1", "超出范围（不小于 5）"),
        ("test_days", "400", "超出范围（不大于 366）"),
    ],
)
def test_that_each_cell_says_what_is_wrong_with_it(column: str, cell: str, why: str) -> None:
    lone = {"lat": {"lon": "117"}, "lon": {"lat": "24"}}.get(column, {})
    problems = problems_of({**GOOD, **lone, column: cell})
    assert list(problems) == [column]
    assert why in problems[column]


def test_that_one_coordinate_alone_is_no_position() -> None:
    assert problems_of({**GOOD, "lat": "24.5"}) == {"lon": "纬度和经度须同时填写"}


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("name", " 第一  中学 ", "第一 中学"),
        ("kind", "学校", "school"),
        ("kind", "金库", "金库"),
        ("account", "12bf", "12BF"),
        ("account", "+8613800000001", "+8613800000001"),
        ("urban", "否", False),
        ("urban", "", True),
        ("moving", "是", True),
        ("meu_drill", "2026/9/1", "2026-09-01"),
        ("zones", "001＝门卫室；002 = 保卫室；", {"001": "门卫室", "002": "保卫室"}),
        ("keyholders", "李某　13800000001； 王 某 0596-1234567 ", ["李某 13800000001", "王 某 0596-1234567"]),
        ("linkage", "教育局;ems_120;education", ["education", "ems_120"]),
        ("test_days", "", None),
        ("guards", "", 0),
    ],
)
def test_that_what_people_and_spreadsheets_write_is_understood(column: str, cell: str, value: object) -> None:
    assert record_of({**GOOD, column: cell})[column] == value


def test_that_a_row_says_nothing_of_columns_it_does_not_have() -> None:
    assert record_of(GOOD) == GOOD


def test_that_every_field_of_a_site_has_its_column() -> None:
    known = {field.name for field in fields(Site)} - {"registered_at"}
    assert set(LABELS) == set(SiteRow.model_fields) == known
    assert len(set(LABELS.values())) == len(LABELS)


# -- there and back ------------------------------------------------------------------------------------------

words = st.text(st.sampled_from("一键报警学校门卫室A1·（）,\"'-#:、"), min_size=1, max_size=12)
phones = st.from_regex(r"[0-9]{3,4}-[0-9]{7}", fullmatch=True)
people = st.lists(st.tuples(words, phones).map(" ".join), max_size=3).map(tuple)
maybe = st.just("") | words


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Any site that the register takes."""
    texts = {name: draw(maybe) for name in ("line", "address", "beat", "keyholder", "hours", "equipment")}
    numbers = {name: draw(st.just("") | phones) for name in SiteRow.model_fields if name.endswith("_phone")}
    lat = draw(st.none() | st.floats(-90, 90))
    lon = draw(st.floats(-180, 180)) if lat is not None else None
    said: dict[str, Any] = {**texts, **numbers, "lat": lat, "lon": lon}
    return Site(
        id=draw(words),
        name=draw(words),
        kind=draw(maybe | st.sampled_from(sorted(KINDS))),
        account=draw(st.just("") | st.from_regex("[0-9B-F]{4,16}", fullmatch=True)),
        urban=draw(st.booleans()),
        moving=draw(st.booleans()),
        keyholders=draw(people),
        guards=draw(st.integers(0, 100)),
        meu=draw(st.integers(0, 100)),
        meu_drill=draw(st.just("") | st.dates(date(2000, 1, 1)).map(date.isoformat)),
        zones=draw(st.dictionaries(st.from_regex("[0-9]{1,3}", fullmatch=True), words, max_size=4)),
        linkage=draw(st.lists(st.sampled_from(("education", "ems_120", "health")), unique=True).map(tuple)),
        limit_min=draw(st.none() | st.integers(1, 60)),
        supervise_s=draw(st.none() | st.integers(5, 90_000)),
        test_days=draw(st.none() | st.integers(1, 366)),
        **said,
    )


def as_stored(record: dict[str, Any]) -> Site:
    return Site(**{**record, "keyholders": tuple(record["keyholders"]), "linkage": tuple(record["linkage"])})


@given(sites())
def test_that_every_record_comes_back_from_its_row_as_it_was(site: Site) -> None:
    cells = cells_of(site)
    assert problems_of(cells) == {}
    assert as_stored(record_of(cells)) == site


@given(st.dictionaries(st.sampled_from(sorted(LABELS)), st.text(max_size=20)))
def test_that_no_text_in_a_cell_trips_the_rules(cells: dict[str, str]) -> None:
    problems = problems_of(cells)
    assert set(problems) <= set(LABELS)
    if not problems:
        assert problems_of(cells_of(as_stored({**record_of({**cells_of(Site(id="x", name="x")), **cells})}))) == {}
