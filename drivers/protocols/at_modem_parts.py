"""Parts of long texts, kept together until the last one is here or five minutes have passed.

Meanwhile each part stays in the modem's own memory, which outlives a power cut and the console: nothing is deleted
before the whole text is durable, and what was read twice is the same part. Joined by sender, reference and number
of parts (3GPP TS 23.040 section 9.2.3.24.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.report import Report

# Somebody waits for help: what is there is shown then (protocols.md section 8).
WAIT_S = 300.0
# A SIM holds some 20 texts; waiting parts must not fill it.
MOST_WAITING = 12


@dataclass(slots=True)
class _Text:
    began: float
    parts: dict[int, tuple[int | None, Report]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joined:
    """One text, whole or with gaps, and the places in the modem's memory that hold it."""

    report: Report
    indexes: tuple[int, ...]


class Parts:
    """Long texts of which parts are missing."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, int, int], _Text] = {}

    @property
    def held(self) -> set[int]:
        """The places in the modem's memory that wait for further parts."""
        return {index for text in self._texts.values() for index, _ in text.parts.values() if index is not None}

    def forget(self) -> None:
        """The modem is read anew from the beginning: what it holds comes again."""
        for text in self._texts.values():
            text.parts = {number: kept for number, kept in text.parts.items() if kept[0] is None}
        self._texts = {key: text for key, text in self._texts.items() if text.parts}

    def add(self, report: Report, index: int | None, now: float) -> Joined | None:
        """Take a text as read from place `index` (None: handed over directly); the text if it is whole now."""
        concat = (report.more or {}).get("concat")
        if not isinstance(concat, Mapping) or concat["parts"] == 1:
            return Joined(report, () if index is None else (index,))
        key = (str((report.more or {}).get("sender")), concat["ref"], concat["parts"])
        text = self._texts.setdefault(key, _Text(now))
        text.parts[concat["number"]] = (index, report)
        return self._take(key) if len(text.parts) == concat["parts"] else None

    def overdue(self, now: float) -> Joined | None:
        """Return one text that waited long enough, as far as it is here; None if there is none."""
        waiting = sum(len(text.parts) for text in self._texts.values())
        for key, text in self._texts.items():
            if now - text.began >= WAIT_S or waiting > MOST_WAITING:
                return self._take(key)
        return None

    def _take(self, key: tuple[str, int, int]) -> Joined:
        text = self._texts.pop(key)
        reports = [report for _, (_, report) in sorted(text.parts.items())]
        missing = [number for number in range(1, key[2] + 1) if number not in text.parts]
        said = dict(reports[0].more or {}) | {"text": self._words(text, key[2]), "missing": missing}
        said["concat"] = {"ref": key[1], "parts": key[2], "number": min(text.parts)}
        if not missing:
            del said["missing"]
        joined = Report(type="text", raw=b"".join(report.raw for report in reports), more=said)
        return Joined(joined, tuple(index for _, (index, _) in sorted(text.parts.items()) if index is not None))

    def _words(self, text: _Text, parts: int) -> str:
        """Return the text with a sign for each gap."""
        there = {number: str((report.more or {})["text"]) for number, (_, report) in text.parts.items()}
        return "".join(there.get(number, "…") for number in range(1, parts + 1))
