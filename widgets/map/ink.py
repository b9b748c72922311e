"""The map's colours: mixed from the theme's tokens, so that night and day keep the same order of contrasts."""

from PySide6.QtGui import QColor

from widgets.theme import Theme

MIXES = {
    "ground": ("bg", "bg", 0.0),
    "urban": ("bg", "muted", 0.045),
    "urban_edge": ("bg", "muted", 0.24),
    "park": ("bg", "available", 0.10),
    "water": ("bg", "accent", 0.17),
    "minor": ("bg", "muted", 0.17),
    "main": ("bg", "muted", 0.36),
    "casing": ("bg", "muted", 0.14),
    "ring_road": ("bg", "muted", 0.44),
    "beat": ("bg", "accent", 0.42),
    "site": ("bg", "alarm_line", 0.55),
    "name": ("bg", "muted", 0.92),
}
"""Name -> (ground, ink, share of the ink)."""


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """`share` of `other` in `one`."""
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * share,
        one.greenF() + (other.greenF() - one.greenF()) * share,
        one.blueF() + (other.blueF() - one.blueF()) * share,
    )


def ink(theme: Theme, name: str) -> QColor:
    ground, over, share = MIXES[name]
    return mixed(theme.color(ground), theme.color(over), share)


def faded(color: QColor, alpha: float) -> QColor:
    """The colour with an opacity 0–1."""
    made = QColor(color)
    made.setAlphaF(alpha)
    return made
