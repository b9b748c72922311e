"""What has been typed and not saved: the value of the form, and the bar that offers open drafts again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.reference import Reference
from console.services.masking import mask_phone
from console.services.places import Place
from widgets.panels.parts import FlowLayout, chip, label
from widgets.theme import Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The form of a new incident. `priority` 0 = not chosen by a person; `started_at` is ISO, UTC."""

    phone: str = ""
    caller: str = ""
    place: str = ""
    place_unknown: str = ""
    kind: str = ""
    kind_text: str = ""
    priority: int = 0
    reason: str = ""
    route: str = ""
    narrative: str = ""
    recording: str = ""
    lat: float | None = None
    lon: float | None = None
    beat: str = ""
    urban: bool = True
    started_at: str = ""

    @property
    def typed(self) -> bool:
        """Whether a person has put anything in."""
        return self != Draft(started_at=self.started_at)

    def at(self, place: Place) -> "Draft":
        """The same with a place from the list."""
        return replace(
            self, place=place.name, lat=place.lat, lon=place.lon, beat=place.beat, urban=place.urban, place_unknown=""
        )

    def to_json(self) -> dict[str, Any]:
        """As the spool keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Draft":
        """A draft of this or an earlier version: unknown names are dropped, missing ones empty."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in body.items() if name in known})

    def title(self, reference: Reference) -> str:
        """What the draft is about, in a few words."""
        kind = reference.codes.get(self.kind)
        # Masked as in the form it was written in.
        phone = mask_phone(self.phone)
        pieces = (kind.name if kind else self.kind_text, self.place, self.narrative, phone, self.caller)
        said = " ".join(piece for piece in pieces if piece) or QCoreApplication.translate("Drafts", "空白草稿")
        return said if len(said) <= 18 else f"{said[:17]}…"


class DraftBar(QWidget):
    """Open drafts, one button each. `resumed` and `dropped` carry the draft's id; dropping asks for a second press."""

    resumed = Signal(str)
    dropped = Signal(str)

    def __init__(self, theme: Theme, reference: Reference) -> None:
        super().__init__()
        self._reference = reference
        self._shown: dict[str, str] = {}
        self._sure = ""
        self._theme = theme
        self.buttons: list[QPushButton] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._body: QWidget | None = None
        self.setAccessibleName(self.tr("草稿"))
        self.hide()

    @property
    def shown(self) -> dict[str, str]:
        """Draft id -> what its button says."""
        return self._shown

    def show_drafts(self, drafts: Mapping[str, Mapping[str, Any]], editing: str) -> None:
        """Offer every draft but the one in the form."""
        titles = {key: Draft.from_json(body).title(self._reference) for key, body in drafts.items() if key != editing}
        if titles != self._shown:
            self._shown, self._sure = titles, ""
            self._rebuild()

    def _rebuild(self) -> None:
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
        self._body, self.buttons = QWidget(), []
        flow = FlowLayout(self._theme.px(6))
        self._body.setLayout(flow)
        flow.addWidget(label(self.tr("草稿 {n}").format(n=len(self._shown)), "muted"))
        for key, title in self._shown.items():
            self._add(flow, key, self.tr("继续：{title}").format(title=title), "resume")
            self._add(flow, key, self.tr("再按一次丢弃") if key == self._sure else self.tr("丢弃"), "drop")
        self._layout.addWidget(self._body)
        self.setVisible(bool(self._shown))

    def _add(self, flow: FlowLayout, key: str, text: str, what: str) -> None:
        button = chip(text, f"{text} {self._shown[key]}")
        button.setProperty("draft", key)
        button.setProperty("what", what)
        button.clicked.connect(self._clicked)
        self.buttons.append(button)
        flow.addWidget(button)

    @Slot()
    def _clicked(self) -> None:
        button = self.sender()
        if button is None:
            return
        key = str(button.property("draft"))
        if button.property("what") == "resume":
            self.resumed.emit(key)
        elif self._sure == key:
            self.dropped.emit(key)
        else:
            self._sure = key
            self._rebuild()

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        return self._layout.heightForWidth(width)
