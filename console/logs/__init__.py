"""Logs: what the program says about itself, as JSON lines in the data folder and in plain words on stderr.

They are kept half a year (网络安全法), so they must never hold personal data: see `console.logs.text`.
"""

from console.logs.setup import open_logs, trouble

__all__ = ["open_logs", "trouble"]
