"""The USB button itself: the one file that knows hidapi, which is looked for only when such a line is opened."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from drivers.protocols.hid_button_profiles import Profile
from drivers.wire import PortError

SAME_EVERY_S = 1.0
"""A report that says nothing new is handed up this often: enough to show that the button is there."""
MISSED_POLLS = 20
"""So many questions in a row without an answer are a button that hangs: it is opened anew."""
GONE = "the USB device is gone"


class HidStream:
    """One opened button. A read asks it once and gives its report; b"" if it is not due or says nothing new."""

    def __init__(self, target: str, profile: Profile) -> None:
        hid = _library()
        path = _path_of(target, hid.enumerate(*(int(part, 16) for part in target.split(":")[:2])))
        self._device = hid.device()
        try:
            self._device.open_path(path)
        except OSError as problem:
            why = "the udev rule is missing, or another program uses it"
            raise PortError(f"USB device {target} cannot be opened: {why}") from problem
        self._profile = profile
        self._due = self._told_at = time.monotonic()
        self._told = b""
        self._missed = 0

    def read(self) -> bytes:
        time.sleep(max(0.0, self._due - time.monotonic()))
        self._due = time.monotonic() + self._profile.poll_ms / 1000
        report = self._ask()
        self._missed = 0 if report else self._missed + 1
        if self._missed >= MISSED_POLLS:
            raise PortError(f"the USB device has not answered {MISSED_POLLS} questions in a row")
        now = time.monotonic()
        if not report or (report == self._told and now - self._told_at < SAME_EVERY_S):
            return b""
        self._told, self._told_at = report, now
        return report

    def _ask(self) -> bytes:
        """Return the whole report; b"" for none in time. PortError if the button was pulled out."""
        profile = self._profile
        try:
            if profile.ask.feature:
                # The library puts the report's number before its bytes.
                return _whole(self._device.get_feature_report(profile.ask.feature, profile.size + 1)[1:], profile.size)
            # The leading zero stands for the number of a report that has none.
            if self._device.write(b"\0" + bytes.fromhex(profile.ask.write)) < 0:
                raise PortError(GONE)
            return _whole(self._device.read(profile.size, timeout_ms=profile.poll_ms), profile.size)
        except (OSError, ValueError) as problem:
            raise PortError(GONE) from problem

    def write(self, data: bytes) -> None:
        """Refuse: a button is told nothing."""
        raise PortError("nothing can be sent to a USB button")

    def write_now(self, data: bytes) -> int:
        """Refuse, like `write`."""
        raise PortError("nothing can be sent to a USB button")

    def drain(self) -> None:
        """Keep everything: each report answers a question of ours."""

    def close(self) -> None:
        self._device.close()


def _whole(report: Sequence[int], size: int) -> bytes:
    return bytes(report) if len(report) == size else b""


def _library() -> Any:
    """Return hidapi's module; PortError where it is not installed or finds no USB."""
    try:
        import hid
    except ImportError as problem:
        raise PortError("USB buttons need the Python package hidapi, which is not installed here") from problem
    return hid


def _path_of(target: str, found: Sequence[dict[str, Any]]) -> bytes:
    """Return where the button is that is meant; PortError if it is not plugged in or cannot be told from another."""
    identity, serial = target[:9], target[10:]
    first = min((row["interface_number"] for row in found), default=0)
    # A device with several interfaces is listed once for each.
    devices = [row for row in found if row["interface_number"] == first and serial in ("", row["serial_number"])]
    if not devices:
        raise PortError(f"no USB device {target} is plugged in")
    if len(devices) > 1:
        numbers = ", ".join(sorted(row["serial_number"] or "none" for row in devices))
        raise PortError(
            f"{len(devices)} of {identity} are plugged in: write hid://{identity}:SERIAL (there are {numbers})"
        )
    return bytes(devices[0]["path"])
