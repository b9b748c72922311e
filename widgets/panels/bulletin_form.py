"""The form of a bulletin: kind, title, plate, person, words, beats, hours, photo. Enter names who will be told.

A plate in the words goes into its field by itself while that is empty. What is written stays until it was issued.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.bulletin import BULLETIN_KINDS, plates_in
from widgets.controls import KeyButton
from widgets.keys import is_held
from widgets.panels.finder import ENTER, ComposingLine
from widgets.panels.parts import ToggleChip, chip, label
from widgets.text import word
from widgets.theme import Theme

HOURS = 24
"""How long it holds where the field is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written. `hours` is how long it holds; `photo` the file a person picked, not kept yet."""

    kind: str
    title: str
    text: str
    plate: str
    person: str
    area: tuple[str, ...]
    hours: float
    photo: Path | None


class BulletinForm(QWidget):
    """`written` carries it; `left` is Esc."""

    written = Signal(object)
    left = Signal()

    def __init__(self, theme: Theme, beats: Sequence[str]) -> None:
        super().__init__()
        self._theme, self._beats = theme, beats
        self.photo: Path | None = None
        self.kinds = {kind: ToggleChip(word(name), word(name)) for kind, name in BULLETIN_KINDS.items()}
        self.fields: dict[str, QLineEdit] = {}
        self.wrong = label("", "small", wrap=True)
        self.wrong.hide()
        self.pick, self.picked = chip(self.tr("选照片")), label("", "muted", wrap=True)
        self.next = KeyButton(theme, "Enter", self.tr("列出通知对象"), "accent", height=36)
        self._build()
        self.choose_kind("control")

    def _build(self) -> None:
        px = self._theme.px
        rows = (
            ("title", self.tr("标题"), self.tr("例：盗抢白色轿车")),
            ("text", self.tr("内容"), self.tr("特征、去向、发现后怎么办")),
            ("plate", self.tr("车牌"), self.tr("例：闽E12345")),
            ("person", self.tr("人员"), self.tr("姓名、体貌特征")),
            ("area", self.tr("警区"), self.tr("例：05 06；空着就是全部")),
            ("hours", self.tr("小时"), self.tr("有效时间，空着就是 {n} 小时").format(n=HOURS)),
        )
        grid = QGridLayout()
        grid.setSpacing(px(6))
        kinds = QHBoxLayout()
        for kind, button in self.kinds.items():
            button.clicked.connect(lambda _=False, kind=kind: self.choose_kind(kind))
            kinds.addWidget(button)
        kinds.addStretch(1)
        grid.addWidget(label(self.tr("种类"), "muted"), 0, 0)
        grid.addLayout(kinds, 0, 1)
        for at, (key, name, hint) in enumerate(rows, 1):
            field = ComposingLine()
            field.setPlaceholderText(hint)
            field.setAccessibleName(name)
            field.setMinimumHeight(px(28))
            self.fields[key] = field
            grid.addWidget(label(name, "muted"), at, 0)
            grid.addWidget(field, at, 1)
        self.fields["text"].editingFinished.connect(self._take_plate)
        photo = QHBoxLayout()
        photo.addWidget(self.pick)
        photo.addWidget(self.picked, 1)
        grid.addWidget(label(self.tr("照片"), "muted"), len(rows) + 1, 0)
        grid.addLayout(photo, len(rows) + 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid)
        column.addWidget(self.wrong)
        column.addWidget(self.next)
        column.addStretch(1)
        self.pick.clicked.connect(self._ask_photo)
        self.next.clicked.connect(self.hand_in)

    @property
    def kind(self) -> str:
        """The kind that is ticked."""
        return next(kind for kind, button in self.kinds.items() if button.isChecked())

    def choose_kind(self, kind: str) -> None:
        """One of the three."""
        for name, button in self.kinds.items():
            button.setChecked(name == kind)

    def begin(self, kind: str, text: str) -> None:
        """Begun from the command line; what was written before stays where nothing new was typed."""
        self.choose_kind(kind)
        if text:
            self.fields["text"].setText(text)
            self._take_plate()

    def clear(self) -> None:
        """It was issued."""
        for field in self.fields.values():
            field.clear()
        self.take_photo(None)
        self.tell("")

    def take_focus(self) -> None:
        empty = next((f for f in self.fields.values() if not f.text()), self.fields["title"])
        empty.setFocus(Qt.FocusReason.OtherFocusReason)

    def tell(self, text: str) -> None:
        """What is wrong with it."""
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))

    def take_photo(self, file: Path | None) -> None:
        """A file was picked, or none."""
        self.photo = file
        self.picked.setText(file.name if file is not None else "")

    @Slot()
    def _take_plate(self) -> None:
        found = plates_in(self.fields["text"].text())
        if found and not self.fields["plate"].text():
            self.fields["plate"].setText(found[0])

    @Slot()
    def _ask_photo(self) -> None:
        asked = QFileDialog(self, self.tr("选照片"), "", self.tr("图片 (*.png *.jpg *.jpeg)"))
        asked.setFileMode(QFileDialog.FileMode.ExistingFile)
        asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asked.fileSelected.connect(lambda file: self.take_photo(Path(file)))
        asked.open()

    @Slot()
    def hand_in(self) -> None:
        """Enter: what is missing is said, else who would be told is asked for."""
        said = {key: field.text().strip() for key, field in self.fields.items()}
        area = tuple(said["area"].replace("、", " ").replace("，", " ").replace(",", " ").split())
        try:
            hours = float(said["hours"] or HOURS)
        except ValueError:
            hours = 0.0
        unknown = [beat for beat in area if beat not in self._beats]
        wrong = ""
        if not (said["title"] and said["text"]):
            wrong = self.tr("请写明标题和内容")
        elif unknown:
            wrong = self.tr("没有警区 {names}，可写 {known}").format(
                names=word("、").join(unknown), known=" ".join(self._beats)
            )
        elif not 0 < hours <= 720:
            wrong = self.tr("有效时间须为 1 到 720 小时的数字")
        self.tell(wrong)
        if not wrong:
            self.written.emit(self._written(said, area, hours))

    def _written(self, said: Mapping[str, str], area: tuple[str, ...], hours: float) -> Written:
        return Written(
            kind=self.kind,
            title=said["title"],
            text=said["text"],
            plate=said["plate"],
            person=said["person"],
            area=area,
            hours=hours,
            photo=self.photo,
        )

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_held(event, ENTER):
            return  # Still the one of the command line that began the form.
        if event.key() in ENTER:
            self.hand_in()
        else:
            super().keyPressEvent(event)
