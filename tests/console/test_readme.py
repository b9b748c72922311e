"""The README tells the truth: its generated parts are fresh, its commands exist."""

import re

from console.__main__ import build_parser
from tests.readme import README, element_names, renewed

TEXT = README.read_text(encoding="utf-8")


def test_that_the_generated_parts_of_the_readme_are_fresh() -> None:
    assert renewed(TEXT) == TEXT, "run: python -m tests.readme"


def test_that_every_console_command_the_readme_names_exists() -> None:
    named = set(re.findall(r"python -m console (\w+)", TEXT))
    known = build_parser().format_help()
    assert named
    assert [name for name in sorted(named) if name not in known] == []


def test_that_every_make_target_the_readme_names_exists() -> None:
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`?make (\w+)", TEXT))
    assert {"run", "test"} <= named
    assert [name for name in sorted(named) if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


def test_that_every_file_the_readme_points_to_is_there() -> None:
    pointed = set(re.findall(r"`((?:console|widgets|drivers|resources|tests)/[\w/.]+)`", TEXT))
    assert pointed
    assert [path for path in sorted(pointed) if not (README.parent / path).exists()] == []


def test_that_the_table_of_elements_is_read() -> None:
    assert {"警情队列", "指挥一张图", "命令行"} <= set(element_names(TEXT))
