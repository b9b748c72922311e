"""The sheet of bulletins 布控通播: what is looked for now and what is over, each with who was told and who has read it.

↑ ↓ choose, Alt+N writes a new one, Alt+D cancels the chosen one with the reason in the line, Alt+R says that the
chosen recipient was told by voice, Esc goes back a page and then leaves. What is written stays when the sheet is left.
↑ ↓ in the line choose the recipient; he stays chosen wherever his row moves, and after a tick nobody is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from widgets.controls import KeyButton
from widgets.keys import is_alt, is_held, keeps
from widgets.layouts import ElidedLabel
from widgets.panels.bulletin_form import BulletinForm, Written
from widgets.panels.confirm_strip import ConfirmStrip
from widgets.panels.finder import ENTER
from widgets.panels.kept_list import STEPS, KeptList
from widgets.panels.parts import label
from widgets.panels.sheet_line import SheetLine
from widgets.text import word
from widgets.theme import Theme

KEYS = (Qt.Key.Key_N, Qt.Key.Key_D, Qt.Key.Key_R)
PHOTO = 160
"""Greatest height of a photo, in pixels at scale 1."""


@dataclass(frozen=True, slots=True)
class BulletinRow:
    """One bulletin in words; `over` is drawn muted, `fresh` is not read at this seat yet. Receipts: (key, words)."""

    key: str
    text: str
    said: str
    body: str
    receipts: tuple[tuple[str, str], ...] = ()
    photo: Path | None = None
    over: bool = False
    fresh: bool = False


def is_own(event: QKeyEvent) -> bool:
    """Whether the sheet has this key for itself: Alt+N, Alt+D, Alt+R."""
    return is_alt(event, KEYS)


class BulletinsSheet(QFrame):
    """`chosen_one`: a bulletin was opened. `written` carries the form, `issued` the ticked recipients, `cancelled` the
    id and the reason, `told` a receipt's id, `left`: Esc."""

    chosen_one = Signal(str)
    written = Signal(object)
    issued = Signal(object)
    cancelled = Signal(str, str)
    told = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme, beats: Sequence[str]) -> None:
        super().__init__()
        self._theme = theme
        self._rows: Sequence[BulletinRow] = ()
        self.setProperty("role", "panel")
        self.setAccessibleName(self.tr("布控通播"))
        self.title = ElidedLabel(theme, "spot", "text", self.tr("布控通播标题"), room=160)
        self.list, self.receipts = KeptList(), KeptList()
        self.body, self.photo = label("", wrap=True), QLabel()
        self.line = SheetLine(is_own)
        self.told_text = label("", "muted", wrap=True)
        self.form, self.strip = BulletinForm(theme, beats), ConfirmStrip(theme)
        self.pages = QStackedWidget()
        self.new = KeyButton(theme, "Alt N", self.tr("发布"), height=36)
        self.cancel = KeyButton(theme, "Alt D", self.tr("撤销"), height=36)
        self.tick = KeyButton(theme, "Alt R", self.tr("已告知"), height=36)
        self.back = KeyButton(theme, "Esc", self.tr("返回"), height=36)
        self._build()
        self._connect()
        self.show_rows("", ())

    def _build(self) -> None:
        px = self._theme.px
        self.list.setAccessibleName(self.tr("布控通播列表"))
        self.receipts.setAccessibleName(self.tr("回执"))
        self.line.setAccessibleName(self.tr("撤销的理由，或对方的答复"))
        self.line.setPlaceholderText(self.tr("撤销须写理由；记已告知时写接听人或答复"))
        self.line.setMinimumHeight(px(32))
        self.photo.setAccessibleName(self.tr("照片"))
        detail = QWidget()
        inner = QVBoxLayout(detail)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(px(6))
        inner.addWidget(self.body)
        inner.addWidget(self.photo)
        inner.addWidget(self.receipts, 1)
        for page in (detail, self.form, self.strip):
            self.pages.addWidget(page)
        middle = QHBoxLayout()
        middle.setSpacing(px(10))
        middle.addWidget(self.list, 2)
        middle.addWidget(self.pages, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(12), px(16), px(12))
        column.setSpacing(px(8))
        column.addWidget(self.title)
        column.addLayout(middle, 1)
        column.addWidget(self.line)
        column.addWidget(self.told_text)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        for button in (self.new, self.cancel, self.tick):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._show_chosen)
        self.receipts.currentRowChanged.connect(self._show_buttons)
        self.new.clicked.connect(self.write)
        self.cancel.clicked.connect(self._cancel)
        self.tick.clicked.connect(self._tick)
        self.back.clicked.connect(self._leave)
        self.form.written.connect(self._is_written)
        self.form.left.connect(self.show_detail)
        self.strip.confirmed.connect(self.issued)
        self.strip.left.connect(self.write)

    # -- the list ------------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> BulletinRow | None:
        """The bulletin that is shown."""
        at = self.list.currentRow()
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def show_rows(self, title: str, rows: Sequence[BulletinRow], why: str = "") -> None:
        """The bulletins; the chosen one stays chosen, nothing is drawn anew that is as it was. `why`: no permission."""
        self.title.show_text(title)
        self.new.setEnabled(not why)
        self.new.setToolTip(why)
        if tuple(rows) != tuple(self._rows) or not rows:
            self._rows = tuple(rows)
            self._fill()
        if self.form.isVisible() or self.strip.isVisible():
            return
        self._show_buttons()
        self.tell("" if rows else self.tr("没有布控通播：按 Alt+N 发布"))

    def _fill(self) -> None:
        self.list.fill((row.key, self._item(row)) for row in self._rows)
        self._show_body()

    def _item(self, row: BulletinRow) -> QListWidgetItem:
        item = QListWidgetItem(f"{row.text}\n{row.said}")
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.text}{word('，')}{row.said}")
        if row.over:
            item.setForeground(self._theme.color("muted"))
        return item

    def choose(self, key: str) -> None:
        """Show this one."""
        at = next((n for n, row in enumerate(self._rows) if row.key == key), -1)
        if at >= 0:
            self.show_detail()
            self.list.setCurrentRow(at)
            self._show_chosen()

    @Slot()
    def _show_chosen(self) -> None:
        self._show_body()
        self.receipts.begin()
        self._show_buttons()
        if self.chosen is not None and self.pages.currentIndex() == 0:
            self.chosen_one.emit(self.chosen.key)

    def _show_body(self) -> None:
        row = self.chosen
        self.body.setText(row.body if row is not None else "")
        picture = QPixmap(str(row.photo)) if row is not None and row.photo is not None else QPixmap()
        if not picture.isNull():
            px = self._theme.px(PHOTO)
            picture = picture.scaled(
                2 * px, px, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        self.photo.setPixmap(picture)
        self.photo.setVisible(not picture.isNull())
        self.receipts.fill((key, QListWidgetItem(text)) for key, text in (row.receipts if row is not None else ()))

    @Slot()
    def _show_buttons(self) -> None:
        row = self.chosen
        runs = row is not None and not row.over
        self.cancel.setEnabled(runs and self.new.isEnabled())
        self.cancel.setToolTip(self.new.toolTip())
        self.tick.setEnabled(runs and self.receipts.currentItem() is not None)

    def tell(self, text: str) -> None:
        """A word below the line."""
        self.told_text.setText(text)
        self.told_text.setVisible(bool(text))

    # -- pages ---------------------------------------------------------------------------------------------------

    @property
    def page(self) -> str:
        """Which page is shown: detail, form or strip."""
        return ("detail", "form", "strip")[self.pages.currentIndex()]

    def _turn(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        for piece in (self.line, self.new, self.cancel, self.tick):
            piece.setVisible(page == 0)
        self.back.setVisible(page != 2)  # the strip has its own

    @Slot()
    def show_detail(self) -> None:
        """The list and the bulletin chosen in it."""
        self._turn(0)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_buttons()

    @Slot()
    def write(self) -> None:
        """Alt+N: the form, as it was left."""
        if self.new.isEnabled():
            self.tell("")
            self._turn(1)
            self.form.take_focus()

    @Slot(object)
    def _is_written(self, form: Written) -> None:
        self.written.emit(form)

    def show_strip(self) -> None:
        """The confirmation strip has been filled; it takes the keys."""
        self._turn(2)
        self.strip.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_focus(self) -> None:
        (self.form.take_focus if self.page == "form" else self.list.setFocus)()

    # -- what a person does --------------------------------------------------------------------------------------

    @Slot()
    def _cancel(self) -> None:
        row = self.chosen
        if row is None or not self.cancel.isEnabled():
            return
        reason = self.line.text().strip()
        if not reason:
            self.tell(self.tr("撤销须写明理由，例：车辆已找到"))
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.line.clear()
        self.cancelled.emit(row.key, reason)

    @Slot()
    def _tick(self) -> None:
        key = self.receipts.key
        if key and self.tick.isEnabled():
            self.told.emit(key)
            # Whose the next words are, a person says: not who comes next in the list.
            self.receipts.let_go()
        elif not key and self.receipts.count():
            self.tell(self.tr("先用 ↑ ↓ 选一处回执，再按 Alt+R"))

    def take_line(self) -> str:
        """What stands in the line; it is empty afterwards."""
        said = self.line.text().strip()
        self.line.clear()
        return said

    @Slot()
    def _leave(self) -> None:
        if self.page == "strip":
            self.write()
        elif self.page == "form":
            self.show_detail()
        else:
            self.left.emit()

    @override
    def event(self, event: QEvent) -> bool:
        """Alt+N, Alt+D and Alt+R are the sheet's while it has the keys, not the window's commands of the same keys."""
        return keeps(event, is_own) or super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts = {Qt.Key.Key_N: self.write, Qt.Key.Key_D: self._cancel, Qt.Key.Key_R: self._tick}
        if is_own(event) and self.page == "detail":
            if not is_held(event, KEYS):
                acts[Qt.Key(event.key())]()
        elif event.key() in STEPS and self.line.hasFocus():
            self.receipts.step(STEPS[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif event.key() not in ENTER:
            super().keyPressEvent(event)
