"""Lines added at this machine are there again at the next start, and a spoilt one stops nothing."""

from pathlib import Path

import pytest

from console.domain.errors import EnvironmentFault
from console.services.health import Health
from console.services.kept_lines import FILE, keep, read_kept, with_kept
from console.services.lines import read_specs

A1, B1 = "A1=surgard:/dev/ttyUSB0@1200,7E1", "B1=contact-id:tcp-listen://127.0.0.1:8808"


def test_that_what_is_kept_is_read_back_in_its_order(tmp_path: Path) -> None:
    assert read_kept(tmp_path / "none") == []
    keep(tmp_path / "new", [A1, B1])
    assert read_kept(tmp_path / "new") == [A1, B1]


def test_that_a_line_of_the_command_line_wins_over_a_kept_one_of_its_name(tmp_path: Path) -> None:
    keep(tmp_path, [A1, B1])
    found = with_kept(read_specs(["A1=surgard:/dev/ttyUSB7"]), tmp_path, Health())
    assert [(spec.name, spec.address.target) for spec in found] == [("A1", "/dev/ttyUSB7"), ("B1", "127.0.0.1:8808")]


def test_that_a_spoilt_line_lights_a_lamp_and_the_others_are_there(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f"# note\nQ9=nonsense:/dev/x\n{B1}\n", encoding="utf-8")
    health = Health()
    assert [spec.name for spec in with_kept([], tmp_path, health)] == ["B1"]
    assert "Q9" in health.faults["kept-lines"].what


@pytest.mark.parametrize("spoil", ["gbk", "folder"])
def test_that_a_file_that_cannot_be_read_lights_a_lamp_and_is_no_empty_one(tmp_path: Path, spoil: str) -> None:
    file, health = tmp_path / FILE, Health()
    if spoil == "gbk":
        file.write_text(f"# 东门\n{B1}\n", encoding="gbk")
    else:
        # A reader without rights would do as well, but root has them all.
        file.mkdir()
    assert [spec.name for spec in with_kept(read_specs([A1]), tmp_path, health)] == ["A1"]
    assert FILE in health.faults["kept-lines"].what
    with pytest.raises(EnvironmentFault, match="读不出"):
        read_kept(tmp_path)


def test_that_the_mark_notepad_puts_in_front_costs_no_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f"{A1}\n", encoding="utf-8-sig")
    assert read_kept(tmp_path) == [A1]


def test_that_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(EnvironmentFault, match="没有记住"):
        keep(blocked, [A1])
