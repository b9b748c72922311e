"""Two letters bring up the kind a caller tells of most."""

import pytest

from console.domain.reference import Reference
from console.services.reference import load
from widgets.panels.fields import find_kinds

COMMONEST = {
    "0301": "jt", "0801": "jt", "0303": "jj", "0206": "zy", "010501": "dx", "0201": "dj", "0104": "dq",
    "010404": "dd", "0802": "ll", "0803": "xf", "0804": "lz", "0805": "zw", "0204": "jb", "020201": "zj",
    "0502": "zs", "0599": "qt", "0505": "dt", "0401": "jz", "0210": "qz", "9901": "ws",
}  # fmt: skip
"""The twenty kinds most calls are about, each with the two letters a call-taker types for it."""


@pytest.mark.parametrize(("code", "letters"), COMMONEST.items())
def test_that_two_letters_bring_a_common_kind_among_the_first_three(code: str, letters: str) -> None:
    assert code in [choice.key for choice in find_kinds(load(), letters)[:3]]


def test_that_the_own_initials_of_every_leaf_bring_it_up_with_one_more_letter() -> None:
    tables = load()
    parents = {code.parent for code in tables.codes.values()}
    leaves = [code for code in tables.codes.values() if code.code not in parents]
    late = [code.name for code in leaves if code.code not in _first(tables, code.initials[:3])]
    assert late == []


def _first(tables: Reference, letters: str) -> list[str]:
    return [choice.key for choice in find_kinds(tables, letters)[:3]]
