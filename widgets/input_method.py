"""Chinese input on Linux: the wheel of Qt has no fcitx plugin, but fcitx5 also speaks ibus (craft.md P32)."""

import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path

from PySide6.QtCore import QLibraryInfo

log = logging.getLogger(__name__)


def choose_input_method(environment: MutableMapping[str, str], plugins: Path | None = None) -> bool:
    """Before the application is made: use ibus where fcitx is wanted and has no plugin. Answers whether it did."""
    wanted = environment.get("QT_IM_MODULE", "") + environment.get("XMODIFIERS", "")
    if not sys.platform.startswith("linux") or "fcitx" not in wanted:
        return False
    folder = plugins or Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    if any((folder / "platforminputcontexts").glob("*fcitx*")):
        return False
    environment["QT_IM_MODULE"] = "ibus"
    log.info("no fcitx plugin for Qt here: using ibus, which fcitx5 also speaks")
    return True
