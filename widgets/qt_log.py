"""Qt's own messages go to our log, with its words; the few that say nothing a person could use are let go."""

import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger("qt")

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

HARMLESS = (
    "This plugin does not support propagateSizeHints()",  # the offscreen platform has no window manager
    "PulseAudioService: pa_context_connect() failed",  # no audio device: the header's lamp says so
    "No QtMultimedia backends found. Only",  # the frozen program: what is left is all we use
)


def take_over() -> None:
    """Send what Qt says to the log from here on."""
    qInstallMessageHandler(_heard)


def _heard(kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
    if not text.startswith(HARMLESS):
        log.log(LEVELS[kind], "%s", text)
