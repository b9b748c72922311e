"""python -m console.bench.blank: an empty Qt window with one timer a second; what any such program costs."""

import json
import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget


def run() -> int:
    """Show it, say so, live until it is killed."""
    app = QApplication(["blank"])
    window = QWidget()
    window.resize(app.primaryScreen().availableSize())
    window.show()
    window.repaint()
    print(json.dumps({"ready_at": time.monotonic()}), flush=True)
    beat = QTimer(interval=1000)
    beat.timeout.connect(window.update)
    beat.start()
    return app.exec()


if __name__ == "__main__":
    sys.exit(run())
