"""The register's form 点位登记: look a site up, read it, correct it, enter a new one; one key for an unknown account.

Whoever may not write reads it, people masked, with the reason in plain sight. What was typed is never discarded: it
stays with its site while others are looked at, until it is saved or taken back by a key of its own.
"""

import re
from asyncio import to_thread
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.alarm import Alarm
from console.domain.errors import EnvironmentFault
from console.domain.incident import Incident
from console.domain.site import Signal as Heard
from console.domain.site import Site
from console.domain.state import need
from console.services.desk import Desk
from console.services.event_words import third_field_is_user
from console.services.picture import Changes
from console.services.site_search import find_sites, learn
from console.services.site_table import cells_of, record_of
from console.services.sites import UNREGISTERED
from widgets.allowed import show_allowed, why_not
from widgets.controls import KeyButton
from widgets.models.site_rows import TableRow
from widgets.panels.finder import ComposingLine
from widgets.panels.parts import label
from widgets.panels.site_fields import SiteFields
from widgets.panels.site_rows import RowsView
from widgets.panels.site_state import SiteState
from widgets.tasks import Tasks
from widgets.text import word
from widgets.theme import Theme

LastSignals = Callable[[Site], Sequence[Heard]]
"""Reads a site's last signals, newest first; blocks, so it is asked on another thread."""

NEW = "new"
_NUMBER = re.compile(r"(\D*)(\d+)")


class SiteForm(QFrame):
    """`saved` carries the site's id, `left` is Esc."""

    saved = Signal(str)
    left = Signal()

    def __init__(self, desk: Desk, theme: Theme, tasks: Tasks, last_signals: LastSignals | None = None) -> None:
        super().__init__()
        self._desk, self._theme, self._tasks, self.last_signals = desk, theme, tasks, last_signals
        self._key = ""
        self._base: dict[str, str] = {}
        self._seen: Site | None = None
        self._drafts: dict[str, dict[str, str]] = {}
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("点位登记"))
        self.search = ComposingLine()
        heads = (self.tr("点位"), self.tr("账号"))
        self.list = RowsView(theme, self.tr("点位列表"), heads, 0)
        self.state = SiteState(theme)
        self.fields = SiteFields(theme, desk.reference)
        self.title = label("", "title")
        self.reason = label("", "muted", wrap=True)
        self.told = label("", "wrong", wrap=True)
        self.save = KeyButton(theme, "Ctrl S", self.tr("保存"), height=36)
        self.new = KeyButton(theme, "Ctrl N", self.tr("登记新点位"), height=36)
        self.undo = KeyButton(theme, "Alt Z", self.tr("放弃修改"), height=36)
        self.look_up = KeyButton(theme, "Alt F", self.tr("查找"), height=36)
        self.back = KeyButton(theme, "Esc", self.tr("返回"), height=36)
        self._build()
        self._connect()
        self.close_panel = desk.picture.observe(self._take_in)
        self._show_list()

    # -- building --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        px = self._theme.px
        self.search.setPlaceholderText(self.tr("名称、账号、拼音首字母或地址"))
        self.search.setAccessibleName(self.tr("查找点位"))
        left, right, buttons, whole = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(), QHBoxLayout(self)
        left.addWidget(self.search)
        left.addWidget(self.list, 3)
        left.addWidget(self._scrolled(self.state), 2)
        right.addWidget(self.title)
        right.addWidget(self.reason)
        right.addWidget(self._scrolled(self.fields), 1)
        right.addWidget(self.told)
        for button in (self.save, self.undo, self.new, self.look_up):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        right.addLayout(buttons)
        whole.setContentsMargins(px(16), px(12), px(16), px(12))
        whole.setSpacing(px(16))
        whole.addLayout(left, 2)
        whole.addLayout(right, 5)
        for layout in (left, right):
            layout.setSpacing(px(8))
        for button in (self.save, self.undo, self.new, self.look_up, self.back):
            button.setAutoDefault(False)

    def _scrolled(self, content: QWidget) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        return area

    def _connect(self) -> None:
        self.search.textEdited.connect(self._show_list)
        self.search.returnPressed.connect(self._to_list)
        self.list.chosen.connect(self._listed)
        self.list.opened.connect(self._enter)
        self.fields.changed.connect(self._typed)
        self.save.clicked.connect(self.save_now)
        self.undo.clicked.connect(self.take_back)
        self.new.clicked.connect(self._new)
        self.look_up.clicked.connect(self.take_focus)
        self.back.clicked.connect(self.left)
        # Shortcuts, for the keys mean the same in every field, also in a cell that is being written.
        for button, pressed in (
            (self.save, "Ctrl+S"),
            (self.new, "Ctrl+N"),
            (self.undo, "Alt+Z"),
            (self.look_up, "Alt+F"),
        ):
            shortcut = QShortcut(QKeySequence(pressed), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(button.click)

    # -- what it shows -----------------------------------------------------------------------------------------

    def open(self, site: str = "") -> None:
        """Show it for a site, else as it was left; the search takes the keys."""
        if site:
            self.show_site(site)
        self._show_list()
        self.take_focus()
        names = [known.name for known in self._desk.picture.state.where(Site)]
        self._tasks.start(to_thread(learn, names), self.tr("准备拼音"))

    @Slot()
    def take_focus(self) -> None:
        """Alt+F."""
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.search.selectAll()

    @property
    def site(self) -> str:
        """The id of the site it shows, '' for a new one."""
        return self._seen.id if self._seen is not None else ""

    def show_site(self, site: str) -> None:
        """A site on file, with what was typed about it and is not saved. UserError if it is not there."""
        found = need(self._desk.picture.state, Site, site)
        self._show(found.id, found, cells_of(found))
        self.list.choose(found.id)
        self._read_signals(found)

    @Slot()
    def _new(self) -> None:
        self.new_site()

    def new_site(self, account: str = "", line: str = "", more: Mapping[str, str] | None = None) -> None:
        """An empty record, or what is known of it already; the name takes the keys."""
        known = {"id": self._free_id(), "account": account, "line": line, "urban": "1", "moving": "0"}
        self._show(f"{NEW} {account} {line}", None, {**known, **(more or {})})
        self.list.choose("")
        self.fields.take_focus()

    def register_alarm(self, alarm: str) -> None:
        """One key for an alarm of an unknown account: its account, line and zone, and what the incident knows."""
        found = need(self._desk.picture.state, Alarm, alarm)
        if found.site:
            self.show_site(found.site)
            return
        more: dict[str, str] = {}
        if found.zone and not third_field_is_user(found):
            # A name that is true until somebody writes the spot: nothing but the site's name has to be typed.
            more["zones"] = f"{found.zone}={self.tr('防区 {zone}').format(zone=found.zone)}"
        incident = self._desk.picture.state.get(Incident, found.incident)
        if incident is not None and incident.place_unknown != UNREGISTERED:
            more["address"] = incident.place
        if incident is not None and incident.lat is not None and incident.lon is not None:
            more |= {"lat": str(incident.lat), "lon": str(incident.lon), "beat": incident.beat}
        self.new_site(found.account, found.line, more)

    def _show(self, key: str, site: Site | None, cells: dict[str, str]) -> None:
        self._key, self._seen, self._base = key, site, cells
        self._refresh_rights()
        masked = bool(self._why())
        self.fields.show_cells(self._drafts.get(key, cells), masked=masked)
        self.fields.lock_id(site is not None)
        self.title.setText(site.name if site is not None else self.tr("登记新点位"))
        self.state.show_site(self._desk.picture.state, site, self._desk.clock())
        self._say()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        """What others did while it was away stands in it now."""
        super().showEvent(event)
        self._show_list()
        now = self._desk.picture.state.get(Site, self.site)
        if now is not None and self._key not in self._drafts and now != self._seen:
            self.show_site(now.id)

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(1100), self._theme.px(760))

    @property
    def unsaved(self) -> bool:
        """Whether something typed is not saved."""
        return bool(self._drafts)

    def _why(self) -> str:
        """Why the person here may only read."""
        return why_not(self._desk, "site.register", site={})

    def _refresh_rights(self) -> None:
        why = self._why()
        self.fields.set_read_only(bool(why))
        for button in (self.save, self.new, self.undo):
            show_allowed(button, why)
        said = self.tr("只读：{why}；联系人已遮蔽").format(why=why) if why else ""
        self.reason.setText(said)
        self.reason.setVisible(bool(said))

    @Slot()
    def _show_list(self) -> None:
        found = find_sites(self._desk.picture.state.where(Site), self.search.text())
        rows = [self._row(site) for site in found]
        self.list.nothing = self.tr("没有这样的点位") if self.search.text().strip() else self.tr("还没有登记点位")
        before = self.list.blockSignals(True)
        self.list.show_rows(rows)
        self.list.blockSignals(before)

    def _row(self, site: Site) -> TableRow:
        unsaved = "● " if site.id in self._drafts else ""
        return TableRow(
            site.id, (f"{unsaved}{site.name}", site.account), f"{site.id} {site.address} {site.line}".strip()
        )

    @Slot(str)
    def _listed(self, key: str) -> None:
        if key and key != self._key:
            self.show_site(key)

    @Slot()
    def _to_list(self) -> None:
        """Enter in the search shows the closest site."""
        if self.list.rows.rowCount():
            self.show_site(self.list.rows.key_at(0))
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _enter(self, key: str) -> None:
        self._listed(key)
        self.fields.take_focus()

    def _free_id(self) -> str:
        """The number after the last one in use: S067."""
        numbered = [match for site in self._desk.picture.state.where(Site) if (match := _NUMBER.fullmatch(site.id))]
        last = max(numbered, key=lambda match: int(match[2]), default=None)
        return f"{last[1]}{int(last[2]) + 1:0{len(last[2])}}" if last is not None else "S001"

    # -- what others do meanwhile ----------------------------------------------------------------------------

    def _take_in(self, changes: Changes) -> None:
        touched = {row.id for row in (*changes.added, *changes.updated) if isinstance(row, Site)}
        if not self.isVisible():
            return
        if touched:
            self._show_list()
        if self._seen is None:
            return
        if self._seen.id in touched and self._key not in self._drafts:
            self.show_site(self._seen.id)
        elif any(getattr(row, "site", "") == self._seen.id for row in (*changes.added, *changes.updated)):
            self.state.show_site(self._desk.picture.state, self._seen, self._desk.clock())

    def refresh(self) -> None:
        """Another person sits here: he may read or write, and sees people in full or masked."""
        self._drafts.clear()
        if self._key:
            self._show(self._key, self._seen, self._base)
        else:
            self._refresh_rights()

    def _read_signals(self, site: Site) -> None:
        if self.last_signals is None:
            self.state.show_signals(None, self.tr("此窗口读不到信号记录"))
            return
        self.state.show_signals(None)
        self._tasks.start(self._signals_of(site), self.tr("读取最近信号"))

    async def _signals_of(self, site: Site) -> None:
        assert self.last_signals is not None
        try:
            found = await to_thread(self.last_signals, site)
        except EnvironmentFault as fault:
            if self.site == site.id:
                self.state.show_signals(None, word(str(fault)))
            return
        if self.site == site.id:
            self.state.show_signals(found)

    # -- what was typed --------------------------------------------------------------------------------------

    @Slot()
    def _typed(self) -> None:
        first = self._key not in self._drafts
        self._drafts[self._key] = self.fields.cells()
        self._say()
        if first:
            self._show_list()

    def _say(self, *, whole: bool = False) -> bool:
        """Whether the row may be stored; what is wrong stands above the buttons."""
        told = self.fields.check(whole=whole)
        self._tell(told.text())
        why = self._why()
        self.undo.setEnabled(self._key in self._drafts and not why)
        return not told

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.setVisible(bool(text))

    @Slot()
    def take_back(self) -> None:
        """Alt+Z: the record as it is on file."""
        if self._drafts.pop(self._key, None) is None:
            return
        now = self._desk.picture.state.get(Site, self.site)
        self._show(self._key, now, cells_of(now) if now is not None else self._base)
        self._show_list()

    # -- saving ----------------------------------------------------------------------------------------------

    @Slot()
    def save_now(self) -> None:
        """Ctrl+S. What is wrong is said and nothing is stored; a record another person changed is asked for again."""
        if not self.save.isEnabled() or not self._key:
            return
        self.fields.commit()
        if not self._say(whole=True):
            return
        now = self._desk.picture.state.get(Site, self.fields.cells()["id"])
        if now is not None and self._seen is None:
            self._tell(self.tr("编号 {id} 已是{name}，请换一个编号").format(id=now.id, name=now.name))
            return
        if now != self._seen:
            self._seen = now
            self._tell(self.tr("这个点位刚被他人修改，您改过的栏目将以您的为准；再按一次 Ctrl+S 保存"))
            return
        self._tasks.start(self._save(self._key, self._said()), self.tr("保存点位"))

    def _said(self) -> dict[str, object]:
        """What is said of the site: all of a new one, of a known one the columns that were changed."""
        wanted = record_of(self.fields.cells())
        if self._seen is None:
            return wanted
        before = record_of(self._base)
        return {"id": self._seen.id, **{name: value for name, value in wanted.items() if value != before.get(name)}}

    async def _save(self, key: str, said: dict[str, object]) -> None:
        site = str(await self._desk.do("site.register", site=said))
        self._drafts.pop(key, None)
        if self._key == key:
            self.show_site(site)
        self._show_list()
        name = need(self._desk.picture.state, Site, site).name
        self._tasks.messages.info(self.tr("已保存点位 {name}").format(name=name))
        self.saved.emit(site)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
