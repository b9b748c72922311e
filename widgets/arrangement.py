"""A role's arrangement of its window: sizes of panes, the window's place, night or day, in one small file per role.

A file that cannot be read or written never keeps a window from opening: the usual arrangement stands.
"""

import json
import logging
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

VERSION = 1


class Arrangement:
    """Reads and writes `<folder>/window-<role>.json`; folder None keeps nothing (tests, screenshots)."""

    def __init__(self, folder: Path | None, role: str) -> None:
        self._file = folder / f"window-{role}.json" if folder is not None else None

    def load(self) -> dict[str, list[int]]:
        """Splitter name -> sizes, `window` -> x, y, width, height; empty if there is none."""
        kept = self._read()
        try:
            return {name: [int(n) for n in numbers] for name, numbers in kept.items() if name != "theme"}
        except (ValueError, TypeError) as problem:
            log.info("arrangement %s not used: %s", self._file, problem)
            return {}

    @property
    def theme(self) -> str:
        """The colours a person chose, '' if none."""
        return str(self._read().get("theme", ""))

    def save(self, sizes: dict[str, list[int]]) -> None:
        """Keep the sizes; said in the log if the disk refuses."""
        self._write(sizes, self.theme)

    def keep_theme(self, name: str) -> None:
        """Keep the colours a person chose."""
        self._write(self.load(), name)

    def _read(self) -> dict[str, Any]:
        if self._file is None or not self._file.exists():
            return {}
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(name): value for name, value in kept.items()} if kept.pop("version") == VERSION else {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            log.info("arrangement %s not used: %s", self._file, problem)
            return {}

    def _write(self, sizes: dict[str, list[int]], theme: str) -> None:
        if self._file is None:
            return
        kept: dict[str, Any] = {"version": VERSION, **sizes} | ({"theme": theme} if theme else {})
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(kept), encoding="utf-8")
        except OSError as problem:
            log.info("arrangement %s not kept: %s", self._file, problem)

    def forget(self) -> None:
        """Back to the usual sizes; the colours stay."""
        if self.theme:
            self._write({}, self.theme)
        elif self._file is not None:
            self._file.unlink(missing_ok=True)
