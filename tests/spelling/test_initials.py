"""Initials as people type them, default readings and exceptions."""

import pytest

from console.spelling.initials import initials, name_initials


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("芗城区", "xcq"),
        ("长泰区", "ctq"),
        ("朝阳镇", "cyz"),
        ("工商银行芗城支行", "gsyhxczh"),
        ("延安北路12号", "yabl12h"),
        ("ATM 取款机", "atmqkj"),
        ("“漳州110”（演示）", "zz110ys"),
        ("", ""),
    ],
)
def test_that_a_name_is_found_by_the_letters_people_type(text: str, typed: str) -> None:
    assert initials(text) == typed


@pytest.mark.parametrize(
    ("name", "typed"), [("单小明", "sxm"), ("曾志伟", "zzw"), ("解放", "xf"), ("单于明", "cym"), ("陈单", "cd")]
)
def test_that_a_family_name_has_its_own_reading(name: str, typed: str) -> None:
    assert name_initials(name) == typed
