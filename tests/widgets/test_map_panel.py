"""The map pane: layers by chips, buttons for keys, what it says without a city, and that it fits narrow columns."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from console.domain.errors import EnvironmentFault
from console.geo.city import City, load_city
from console.services.desk import Desk
from resources import ROOT
from tests.widgets.evening import GAS, play
from widgets.advice import Advice
from widgets.map.symbols import Layer
from widgets.panels.map import MapPanel
from widgets.selection import Selection
from widgets.shot import render
from widgets.theme import DAY, Theme
from widgets.tick import Tick

CITY = load_city(ROOT / "map" / "demo_city.json")
Make = Callable[[City | None, str], MapPanel]


@pytest.fixture
def make(desk: Desk, theme: Theme, selection: Selection, tick: Tick, qtbot: QtBot) -> Iterator[Make]:
    kept: list[MapPanel] = []  # A pane that nobody holds could be collected while it is being painted.

    def panel(city: City | None, fault: str) -> MapPanel:
        made = MapPanel(desk, theme, selection, tick, Advice(desk), city, fault)
        qtbot.addWidget(made)
        made.resize(915, 592)
        made.show()
        qtbot.waitExposed(made)
        kept.append(made)
        return made

    play(desk)
    yield panel
    kept.clear()


def mean_lightness(image: QImage) -> int:
    whole = image.scaled(1, 1, mode=Qt.TransformationMode.SmoothTransformation)
    return whole.pixelColor(0, 0).lightness()


def press(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_that_each_chip_hides_and_shows_its_layer(make: Make) -> None:
    panel = make(CITY, "")
    assert panel.canvas is not None
    for layer, chip in panel.chips.items():
        press(chip)
        assert panel.canvas.layers == frozenset(Layer) - {layer}
        press(chip)
        assert panel.canvas.layers == frozenset(Layer)


def test_that_hiding_the_beats_changes_the_base_map(make: Make) -> None:
    panel = make(CITY, "")
    before = panel.grab().toImage()
    panel.chips[Layer.BEATS].setChecked(False)
    assert panel.grab().toImage() != before


def test_that_what_cannot_be_used_yet_says_why(make: Make) -> None:
    panel = make(CITY, "")
    for chip in panel._later:
        assert not chip.isEnabled()
        assert chip.toolTip()
        assert chip.accessibleDescription()


def test_that_every_map_key_has_a_button_that_names_it(make: Make, selection: Selection) -> None:
    panel = make(CITY, "")
    assert panel.canvas is not None
    buttons = {button.accessibleName(): button for button in panel.canvas.findChildren(QToolButton)}
    assert set(buttons) == {"放大", "缩小", "定位到选中警情", "全图"}
    assert all(button.width() >= 24 and button.height() >= 24 for button in buttons.values())
    whole = panel.canvas.view
    press(buttons["放大"])
    assert panel.canvas.view.scale < whole.scale
    press(buttons["缩小"])
    assert panel.canvas.view.scale == pytest.approx(whole.scale)
    press(buttons["放大"])
    press(buttons["全图"])
    assert panel.canvas.view == whole
    selection.choose_incident(GAS)
    press(buttons["定位到选中警情"])
    place = panel.canvas.scene.place(GAS)
    assert place is not None
    middle = panel.canvas.view.width / 2, panel.canvas.view.height / 2
    assert panel.canvas.view.to_screen(*place) == pytest.approx(middle, abs=1)


def test_that_without_a_city_the_pane_says_what_to_do(make: Make, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as fault:
        load_city(tmp_path / "demo_city.json")
    panel = make(None, str(fault.value))
    words = [label.text() for label in panel.findChildren(QLabel)]
    assert any("没有地图数据" in word and "照常可用" in word for word in words)
    assert not any(chip.isEnabled() for chip in panel.chips.values())


@pytest.mark.parametrize("width", [480, 600, 915, 1400, 2200])
def test_that_no_chip_is_cut_or_covered_at_any_width(make: Make, width: int) -> None:
    panel = make(CITY, "")
    panel.resize(width, 500)
    QApplication.processEvents()
    assert panel.width() == width
    chips = [chip for chip in (*panel.chips.values(), *panel._later) if chip.isVisible()]
    assert set(panel.chips.values()) <= set(chips)
    for n, chip in enumerate(chips):
        assert panel.rect().contains(chip.geometry())
        assert chip.width() >= chip.sizeHint().width()
        assert not any(chip.geometry().intersects(other.geometry()) for other in chips[:n])


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_that_it_draws_at_every_device_ratio_and_in_both_themes(
    make: Make, theme: Theme, app: QApplication, ratio: float
) -> None:
    panel = make(CITY, "")
    night = render(panel, QSize(700, 500), ratio)
    theme.use(app, DAY)
    day = render(panel, QSize(700, 500), ratio)
    assert night.size() == QSize(700, 500) * ratio
    assert mean_lightness(day) > 128 > mean_lightness(night)


def test_that_a_small_city_without_water_is_drawn_too(make: Make) -> None:
    panel = make(replace(CITY, water=(), parks=(), bridges=(), beats=()), "")
    assert not panel.grab().toImage().isNull()
    assert panel.key_hints()


def test_that_everything_grows_with_the_one_setting_of_size(make: Make, theme: Theme, app: QApplication) -> None:
    panel = make(CITY, "")
    chip = panel.chips[Layer.UNITS]
    before = chip.sizeHint()
    theme.use(app, scale=1.5)
    QApplication.processEvents()
    assert chip.sizeHint().height() == before.height() * 1.5
    assert chip.height() == chip.sizeHint().height()
    assert panel.buttons.width() == 45
    assert panel.canvas is not None
    assert panel.buttons.geometry().right() <= panel.canvas.width()


def test_that_a_closed_pane_asks_for_no_more_flashing(make: Make, tick: Tick) -> None:
    panel = make(CITY, "")
    assert tick._flash_timer.isActive()
    panel.close_down()
    assert not tick._flash_timer.isActive()
