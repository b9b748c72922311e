"""Theme: the colours, sizes and type of every window, in one place.

Tokens are those of LOOK.md (night) and a day set with the same contrasts; a test computes them. The application
gets Fusion, a palette and one small sheet, once per change (a big sheet costs a fifth of a second per window);
colours of state come from painters and delegates that ask `Theme.color` while they paint.
"""

from dataclasses import dataclass, fields
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from resources import ROOT
from widgets.sheet import sheet

FAMILIES = (
    "Console Sans SC",
    "Microsoft YaHei UI",
    "PingFang SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "sans-serif",
)
"""The bundled face first; the others only where it is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Colours by what they mean, `#rrggbb`. Source: LOOK.md, Tokens."""

    name: str
    bg: str
    panel: str
    panel2: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    selected: str
    p1: str
    p2: str
    p3: str
    p4: str
    available: str
    en_route: str
    on_scene: str
    busy: str
    lost: str
    linkage: str
    good: str
    warn: str
    bad: str
    danger: str
    alarm: str
    alarm2: str
    alarm_line: str
    alarm_text: str
    alarm_muted: str
    emergency: str
    on_fill: str


NIGHT = Tokens(
    name="night",
    bg="#14181d",
    panel="#1b2027",
    panel2="#222932",
    line="#2d3641",
    text="#e6ebf1",
    muted="#93a1b1",
    faint="#64717f",
    accent="#4aa3ff",
    selected="#21354b",
    p1="#ff5c5e",
    p2="#ff9f2e",
    p3="#f2d13c",
    p4="#7d99b6",
    available="#38c172",
    en_route="#4aa3ff",
    on_scene="#b78cff",
    busy="#ff9f2e",
    lost="#748290",
    linkage="#2ec4b6",
    good="#38c172",
    warn="#f2d13c",
    bad="#ff5c5e",
    danger="#9e2024",
    alarm="#7c1519",
    alarm2="#4f1013",
    alarm_line="#ff4d4f",
    alarm_text="#ffffff",
    alarm_muted="#ffc9c9",
    emergency="#c39bff",
    on_fill="#0c1014",
)
"""LOOK.md's night; p1, p4 and lost a shade lighter, to keep 4.5:1 as text and 3:1 as symbols on panel2."""

DAY = Tokens(
    name="day",
    bg="#dfe5ec",
    panel="#f7f9fb",
    panel2="#eaeef3",
    line="#bcc6d1",
    text="#141a21",
    muted="#4a5765",
    faint="#7c8894",
    accent="#0a5cb8",
    selected="#cfe2f8",
    p1="#b9151b",
    p2="#984300",
    p3="#6f5700",
    p4="#425d7c",
    available="#12693a",
    en_route="#0a5cb8",
    on_scene="#6a35bd",
    busy="#984300",
    lost="#5d6873",
    linkage="#0a675e",
    good="#12693a",
    warn="#6f5700",
    bad="#b9151b",
    danger="#b9151b",
    alarm="#a3161b",
    alarm2="#7c1519",
    alarm_line="#7c1519",
    alarm_text="#ffffff",
    alarm_muted="#ffdede",
    emergency="#5b21a6",
    on_fill="#ffffff",
)
"""The same order of contrasts on light grounds."""

THEMES = {tokens.name: tokens for tokens in (NIGHT, DAY)}

SIZES: dict[str, tuple[int, bool]] = {
    "small": (12, False),
    "base": (14, False),
    "strong": (14, True),
    "title": (16, True),
    "spot": (20, True),
    "clock": (24, True),
    "elapsed": (26, True),
}
"""Role of a piece of text -> (pixels at scale 1, bold). LOOK.md, Type."""

SCALES = (0.9, 1.5)
"""The setting's range (LOOK.md: 90–150 %)."""


def load_fonts(folder: Path | None = None) -> tuple[str, ...]:
    """Load the bundled faces; answers the family names found. Needs a QGuiApplication."""
    found: list[str] = []
    for file in sorted((folder or ROOT / "fonts").glob("*.ttf")):
        number = QFontDatabase.addApplicationFont(str(file))
        found += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return tuple(dict.fromkeys(found))


class Theme(QObject):
    """Tokens and scale in force. `changed` carries the theme itself after a switch or a new scale."""

    changed = Signal(object)

    def __init__(self, tokens: Tokens = NIGHT, scale: float = 1.0) -> None:
        super().__init__()
        self._tokens = tokens
        self._scale = min(max(scale, SCALES[0]), SCALES[1])
        self._colors = _colors(tokens)
        self._fonts: dict[str, QFont] = {}
        self._metrics: dict[str, QFontMetrics] = {}
        self._numerals: dict[int, QFont] = {}

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    @property
    def scale(self) -> float:
        return self._scale

    def color(self, name: str) -> QColor:
        """The colour of a token; KeyError for a name that is none. Do not change the answer."""
        return self._colors[name]

    def px(self, n: float) -> int:
        """Logical pixels at the scale in force, at least 1 for anything above 0."""
        return max(1, round(n * self._scale)) if n > 0 else 0

    def font(self, role: str = "base") -> QFont:
        """The font of a role of SIZES; all its digits have one width. Do not change the answer."""
        if role not in self._fonts:
            size, bold = SIZES[role]
            font = QFont()
            font.setFamilies(list(FAMILIES))
            font.setPixelSize(self.px(size))
            font.setBold(bold)
            self._fonts[role] = font
        return self._fonts[role]

    def metrics(self, role: str = "base") -> QFontMetrics:
        """What the font of a role measures."""
        if role not in self._metrics:
            self._metrics[role] = QFontMetrics(self.font(role))
        return self._metrics[role]

    def numeral(self, pixels: int) -> QFont:
        """A bold figure of so many pixels, for the inside of a sign. Do not change the answer."""
        if pixels not in self._numerals:
            font = QFont(self.font("small"))
            font.setBold(True)
            font.setPixelSize(pixels)
            self._numerals[pixels] = font
        return self._numerals[pixels]

    def apply(self, app: QApplication) -> None:
        """Dress the whole application: style, palette, font, one sheet."""
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setFont(self.font("base"))
        app.setPalette(palette(self._tokens))
        app.setStyleSheet(sheet(self))

    def use(self, app: QApplication, tokens: Tokens | None = None, scale: float | None = None) -> None:
        """Switch at run time: everything open is dressed anew and repainted."""
        self._tokens = tokens or self._tokens
        if scale is not None:
            self._scale = min(max(scale, SCALES[0]), SCALES[1])
        self._colors = _colors(self._tokens)
        for known in (self._fonts, self._metrics, self._numerals):
            known.clear()
        self.apply(app)
        self.changed.emit(self)


def _colors(tokens: Tokens) -> dict[str, QColor]:
    return {field.name: QColor(getattr(tokens, field.name)) for field in fields(tokens) if field.name != "name"}


def palette(tokens: Tokens) -> QPalette:
    """Fusion's palette in our colours; disabled text is `faint`."""
    role = QPalette.ColorRole
    made = QPalette()
    for target, name in (
        (role.Window, tokens.bg),
        (role.WindowText, tokens.text),
        (role.Base, tokens.panel),
        (role.AlternateBase, tokens.panel2),
        (role.Text, tokens.text),
        (role.PlaceholderText, tokens.muted),
        (role.Button, tokens.panel2),
        (role.ButtonText, tokens.text),
        (role.BrightText, tokens.bad),
        (role.Highlight, tokens.selected),
        (role.HighlightedText, tokens.text),
        (role.Link, tokens.accent),
        (role.ToolTipBase, tokens.panel2),
        (role.ToolTipText, tokens.text),
        (role.Light, tokens.line),
        (role.Midlight, tokens.line),
        (role.Mid, tokens.line),
        (role.Dark, tokens.bg),
        (role.Shadow, tokens.bg),
        (role.Accent, tokens.accent),
    ):
        made.setColor(target, QColor(name))
    for target in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, target, QColor(tokens.faint))
    return made
