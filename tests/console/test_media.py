"""Font, sounds and icons: nothing shows as an empty box, nothing clips, everything can be drawn."""

import ast
import struct
import wave
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont as FontFile
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontDatabase, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot
from reportlab.pdfbase.ttfonts import TTFont as PaperFont

from resources import ROOT

FONTS = sorted((ROOT / "fonts").glob("*.ttf"))
SOUNDS = sorted((ROOT / "sounds").glob("*.wav"))
ICONS = sorted((ROOT / "icons").glob("*.svg"))
each_font = pytest.mark.parametrize("path", FONTS, ids=lambda path: path.stem)


@cache
def holds(path: Path) -> frozenset[str]:
    """Every character the font has a shape for."""
    return frozenset(map(chr, FontFile(path).getBestCmap()))


def spoken(source: Path) -> set[str]:
    """The characters of a Python file's string literals."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return set().union(*texts)


def shown() -> dict[str, str]:
    """Every character a window or sheet may have to show -> a file it stands in."""
    found: dict[str, str] = {}
    for source in (p for room in ("console", "widgets", "drivers") for p in (ROOT.parent / room).rglob("*.py")):
        found |= dict.fromkeys(spoken(source), source.name)
    for pattern in ("*.json", "*.csv", "*.ts", "*.toml"):
        for table in ROOT.rglob(pattern):
            found |= dict.fromkeys(table.read_text(encoding="utf-8"), table.name)
    return {char: name for char, name in found.items() if char.isprintable()}


def test_that_both_weights_are_shipped_with_their_licence() -> None:
    assert [path.stem for path in FONTS] == ["ConsoleSansSC-Bold", "ConsoleSansSC-Regular"]
    assert "SIL OPEN FONT LICENSE Version 1.1" in (ROOT / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert all(path.stat().st_size <= 6_000_000 for path in FONTS)


@each_font
def test_that_the_font_holds_every_character_of_our_texts_and_data(path: Path) -> None:
    lacking = {char: name for char, name in shown().items() if char not in holds(path)}
    assert not lacking


@each_font
def test_that_the_font_holds_the_states_table_and_rare_names(path: Path) -> None:
    table = (ROOT / "fonts" / "characters.txt").read_text(encoding="utf-8").split()
    assert len(set("".join(table))) == 8105
    assert set("".join(table)) <= holds(path)
    assert set("堃喆犇 ▲◆●■△○□►✓✗⚠→↵⏎•·…–—①⑳℃№┃") <= holds(path)


@each_font
def test_that_digits_have_one_width_so_that_clocks_stand_still(path: Path) -> None:
    font = FontFile(path)
    cmap = font.getBestCmap()
    assert len({font["hmtx"][cmap[ord(digit)]][0] for digit in "0123456789"}) == 1


@each_font
def test_that_paper_takes_the_font(path: Path) -> None:
    font = PaperFont(path.stem, str(path))
    assert font.face.defaultWidth > 0
    assert ord("堃") in font.face.charToGlyph


def test_that_the_screen_takes_both_weights_as_one_family(qtbot: QtBot) -> None:
    names = [QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path))) for path in FONTS]
    assert names == [["Console Sans SC"]] * 2
    assert set(QFontDatabase.styles("Console Sans SC")) == {"Regular", "Bold"}


@pytest.mark.parametrize("path", SOUNDS, ids=lambda path: path.stem)
def test_that_a_sound_plays_and_does_not_clip(path: Path) -> None:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (22_050, 1, 2)
        samples = struct.unpack(f"<{file.getnframes()}h", file.readframes(file.getnframes()))
    assert 0.2 <= len(samples) / 22_050 <= 3
    assert 5_000 < max(map(abs, samples)) < 32_767
    assert abs(samples[0]) < 50, "no click at the start"
    assert abs(samples[-1]) < 50, "no click when it is repeated"
    assert path.stat().st_size <= 150_000


def test_that_the_alarm_lasts_two_seconds_and_climbs() -> None:
    peaks = {}
    for name in ("alarm", "alarm_louder"):
        with wave.open(str(ROOT / "sounds" / f"{name}.wav")) as file:
            frames = file.readframes(file.getnframes())
            assert file.getnframes() == pytest.approx(2 * 22_050, abs=20)
        peaks[name] = max(struct.unpack(f"<{len(frames) // 2}h", frames))
    assert peaks["alarm_louder"] > 1.4 * peaks["alarm"]


def test_that_each_sound_says_which_act_it_asks_for() -> None:
    text = (ROOT / "sounds" / "README.md").read_text(encoding="utf-8")
    assert {path.name for path in SOUNDS} == {row.split("|")[1].strip() for row in text.splitlines() if ".wav |" in row}


@pytest.mark.parametrize("path", ICONS, ids=lambda path: path.stem)
def test_that_an_icon_draws_something(path: Path, qtbot: QtBot) -> None:
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    image = QImage(24, 24, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, 24, 24))
    painter.end()
    inked = sum(image.pixelColor(x, y).alpha() > 127 for x in range(24) for y in range(24))
    assert 40 < inked < 24 * 24


def test_that_priorities_and_sites_have_an_icon() -> None:
    names = {path.stem for path in ICONS}
    assert {"p1", "p2", "p3", "p4", "alarm", "unit", "agency", "phone", "printer", "link", "search", "app"} <= names
    assert {"school", "kindergarten", "bank", "bus", "bus_station", "hospital", "petrol", "mall", "park"} <= names
