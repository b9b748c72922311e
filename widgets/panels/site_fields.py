"""The fields of a site's record as the form shows them, checked while they are typed.

What a field holds is the text of the register's cell (`services.site_table`): one set of rules for form and table. A
field with a mistake carries a ✕ before its name and says what is wrong; nothing is marked before a person has typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.domain.reference import Reference
from console.services.masking import mask_name, mask_phone
from console.services.site_table import KINDS, LABELS, PERSONAL, problems_of
from widgets.panels.finder import ComposingLine
from widgets.panels.parts import ToggleChip, label
from widgets.panels.site_pairs import PairsTable
from widgets.text import word
from widgets.theme import Theme

ROWS: tuple[tuple[str, ...], ...] = (
    ("name", "id"),
    ("kind", "account"),
    ("beat", "line"),
    ("address",),
    ("lat", "lon"),
    ("equipment", "linkage"),
    ("supervise_s", "test_days"),
    ("keyholder", "keyholder_phone"),
    ("callback_phone", "limit_min"),
    ("guards", "guard_phone"),
    ("meu", "meu_phone"),
    ("meu_drill", "hours"),
)
"""Fields side by side, in the order of Tab."""

HINTS: Mapping[str, str] = {
    "line": "留空 = 任何线路",
    "kind": "学校、银行、医院…",
    "meu_drill": "2026-09-01",
    "linkage": "教育；120",
    "supervise_s": "静默多久算失联",
    "test_days": "学校 90",
}
REQUIRED = "必填"


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong, by column."""

    problems: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.problems)

    def text(self) -> str:
        """One line a problem."""
        return "\n".join(f"{word(LABELS[name])}{word('：')}{word(why)}" for name, why in self.problems.items())


class SiteFields(QWidget):
    """`changed`: a person typed. `cells` and `show_cells` are the whole row of text."""

    changed = Signal()

    def __init__(self, theme: Theme, reference: Reference) -> None:
        super().__init__()
        self._theme, self._reference = theme, reference
        self._read_only = False
        self.lines: dict[str, ComposingLine] = {}
        self._names: dict[str, QLabel] = {}
        self.urban = ToggleChip(word(LABELS["urban"]), word(LABELS["urban"]))
        self.moving = ToggleChip(word(LABELS["moving"]), word(LABELS["moving"]))
        zone, spot = self.tr("防区"), self.tr("位置")
        self.zones = PairsTable(theme, word(LABELS["zones"]), (zone, spot), "=")
        person, phone = self.tr("姓名"), self.tr("电话")
        self.keyholders = PairsTable(theme, word(LABELS["keyholders"]), (person, phone), " ", wide=0)
        self._build()
        for line in self.lines.values():
            line.textEdited.connect(self._typed)
        for piece in (self.zones, self.keyholders):
            piece.changed.connect(self._typed)
        for toggle in (self.urban, self.moving):
            toggle.clicked.connect(self._typed)

    def _build(self) -> None:
        px = self._theme.px
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(8))
        grid.setVerticalSpacing(px(6))
        for column in (1, 3):
            grid.setColumnStretch(column, 1)
        for at, names in enumerate(ROWS):
            for column, name in zip((0, 2), names, strict=False):
                grid.addWidget(self._name(name), at, column)
                grid.addWidget(self._line(name), at, column + 1, 1, 3 if len(names) == 1 else 1)
        flags = QHBoxLayout()
        flags.setSpacing(px(8))
        for toggle in (self.urban, self.moving):
            flags.addWidget(toggle)
        flags.addStretch(1)
        tables = QHBoxLayout()
        tables.setSpacing(px(12))
        for name, table in (("zones", self.zones), ("keyholders", self.keyholders)):
            below = QVBoxLayout()
            below.setSpacing(px(4))
            below.addWidget(self._name(name))
            below.addWidget(table)
            tables.addLayout(below, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, px(8), 0)
        whole.setSpacing(px(8))
        whole.addLayout(grid)
        whole.addLayout(flags)
        whole.addLayout(tables)
        whole.addStretch(1)

    def _name(self, name: str) -> QLabel:
        made = self._names[name] = label(word(LABELS[name]), "muted")
        return made

    def _line(self, name: str) -> ComposingLine:
        line = self.lines[name] = ComposingLine()
        line.setAccessibleName(word(LABELS[name]))
        line.setPlaceholderText(word(HINTS.get(name, "")))
        self._names[name].setBuddy(line)
        return line

    # -- what stands in them -------------------------------------------------------------------------------------

    def cells(self) -> dict[str, str]:
        """The row as it stands."""
        said = {name: line.text().strip() for name, line in self.lines.items()}
        said |= {"urban": str(int(self.urban.isChecked())), "moving": str(int(self.moving.isChecked()))}
        return said | {"zones": self.zones.text(), "keyholders": self.keyholders.text()}

    def show_cells(self, cells: Mapping[str, str], *, masked: bool = False) -> None:
        """Another row, not typed by the person; `masked`: people in it by their first letters and numbers only."""
        shown = {name: _masked(name, text) for name, text in cells.items()} if masked else cells
        for name, line in self.lines.items():
            text = self._shown(name, shown.get(name, ""))
            if line.text() != text:
                line.setText(text)
                line.setCursorPosition(0)
        self.urban.setChecked(shown.get("urban", "1") == "1")
        self.moving.setChecked(shown.get("moving", "0") == "1")
        self.zones.show_text(shown.get("zones", ""))
        self.keyholders.show_text(shown.get("keyholders", ""))

    def _shown(self, name: str, text: str) -> str:
        """Kinds and agencies by what people call them; the rules take these names too."""
        if name == "kind":
            return KINDS.get(text, text)
        if name == "linkage":
            known = self._reference.agencies
            return "；".join(known[key].short if key in known else key for key in text.split(";") if key)
        return text

    def set_read_only(self, read_only: bool) -> None:
        """Fields that can be read and copied, but not typed in."""
        self._read_only = read_only
        for line in self.lines.values():
            line.setReadOnly(read_only)
        for toggle in (self.urban, self.moving):
            toggle.setEnabled(not read_only)
        for table in (self.zones, self.keyholders):
            table.set_read_only(read_only)

    def commit(self) -> None:
        """What is being written in a cell is taken in."""
        for table in (self.zones, self.keyholders):
            table.commit()

    def lock_id(self, locked: bool) -> None:
        """A site keeps its number for ever; only a new one's may be chosen."""
        self.lines["id"].setReadOnly(locked or self._read_only)

    # -- what is wrong -------------------------------------------------------------------------------------------

    def check(self, *, whole: bool = False) -> Told:
        """Mark what is wrong; what is merely not typed yet counts only in the `whole`."""
        found = problems_of(self.cells()) if not self._read_only else {}
        counted = {name: why for name, why in found.items() if whole or why != REQUIRED}
        for name, shown in self._names.items():
            why = counted.get(name, "")
            title = word(LABELS[name])
            shown.setText(f"✕ {title}" if why else title)
            if (shown.property("role") == "wrong") != bool(why):
                shown.setProperty("role", "wrong" if why else "muted")
                shown.style().polish(shown)
            shown.setToolTip(word(why))
            self._field(name).setToolTip(word(why))
            self._field(name).setAccessibleDescription(why)
        return Told(counted)

    def _field(self, name: str) -> QWidget:
        tables: dict[str, QWidget] = {"zones": self.zones, "keyholders": self.keyholders}
        return tables.get(name) or self.lines[name]

    def take_focus(self, name: str = "name") -> None:
        """The keys go to a field, all of its text chosen."""
        field = self._field(name)
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(field, ComposingLine):
            field.selectAll()

    @Slot()
    def _typed(self) -> None:
        if not self._read_only:
            self.changed.emit()


def _masked(name: str, text: str) -> str:
    if name not in PERSONAL or not text:
        return text
    if name == "keyholder":
        return mask_name(text)
    if name == "keyholders":
        people = (part.rpartition(" ") for part in text.split(";"))
        return ";".join(f"{mask_name(person)} {mask_phone(phone)}" for person, _, phone in people)
    return mask_phone(text)
