"""The one style sheet: frames, fields, buttons and the three levels of text, by the property `role`.

Kept small on purpose: it is parsed once per theme and asked for every widget that is built.
"""

from string import Template
from typing import Any

SHEET = Template(
    """
QToolTip { background: $panel2; color: $text; border: 1px solid $line; padding: ${s4}px; }
QWidget[role="panel"] { background: $panel; border: 1px solid $line; border-radius: ${s6}px; }
QWidget[role="bar"] { background: $bg; border: none; }
QLabel { background: transparent; border: none; }
QLabel[role="muted"] { color: $muted; font-size: ${f12}px; }
QLabel[role="small"] { color: $text; font-size: ${f12}px; }
QLabel[role="title"] { color: $text; font-size: ${f16}px; font-weight: bold; }
QLabel[role="wrong"] { color: $bad; font-weight: bold; }
QLabel[role="strong"] { color: $text; font-weight: bold; }
QLabel[role="clock"] { color: $text; font-size: ${f24}px; font-weight: bold; }
QPushButton, QToolButton { background: $panel2; color: $text; border: 1px solid $line; border-radius: ${s6}px;
  padding: ${s4}px ${s12}px; min-height: ${s24}px; }
QPushButton:hover, QToolButton:hover { border-color: $muted; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:disabled, QToolButton:disabled { color: $faint; background: $panel; }
QPushButton:checked, QToolButton:checked { border-color: $accent; color: $accent; }
QPushButton[role="primary"] { background: $accent; color: $on_fill; border-color: $accent; font-weight: bold; }
QPushButton[role="flat"], QToolButton[role="flat"] { background: transparent; border: none; color: $muted; }
QPushButton[role="chip"], QToolButton[role="chip"] { background: $panel2; color: $text; border: 1px solid $line;
  border-radius: ${s12}px; padding: 0 ${s8}px; font-size: ${f12}px; }
QPushButton[role="chip"]:focus, QToolButton[role="chip"]:focus { border-color: $accent; }
QPushButton[role="chip"]:checked, QToolButton[role="chip"]:checked { border-color: $accent; color: $accent; }
QPushButton[role="chip"]:disabled { color: $faint; border-color: $line; }
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox { background: $bg; color: $text; border: 1px solid $line;
  border-radius: ${s6}px; padding: ${s4}px ${s8}px; selection-background-color: $accent; selection-color: $on_fill;
  min-height: ${s20}px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus { border-color: $accent; }
QLineEdit[role="bare"], QLineEdit[role="bare"]:focus { background: transparent; border: none; padding: 0; }
QComboBox::drop-down { background: transparent; border: none; width: ${s20}px; }
QAbstractItemView { background: $panel; border: none; outline: none; selection-background-color: $selected;
  selection-color: $text; }
QHeaderView::section { background: $panel; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: ${s4}px ${s8}px; font-size: ${f12}px; }
QMenu { background: $panel2; color: $text; border: 1px solid $line; padding: ${s4}px; }
QMenu::item { padding: ${s6}px ${s16}px; border-radius: ${s4}px; }
QMenu::item:selected { background: $selected; }
QProgressBar { background: $bg; border: 1px solid $line; border-radius: ${s4}px; }
QProgressBar::chunk { background: $accent; border-radius: ${s4}px; }
QSplitter::handle { background: $bg; }
QScrollBar:vertical { background: transparent; width: ${s10}px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: ${s10}px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: ${s4}px; min-height: ${s24}px; min-width: ${s24}px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""
)


def sheet(theme: Any) -> str:
    """The sheet in a theme's colours and scale (`theme`: widgets.theme.Theme)."""
    sizes = {f"s{n}": theme.px(n) for n in (4, 6, 8, 10, 12, 16, 20, 24)}
    fonts = {f"f{n}": theme.px(n) for n in (12, 16, 24)}
    tokens = theme.tokens
    colors = {name: getattr(tokens, name) for name in tokens.__slots__}
    return SHEET.substitute(colors | {k: str(v) for k, v in (sizes | fonts).items()})
