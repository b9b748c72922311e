"""The stage line: how far an incident has come, when each stage was reached, and who is late with the next.

Nine stages of domain.md E1 and E5. `stage_rows` and `stage_sentence` are pure; the widget only paints them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from console.domain.deadlines import Promise, Rule
from console.domain.incident import INCIDENT_LABELS, Incident, IncidentState
from widgets.buckets import bucket_text
from widgets.models.queue_words import climbed_text, waiting_text
from widgets.text import clock_text, elapsed_text, late_text, word
from widgets.theme import Theme
from widgets.wording import rule_name

S = IncidentState

STAGES = (
    ("t_answer", "接警"),
    ("t_dispatch", "派警"),
    ("t_sign", "签收"),
    ("t_depart", "出警"),
    ("t_arrive", "到场"),
    ("t_scene_report", "处置"),
    ("t_feedback", "反馈"),
    ("t_callback", "回访"),
    ("t_close", "结案"),
)
"""The incident's stamp and the name of the stage it ends."""

BUCKETS = {"签收": "sign", "出警": "depart", "反馈": "feedback"}
"""Stages whose times are reported in classes (`console.domain.buckets`)."""

RUNNING = {
    S.NEW: 0,
    S.INTAKE: 1,
    S.TRIAGED: 1,
    S.DISPATCHED: 2,
    S.SIGNED: 3,
    S.EN_ROUTE: 4,
    S.ON_SCENE: 5,
    S.HANDLING: 6,
    S.HANDED_OFF: 6,
    S.FEEDBACK: 7,
    S.REVIEW: 7,
}
"""The stage under way in each state; a callback that is done or not asked for is passed over."""

OWN_RULES = {
    Rule.ANSWER: 0,
    Rule.RING_BACK: 1,
    Rule.DISPATCH: 1,
    Rule.HAND_OFF: 1,
    Rule.SIGN: 2,
    Rule.DEPART: 3,
    Rule.ARRIVE: 4,
    Rule.FEEDBACK: 6,
    Rule.CALLBACK: 7,
}
"""Promises that belong to a stage of the incident itself."""

Level = Literal["calm", "amber", "late"]
LEVEL_COLORS = {"calm": "en_route", "amber": "busy", "late": "bad"}


@dataclass(frozen=True, slots=True)
class StageRow:
    """One segment. `state`: done, running, waiting or passed over; `below` is the stamp or the elapsed time.

    `bucket` is the class of the bulletin that the time it took falls into.
    """

    name: str
    state: Literal["done", "running", "waiting", "passed"]
    below: str = ""
    level: Level = "calm"
    bucket: str = ""

    @property
    def told(self) -> str:
        """签收 14:31:02（0–30秒档）."""
        return f"{self.name} {self.below}" + (f"（{self.bucket}）" if self.bucket else "")


def level_of(promise: Promise | None, now: datetime) -> Level:
    """Colour step of a promise: amber from its amber share on, late from its end on."""
    if promise is None:
        return "calm"
    return "late" if promise.late(now) else "amber" if promise.amber(now) else "calm"


def stage_rows(
    incident: Incident, promises: Sequence[Promise], now: datetime, *, needs_callback: bool
) -> list[StageRow]:
    """The nine segments of an incident at a moment."""
    running = _running(incident, needs_callback=needs_callback)
    rows = []
    for place, (stamp, name) in enumerate(STAGES):
        at: datetime | None = getattr(incident, stamp)
        if place == running:
            promise = _promise_of(place, promises)
            since = promise.since if promise is not None else _since(incident, place)
            below = word("已 {time}").format(time=elapsed_text((now - since).total_seconds()))
            rows.append(StageRow(_name(name), "running", below, level_of(promise, now)))
        elif at is not None and (running is None or place < running):
            spent = bucket_text(BUCKETS.get(name, ""), incident.t_dispatch, at)
            rows.append(StageRow(_name(name), "done", clock_text(at), bucket=spent))
        else:
            rows.append(StageRow(_name(name), "waiting" if running is not None and place > running else "passed"))
    return rows


def _name(name: str) -> str:
    return QCoreApplication.translate("Stages", name)


def _running(incident: Incident, *, needs_callback: bool) -> int | None:
    place = RUNNING.get(incident.state)
    if place == 7 and (incident.callback or not needs_callback):
        return 8
    return place


def _promise_of(place: int, promises: Sequence[Promise]) -> Promise | None:
    """The promise of a stage; on the scene (处置) the result's clock already runs."""
    wanted = {rule for rule, at in OWN_RULES.items() if at == place}
    if place == 5:
        wanted = {Rule.FEEDBACK}
    return next((promise for promise in promises if promise.rule in wanted), None)


def _since(incident: Incident, place: int) -> datetime:
    """When the stage before was reached."""
    stamps = [getattr(incident, stamp) for stamp, _ in STAGES[:place]]
    return max((at for at in stamps if at is not None), default=incident.created_at)


def stage_sentence(
    incident: Incident, promises: Sequence[Promise], now: datetime, name_of: Callable[[str], str]
) -> tuple[str, Level]:
    """One line in words: all that is late (what, how late, whose), else until when it waits, the next limit, the state.

    `name_of` turns the owner of a promise into its name.
    """
    late = [promise for promise in promises if promise.late(now)]
    if late:
        pieces = [
            f"{name_of(p.owner)} "
            + word("{what}{late}").format(what=rule_name(p.rule), late=late_text(-p.left_s(now)))
            + climbed_text(p.looks(now))
            for p in sorted(late, key=lambda p: p.due_at)
        ]
        return word("；").join(pieces), "late"
    if incident.open and incident.waits_until is not None:
        return waiting_text(incident, incident.waits_until), "calm"
    own = next((promise for promise in promises if promise.rule in OWN_RULES), None)
    if own is None:
        return word(INCIDENT_LABELS[incident.state]), "calm"
    used, limit = (now - own.since).total_seconds(), (own.due_at - own.since).total_seconds()
    pattern = QCoreApplication.translate("Stages", "{who} {what} {used} / 限 {limit}")
    said = pattern.format(
        who=name_of(own.owner), what=rule_name(own.rule), used=elapsed_text(used), limit=elapsed_text(limit)
    )
    return said, level_of(own, now)


class StageLine(QWidget):
    """Coloured segments with names and stamps; where they do not fit side by side, stamps have no seconds."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[StageRow] = []
        self._sentence = ""
        self._level: Level = "calm"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("环节与时限"))

    @property
    def rows(self) -> list[StageRow]:
        return self._rows

    @property
    def sentence(self) -> str:
        """The line in words that stands below the segments."""
        return self._sentence

    def show_rows(self, rows: list[StageRow], sentence: str, level: Level) -> None:
        """Draw another moment; nothing is painted when nothing changed."""
        if (rows, sentence, level) == (self._rows, self._sentence, self._level):
            return
        self._rows, self._sentence, self._level = rows, sentence, level
        said = word("，").join(row.told for row in rows if row.below)
        self.setAccessibleDescription(f"{said}{word('。')}{sentence}")
        self.setToolTip(f"{said}\n{sentence}")
        self.updateGeometry()
        self.update()

    def _tight(self) -> bool:
        stamp = self._theme.metrics("small").horizontalAdvance("00:00:00") + self._theme.px(4)
        return self.width() < stamp * len(STAGES)

    @override
    def sizeHint(self) -> QSize:
        px, line = self._theme.px, self._theme.metrics("small").height()
        width = max(self.width(), px(200))
        return QSize(px(340), px(14) + line * 2 + self._sentence_height(width) + px(2))

    def _sentence_height(self, width: int) -> int:
        metrics = self._theme.metrics("small")
        wrap = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        return metrics.boundingRect(0, 0, width, 1000, wrap, self._sentence or "一").height()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.updateGeometry()
        super().resizeEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        line = theme.metrics("small").height()
        width = self.width() / max(1, len(self._rows))
        tight = self._tight()
        for place, row in enumerate(self._rows):
            left = width * place
            painter.fillRect(QRectF(left + 1, px(4), width - 2, px(3)), theme.color(self._bar(row)))
            painter.setPen(theme.color("text" if row.state in ("done", "running") else "muted"))
            painter.drawText(QRectF(left, px(11), width, line), Qt.AlignmentFlag.AlignCenter, row.name)
            self._paint_stamp(painter, row, left, width, px(11) + line, line, tight=tight)
        top = px(13) + line * 2
        painter.setPen(theme.color("muted" if self._level == "calm" else LEVEL_COLORS[self._level]))
        wrap = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        painter.drawText(QRectF(0, top, self.width(), self.height() - top), wrap, self._sentence)
        painter.end()

    def _paint_stamp(
        self, painter: QPainter, row: StageRow, left: float, width: float, top: float, line: int, *, tight: bool
    ) -> None:
        below = row.below
        if tight:
            below = below[:5] if row.state == "done" else below.removeprefix(word("已 {time}").removesuffix("{time}"))
        stamp = self._theme.metrics("small").horizontalAdvance(below)
        wide = max(width, stamp + 2)
        left = min(max(0.0, left + (width - wide) / 2), self.width() - wide)
        color = LEVEL_COLORS[row.level] if row.state == "running" else "muted"
        painter.setPen(self._theme.color(color))
        painter.drawText(QRectF(left, top, wide, line), Qt.AlignmentFlag.AlignCenter, below)

    def _bar(self, row: StageRow) -> str:
        if row.state == "running":
            return LEVEL_COLORS[row.level]
        return "good" if row.state == "done" else "line"
