"""The pieces of a text: whatever holds a word holds every piece that is asked for it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.incident import Incident
from console.spelling.initials import initials, name_initials
from console.spelling.terms import KIND, asked, fits, haystack, newness, terms
from tests.support import EVENING

HANZI = "芗城区钟法路漳州实验小学打架盗窃老人走失重庆厦门单曾解陈林"
written = st.text(alphabet=HANZI + "0123456789abcXYZ闽E·，（）-% 　Ａ１", max_size=24)
numbers = st.integers(0, 99_999).map(lambda n: f"ZZ20261121-{n:04d}")


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    return Incident(
        number=draw(numbers),
        created_at=EVENING,
        kind=draw(st.sampled_from(["", "010404"])),
        title=draw(written),
        place=draw(written),
        caller=draw(written),
        phone=draw(written),
        narrative=draw(written),
    )


def pieces(incident: Incident) -> set[str]:
    return set(terms(incident).split(" "))


@given(incidents(), st.data())
def test_that_any_part_of_a_text_is_found_by_its_pieces_and_fits(incident: Incident, data: st.DataObject) -> None:
    text = getattr(incident, data.draw(st.sampled_from(["number", "title", "place", "caller", "phone", "narrative"])))
    begin = data.draw(st.integers(0, max(0, len(text) - 1)))
    for word in text[begin : data.draw(st.integers(begin, len(text)))].split():
        assert set(asked(word)) <= pieces(incident)
        assert fits(word, haystack(incident))


@given(incidents(), st.data())
def test_that_any_part_of_the_initials_is_found_by_its_pieces_and_fits(incident: Incident, data: st.DataObject) -> None:
    spelled = data.draw(
        st.sampled_from([initials(incident.title), initials(incident.place), name_initials(incident.caller)])
    )
    begin = data.draw(st.integers(0, max(0, len(spelled) - 1)))
    word = spelled[begin : data.draw(st.integers(begin, len(spelled)))]
    assert set(asked(word)) <= pieces(incident)
    assert not word or fits(word, haystack(incident))


@given(st.text(alphabet=HANZI + "0123456789abc·-%", min_size=1, max_size=12).filter(str.strip))
def test_that_every_word_asks_for_something(word: str) -> None:
    assert asked(word)
    assert all(piece and not any(letter.isspace() for letter in piece) for piece in asked(word))


OPENED = Incident(
    number="ZZ20261121-0190",
    created_at=EVENING,
    title="盗窃电动车",
    kind="010404",
    place="钟法路12号",
    caller="单小明",
    phone="13805966621",
    narrative="车牌闽E·D1234，另一电话 0596-202 1234",
)


@pytest.mark.parametrize(
    "word",
    [
        "钟",
        "钟法路12",
        "０１９０",
        "1121-0190",
        "621",
        "闽e·d1234",
        "闽ED1234",
        "d1234",
        "05962021234",
        "0596-2021234",
        "138-0596-6621",
        "zfl12h",
        "sxm",
        "dqddc",
        "DQ",
        "zz2026",
        "，另",
    ],
)
def test_that_a_person_finds_it_as_he_would_write_it(word: str) -> None:
    assert set(asked(word)) <= pieces(OPENED)
    assert fits(word, haystack(OPENED))


@pytest.mark.parametrize("word", ["法钟", "12路", "1290", "dxm", "闽ED4321", "钟路", "20261121019013805966621"])
def test_that_what_does_not_stand_there_does_not_fit(word: str) -> None:
    assert not fits(word, haystack(OPENED))


def test_that_a_kind_is_a_piece_of_its_own_and_no_part_of_a_text() -> None:
    assert KIND + "010404" in pieces(OPENED)
    assert "010404" not in haystack(OPENED)
    assert not any(KIND in piece for piece in pieces(replace(OPENED, kind="")))


@given(numbers, numbers)
def test_that_numbers_are_as_new_as_they_were_given(one: str, other: str) -> None:
    earlier, later = int(one.rpartition("-")[2]), int(other.rpartition("-")[2])
    assert (newness(one) < newness(other)) == (earlier < later)
    assert newness(one) < newness("ZZ20261122-0001")


@given(st.text(max_size=12))
def test_that_a_number_of_another_make_comes_before_all_and_is_its_own(number: str) -> None:
    assert newness(number + "x") < 0 < newness("ZZ20000102-0001")
    assert newness(number + "x") != newness(number + "y")
