"""Contrast and scale of both themes, computed from the tokens themselves."""

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from widgets.paint import STATUS_COLORS, contrast, readable_on
from widgets.theme import DAY, NIGHT, SIZES, Theme, Tokens

GROUNDS = ("bg", "panel", "panel2", "selected")


@pytest.mark.parametrize("tokens", [NIGHT, DAY], ids=lambda t: t.name)
@pytest.mark.parametrize("ink", ["text", "muted", "p1", "p2", "p3", "p4", "accent", "linkage", "good", "warn", "bad"])
def test_that_text_keeps_four_and_a_half_to_one_on_every_ground(tokens: Tokens, ink: str, qapp: QApplication) -> None:
    theme = Theme(tokens)
    for ground in ("bg", "panel", "panel2") + (("selected",) if ink in ("text", "muted") else ()):
        assert contrast(theme.color(ink), theme.color(ground)) >= 4.5, ground


@pytest.mark.parametrize("tokens", [NIGHT, DAY], ids=lambda t: t.name)
def test_that_symbols_keep_three_to_one_and_their_pills_are_readable(tokens: Tokens, qapp: QApplication) -> None:
    theme = Theme(tokens)
    for name in set(STATUS_COLORS.values()) | {"linkage", "p1", "p2", "p3", "p4"}:
        fill = theme.color(name)
        for ground in GROUNDS:
            assert contrast(fill, theme.color(ground)) >= 3.0, (name, ground)
        assert contrast(fill, readable_on(fill)) >= 4.5, name


@pytest.mark.parametrize("tokens", [NIGHT, DAY], ids=lambda t: t.name)
@pytest.mark.parametrize("ground", ["alarm", "alarm2", "danger"])
def test_that_the_alarm_strip_is_readable_from_end_to_end(tokens: Tokens, ground: str, qapp: QApplication) -> None:
    theme = Theme(tokens)
    for ink in ("alarm_text", "alarm_muted"):
        assert contrast(theme.color(ink), theme.color(ground)) >= 4.5
    assert contrast(theme.color("alarm_text"), theme.color("accent")) >= 1.0


def test_that_digits_have_one_width_so_that_clocks_stand_still(theme: Theme) -> None:
    for role in SIZES:
        metrics = QFontMetrics(theme.font(role))
        assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


def test_that_a_switch_at_run_time_changes_colours_and_sizes_and_says_so(
    theme: Theme, app: QApplication, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.use(app, DAY, 1.5)
    assert theme.color("bg").name() == DAY.bg
    assert theme.font("base").pixelSize() == 21
    assert app.font().pixelSize() == 21
