"""The tool that says which rows of the founding documents are proven."""

import json
from pathlib import Path

import pytest

from tests import trace

SOURCE = """
import pytest

pytestmark = [pytest.mark.requirement("Z0-01")]

@pytest.mark.requirement("Z3-12", "Z3-13")
def test_one() -> None: ...

@pytest.mark.requirement("Z9-99")
class TestTwo:
    @pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.requirement("Z3-14"))])
    async def test_three(self) -> None: ...
"""


@pytest.fixture
def marked(tmp_path: Path) -> list[trace.Mark]:
    (tmp_path / "test_some.py").write_text(SOURCE, "utf-8")
    (tmp_path / "helper.py").write_text(SOURCE, "utf-8")
    return trace.marks(tmp_path)


def test_that_marks_are_read_from_functions_classes_modules_and_parameters(marked: list[trace.Mark]) -> None:
    assert {mark.id for mark in marked} == {"Z0-01", "Z3-12", "Z3-13", "Z3-14", "Z9-99"}
    assert len(marked) == 5


def test_that_a_mark_on_no_row_is_named(marked: list[trace.Mark]) -> None:
    result = trace.report(trace.rows(), marked)
    assert result["unknown"] == {"Z9-99": "test_some.py::TestTwo"}


def test_that_every_row_is_proven_open_or_out_of_scope(marked: list[trace.Mark]) -> None:
    documents = trace.report(trace.rows(), marked)["documents"]
    assert isinstance(documents, dict)
    assert sum(len(d["proven"]) + len(d["open"]) + len(d["out_of_scope"]) for d in documents.values()) == 262
    assert set(documents["Z3"]["proven"]) == {"Z3-12", "Z3-13", "Z3-14"}


def test_that_no_test_of_ours_marks_an_unknown_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert trace.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unknown"] == {}


def test_that_mended_rows_say_what_they_were_and_why() -> None:
    mended = [row for row in trace.rows() if "mended" in row]
    assert mended
    assert all(row["mended"].startswith("was “") for row in mended)
