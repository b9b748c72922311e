"""A role's arrangement of its window: sizes of panes and the window's place, in one small file per role.

A file that cannot be read or written never keeps a window from opening: the usual arrangement stands.
"""

import json
import logging
from pathlib import Path

log = logging.getLogger(__name__)

VERSION = 1


class Arrangement:
    """Reads and writes `<folder>/window-<role>.json`; folder None keeps nothing (tests, screenshots)."""

    def __init__(self, folder: Path | None, role: str) -> None:
        self._file = folder / f"window-{role}.json" if folder is not None else None

    def load(self) -> dict[str, list[int]]:
        """Splitter name -> sizes, `window` -> x, y, width, height; empty if there is none."""
        if self._file is None or not self._file.exists():
            return {}
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            if kept.pop("version") != VERSION:
                return {}
            return {str(name): [int(n) for n in numbers] for name, numbers in kept.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            log.info("arrangement %s not used: %s", self._file, problem)
            return {}

    def save(self, sizes: dict[str, list[int]]) -> None:
        """Keep it; said in the log if the disk refuses."""
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps({"version": VERSION, **sizes}), encoding="utf-8")
        except OSError as problem:
            log.info("arrangement %s not kept: %s", self._file, problem)

    def forget(self) -> None:
        """Back to the usual arrangement at the next start."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)
