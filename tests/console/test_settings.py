"""Settings: typed, and never a reason not to start."""

from pathlib import Path

import pytest

from console.domain.errors import UserError
from console.settings import Settings, load_settings
from console.station import build_station


def written(folder: Path, text: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_that_good_values_are_taken(tmp_path: Path) -> None:
    loaded = load_settings(written(tmp_path, 'seat = "07"\ntheme = "day"\nlines = ["A1=surgard:/dev/ttyUSB0"]\n'))
    assert loaded.warnings == ()
    assert (loaded.settings.seat, loaded.settings.theme) == ("07", "day")
    assert loaded.settings.lines == ("A1=surgard:/dev/ttyUSB0",)


def test_that_a_bad_key_is_a_warning_and_the_good_ones_stand(tmp_path: Path) -> None:
    loaded = load_settings(written(tmp_path, 'seat = "07"\ntheme = "pink"\nvolume = "loud"\ncolour = 3\n'))
    assert (loaded.settings.seat, loaded.settings.theme, loaded.settings.volume) == ("07", "night", 0.8)
    assert len(loaded.warnings) == 3
    assert [name for name in ("theme", "volume", "colour") if any(name in w for w in loaded.warnings)] == [
        "theme",
        "volume",
        "colour",
    ]


def test_that_a_file_that_is_no_toml_is_a_warning(tmp_path: Path) -> None:
    loaded = load_settings(written(tmp_path, "seat = = 3"))
    assert loaded.settings == Settings()
    assert len(loaded.warnings) == 1


def test_that_a_named_file_that_is_missing_is_a_warning(tmp_path: Path) -> None:
    assert len(load_settings(tmp_path / "absent.toml").warnings) == 1


def test_that_the_command_lines_seat_is_nobodys_else(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('seat = "CLI"\nactor = "099"\n', encoding="utf-8")
    loaded = load_settings(file)
    assert (loaded.settings.seat, loaded.settings.actor) == ("03", "099")
    assert loaded.warnings == ("设置项 seat 的值不能用，已改用默认值：CLI 是命令行专用的席位号",)
    with pytest.raises(UserError, match="命令行专用"):
        build_station(Settings(data_folder=tmp_path), f"sqlite:///{tmp_path / 'a.db'}", seat="CLI")
    assert not (tmp_path / "a.db").exists()
