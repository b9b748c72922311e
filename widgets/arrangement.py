"""A role's arrangement of its window: sizes of panes, its place, colours, language, in one small file per role.

A file that cannot be read or written never keeps a window from opening: the usual arrangement stands.
"""

import json
import logging
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

VERSION = 1
CHOSEN = ("theme", "language", "queue")
"""What a person chose besides sizes."""


class Arrangement:
    """Reads and writes `<folder>/window-<role>.json`; folder None keeps nothing (tests, screenshots)."""

    def __init__(self, folder: Path | None, role: str) -> None:
        self._file = folder / f"window-{role}.json" if folder is not None else None

    def load(self) -> dict[str, list[int]]:
        """Splitter name -> sizes, `window` -> x, y, width, height; empty if there is none."""
        kept = self._read()
        try:
            return {name: [int(n) for n in numbers] for name, numbers in kept.items() if name not in CHOSEN}
        except (ValueError, TypeError) as problem:
            log.info("arrangement %s not used: %s", self._file, problem)
            return {}

    @property
    def theme(self) -> str:
        """The colours a person chose, '' if none."""
        return self._chosen().get("theme", "")

    @property
    def language(self) -> str:
        """The language a person chose, '' if none."""
        return self._chosen().get("language", "")

    @property
    def queue(self) -> str:
        """How the queue's rows look, '' if nobody chose (`widgets.models.queue_look`)."""
        return self._chosen().get("queue", "")

    def keep_queue(self, look: str) -> None:
        """Keep how the queue's rows look."""
        self._write({**self._read(), "queue": look})

    def _chosen(self) -> dict[str, str]:
        kept = self._read()
        return {name: str(kept[name]) for name in CHOSEN if kept.get(name)}

    def save(self, sizes: dict[str, list[int]]) -> None:
        """Keep the sizes; said in the log if the disk refuses."""
        self._write({**sizes, **self._chosen()})

    def keep_theme(self, name: str) -> None:
        """Keep the colours a person chose."""
        self._write({**self._read(), "theme": name})

    def keep_language(self, name: str) -> None:
        """Keep the language a person chose."""
        self._write({**self._read(), "language": name})

    def _read(self) -> dict[str, Any]:
        if self._file is None or not self._file.exists():
            return {}
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(name): value for name, value in kept.items()} if kept.pop("version") == VERSION else {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            log.info("arrangement %s not used: %s", self._file, problem)
            return {}

    def _write(self, kept: dict[str, Any]) -> None:
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps({"version": VERSION, **kept}), encoding="utf-8")
        except OSError as problem:
            log.info("arrangement %s not kept: %s", self._file, problem)

    def forget(self) -> None:
        """Back to the usual sizes; colours and language stay."""
        chosen = self._chosen()
        if chosen:
            self._write(chosen)
        elif self._file is not None:
            self._file.unlink(missing_ok=True)
