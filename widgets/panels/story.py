"""The story of the incident that is shown: read from the journal in a thread, then kept up with the picture."""

import asyncio
from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from console.domain.facts import Fact
from widgets.models.timeline import TimelineModel
from widgets.panels.timeline import TimelineView
from widgets.tasks import Tasks

TimelineLoader = Callable[[str], list[Fact]]
"""Every fact of an incident, oldest first; blocks, so it is called in a thread."""


class Story:
    """Fills the timeline. `loaded` is called with the facts once they are read, `failed` when they are not.

    `facts` are those that are known now, oldest first.
    """

    def __init__(
        self,
        view: TimelineView,
        model: TimelineModel,
        tasks: Tasks,
        load: TimelineLoader,
        loaded: Callable[[Sequence[Fact]], None],
        failed: Callable[[], None],
    ) -> None:
        self.load = load
        self.reading = False
        self._view, self._model, self._tasks = view, model, tasks
        self._loaded, self._failed = loaded, failed
        self.facts: list[Fact] = []
        self._number = ""
        self._meanwhile: list[Fact] = []

    def show(self, number: str) -> None:
        """Another incident, '' for none; its story is read unless the loop does not run yet."""
        self._number, self._meanwhile, self.facts, self.reading = number, [], [], False
        self._model.show(())
        self._view.say("")
        if number and _loop_runs():
            self.reading = True
            self._view.say(QCoreApplication.translate("Story", "正在读取时间线…"))
            self._tasks.start(self._read(number), "timeline")

    def append(self, facts: Sequence[Fact]) -> None:
        """What happened to the incident just now."""
        if self.reading:
            self._meanwhile += facts
        committed = {fact.act_id for fact in facts if fact.seq}
        known = {fact.seq for fact in self.facts if fact.seq}
        held = [fact for fact in self.facts if fact.seq or fact.act_id not in committed]
        self.facts = [*held, *(fact for fact in facts if not fact.seq or fact.seq not in known)]
        self._model.append(facts)

    async def _read(self, number: str) -> None:
        try:
            facts = await asyncio.to_thread(self.load, number)
        except Exception as fault:
            if number == self._number:
                self.reading = False
                said = QCoreApplication.translate("Story", "时间线读取失败：{why}。重新选择警情再试。")
                self._view.say(said.format(why=fault))
                self._failed()
            raise
        if number == self._number:
            self._take(facts)

    def _take(self, facts: list[Fact]) -> None:
        """The journal's facts first, then those that came while it was read."""
        self.reading = False
        stamps, acts = {fact.seq for fact in facts}, {fact.act_id for fact in facts}
        later = [f for f in self._meanwhile if (f.seq not in stamps if f.seq else f.act_id not in acts)]
        self.facts = [*facts, *later]
        self._model.show(self.facts)
        self._view.say(QCoreApplication.translate("Story", "还没有记录"))
        self._loaded(facts)


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
