"""Buttons that cannot repeat, through `python -m console lines`: a foreign box on a bus, a board, a USB button.

Each edge stands in this machine's spool file before anything else, so a process killed right behind it loses nothing
and tells nothing twice.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.drivers.button_box import ButtonBox, button_box
from tests.e2e.process import Lines, Place, Wire, running, wait_until
from tests.e2e.test_survival import locked

FAKE_HID = '''
"""In the place of hidapi: one Big Red Button whose report stands in a file; none while the file is missing."""
from pathlib import Path
REPORT = Path({file!r})


def enumerate(vid, pid):
    found = (vid, pid) == (0x1D34, 0x000D) and REPORT.exists()
    return [dict(path=b"/0", serial_number="", interface_number=0)] if found else []


class device:
    def open_path(self, path):
        pass

    def write(self, data):
        return len(data) if REPORT.exists() else -1

    def read(self, size, timeout_ms):
        if not REPORT.exists():
            raise OSError("read error")
        return list(bytes.fromhex(REPORT.read_text()))

    def close(self):
        pass
'''


@pytest.fixture
def box() -> Iterator[ButtonBox]:
    with button_box() as box:
        yield box


def line(box: ButtonBox) -> str:
    return f"B1=modbus-rtu:{box.path},account=2001,poll_ms=50"


def polled(box: ButtonBox) -> None:
    """Wait until the state of the inputs is known to whoever asks."""
    asked = box.asked
    assert wait_until(lambda: box.asked > asked + 5, 10)


def rows(file: Path, query: str) -> list[str]:
    """The first column of what stands in a database file now."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)
    try:
        return [str(first) for first, *_ in connection.execute(query)]
    finally:
        connection.close()


def held(place: Place) -> list[str]:
    """The acts that stand in the spool file, as text."""
    return rows(place.spool, "SELECT act FROM held UNION ALL SELECT act FROM spool")


def stored(place: Place, count: int) -> bool:
    """Whether so many signals come to stand in the journal's tables."""
    return wait_until(lambda: len(rows(place.db, "SELECT zone FROM signals")) == count, 20)


def killed_behind_the_edge(process: Lines, place: Place, zone: str, press: Callable[[], object]) -> None:
    """Press while the database is held by another program, and kill the process once the edge is in the spool file."""
    with locked(place.db):
        press()
        assert wait_until(lambda: any(f'"{zone}"' in act for act in held(place)), 10)
        process.kill()
    assert len(held(place)) == 1


def test_that_a_foreign_box_alarms_by_zone_and_an_edge_in_the_spool_survives_kill_9_and_counts_once(
    place: Place, box: ButtonBox
) -> None:
    with running(place, line(box)) as process:
        polled(box)
        box.bits = 0b101
        assert stored(place, 2)
        box.bits = 0b001
        assert stored(place, 3)
        killed_behind_the_edge(process, place, "002", lambda: setattr(box, "bits", 0b011))
    assert rows(place.db, "SELECT zone FROM signals ORDER BY seq") == ["001", "003", "003"]
    with running(place, line(box)) as process:
        # The spooled edge, and both buttons that are still held: found so at the start, they are the same presses.
        assert stored(place, 6)
        polled(box)
        assert process.terminate() == 0
    alarms = {row["zone"]: row for row in place.alarms()}
    assert set(alarms) == {"001", "002", "003"}
    for row in alarms.values():
        assert (row["account"], row["event_code"], row["protocol"], row["line"]) == ("2001", "120", "modbus-rtu", "B1")
        assert row["presses"] == 1
    assert alarms["001"]["raw_hex"] == "01020105618b"
    assert held(place) == []


def test_that_a_board_and_a_usb_button_alarm_survive_a_kill_and_a_plug_pulled(
    place: Place, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = place.folder / "report"
    (place.folder / "usb").mkdir()
    (place.folder / "usb" / "hid.py").write_text(FAKE_HID.format(file=str(report)), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(place.folder / "usb"))
    report.write_text("1700000000000000")
    lines = (f"L1=line-button:{wire.name}@115200,account=2002", "U1=hid-button:hid://1d34:000d,account=2003")
    with running(place, *lines) as process:
        assert stored(place, 1)
        wire.put(b"ets Jul 29 2019 12:21:46\r\nrst:0x1 (POWERON_RESET)\r\nBTN1 DOWN\r\nBTN1 UP\r\nBTN1 DOWN\r\n")
        assert stored(place, 5)
        report.unlink()
        assert process.says("没有插入该 USB 设备")
        report.write_text("1600000000000000")
        assert process.says("line:U1：已恢复", 20)
        assert stored(place, 6)
        wire.close()
        wire.open()
        assert process.says("line:L1：已恢复", 20)
        # The same bytes as last time, right after the port came back: it cannot repeat, so this is a press.
        wire.put(b"BTN1 DOWN\r\n")
        assert stored(place, 7)
        killed_behind_the_edge(process, place, "002", lambda: wire.put(b"BTN2 DOWN\r\n"))
    with running(place, *lines):
        # The edge, and the lid and the button of the USB button as they are found at the start.
        assert stored(place, 10)
    told = {(row["account"], row["zone"]): row["presses"] for row in place.alarms()}
    assert told == {("2002", "001"): 3, ("2002", "002"): 1, ("2003", "001"): 1}
