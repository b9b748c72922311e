"""USB buttons: their reports in any pieces, and a device that comes and goes behind a stand-in for hidapi alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.address import AddressError, parse_address, parse_line
from drivers.codec import ProtocolError
from drivers.link import LinkPhase
from drivers.panel import Press
from drivers.protocols import codec_for, hid_button_profiles, line_codec, protocol_row
from drivers.protocols.hid_button import ButtonPanel
from drivers.protocols.hid_button_profiles import profile_of, profiles
from drivers.report import Report
from drivers.wire import PortError
from resources import ROOT
from tests.drivers.desk import Desk, desk_on, until
from tests.drivers.strategies import cut, places

RED = "hid://1d34:000d"
DELCOM = "hid://0fc5:b080"


@dataclass
class Plugged:
    """One button in the stand-in; `asked` counts its polls."""

    panel: ButtonPanel
    serial: str = ""
    here: bool = True
    mute: bool = False
    forbidden: bool = False
    asked: int = 0
    identity: tuple[int, int] = (0x1D34, 0x000D)


@dataclass
class FakeUsb:
    """What is plugged in, seen as hidapi shows it: an answer only to what was asked, and errors once it is gone."""

    buttons: list[Plugged] = field(default_factory=list)

    def enumerate(self, vid: int, pid: int) -> list[dict[str, Any]]:
        return [
            {"path": f"/{place}".encode(), "serial_number": button.serial, "interface_number": 0}
            for place, button in enumerate(self.buttons)
            if button.here and button.identity == (vid, pid)
        ]

    def device(self) -> FakeDevice:
        return FakeDevice(self)


class FakeDevice:
    def __init__(self, usb: FakeUsb) -> None:
        self._usb = usb
        self._button: Plugged | None = None
        self._waiting: list[bytes] = []

    def open_path(self, path: bytes) -> None:
        button = self._usb.buttons[int(path[1:])]
        if button.forbidden:
            raise OSError("open failed")
        self._button = button

    def _present(self) -> Plugged:
        assert self._button is not None
        if not self._button.here:
            raise OSError("read error")
        self._button.asked += 1
        return self._button

    def write(self, data: bytes) -> int:
        assert self._button is not None
        if not self._button.here:
            return -1
        assert data == bytes([0, 0, 0, 0, 0, 0, 0, 0, 2])
        if not self._button.mute:
            self._waiting.append(self._button.panel.hear(data).reply)
        return len(data)

    def read(self, size: int, timeout_ms: int) -> list[int]:
        button = self._present()
        assert timeout_ms > 0
        return list(self._waiting.pop(0)[:size]) if self._waiting and not button.mute else []

    def get_feature_report(self, number: int, size: int) -> list[int]:
        assert number == 100
        return [number, *self._present().panel.report][:size]

    def close(self) -> None:
        self._button = None


@pytest.fixture
def usb(monkeypatch: pytest.MonkeyPatch) -> FakeUsb:
    usb = FakeUsb()
    module = ModuleType("hid")
    module.enumerate = usb.enumerate  # type: ignore[attr-defined]
    module.device = usb.device  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hid", module)
    return usb


@pytest.fixture
def button(usb: FakeUsb) -> Iterator[Plugged]:
    button = Plugged(ButtonPanel(profiles()["big-red-button"]))
    usb.buttons.append(button)
    yield button
    button.here = False


def seen(desk: Desk) -> list[tuple[str, str | None, object]]:
    return [(report.type, report.qualifier, report.to_json().get("state")) for report in desk.reports]


def press(button: Plugged, qualifier: str = "new") -> None:
    button.panel.signal(Press(qualifier=qualifier))


def test_that_a_press_is_one_event_and_the_lid_a_status(button: Plugged) -> None:
    with desk_on(f"U1=hid-button:{RED},account=8888") as desk:
        assert until(lambda: bool(desk.reports))
        press(button)
        assert until(lambda: len(desk.reports) == 2)
        press(button, "restore")
        assert until(lambda: len(desk.reports) == 3)
    assert seen(desk) == [
        ("message", "status", "lid open"),
        ("signal", "new", "pressed"),
        ("signal", "restore", "normal"),
    ]
    assert {report.account for report in desk.reports} == {"8888"}
    assert desk.reports[1].raw == bytes.fromhex("1600000000000000")


def test_that_a_report_that_says_nothing_new_is_not_handed_up_at_each_poll(button: Plugged) -> None:
    with desk_on(f"U1=hid-button:{RED}") as desk:
        assert until(lambda: button.asked > 10)
        handed_up = len(desk.raw)
    assert handed_up < 5


def test_that_a_button_pulled_out_is_a_lost_line_and_a_press_still_held_on_return_is_told_once(button: Plugged) -> None:
    with desk_on(f"U1=hid-button:{RED}") as desk:
        assert until(lambda: bool(desk.reports))
        button.here = False
        assert until(lambda: desk.phases[-1] is LinkPhase.LOST)
        assert "is gone" in desk.states[-1].why
        assert until(lambda: "no USB device 1d34:000d is plugged in" in desk.states[-1].why)
        press(button)
        button.here = True
        assert until(lambda: desk.phases[-1] is LinkPhase.UP, 5.0)
        assert until(lambda: len(desk.reports) == 2)
        polls = button.asked
        assert until(lambda: button.asked > polls + 3)
    assert seen(desk)[1:] == [("signal", "new", "pressed")]


def test_that_a_button_that_hangs_is_opened_anew(button: Plugged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.protocols.hid_button_device.MISSED_POLLS", 3)
    with desk_on(f"U1=hid-button:{RED}") as desk:
        assert until(lambda: bool(desk.reports))
        button.mute = True
        assert until(lambda: desk.phases[-1] is LinkPhase.LOST)
        assert "has not answered 3 questions" in desk.states[-1].why
        button.mute = False
        assert until(lambda: desk.phases[-1] is LinkPhase.UP, 5.0)


def test_that_a_feature_report_device_is_asked_its_own_way(usb: FakeUsb) -> None:
    button = Plugged(ButtonPanel(profiles()["delcom"]), identity=(0x0FC5, 0xB080))
    usb.buttons.append(button)
    with desk_on(f"U1=hid-button:{DELCOM}") as desk:
        assert until(lambda: button.asked > 2)
        button.panel.signal(Press(zone="003"))
        assert until(lambda: len(desk.reports) == 1)
    assert (desk.reports[0].zone, desk.reports[0].qualifier) == ("003", "new")


def open_error(address: str) -> str:
    opener = protocol_row("hid-button").open
    assert opener is not None
    with pytest.raises(PortError) as refusal:
        opener(parse_address(address), {}, 0.2)
    return str(refusal.value)


def test_that_several_of_a_kind_are_told_apart_by_serial_number(usb: FakeUsb) -> None:
    profile = profiles()["big-red-button"]
    usb.buttons += [Plugged(ButtonPanel(profile), "A1"), Plugged(ButtonPanel(profile), "A2")]
    assert open_error(RED) == "2 of 1d34:000d are plugged in: write hid://1d34:000d:SERIAL (there are A1, A2)"
    assert open_error(f"{RED}:A3") == "no USB device 1d34:000d:A3 is plugged in"
    with desk_on(f"U1=hid-button:{RED}:A2") as desk:
        assert until(lambda: usb.buttons[1].asked > 2)
    assert desk.phases[0] is LinkPhase.UP
    assert usb.buttons[0].asked == 0


def test_that_a_machine_without_hidapi_says_so_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hid", None)
    assert open_error(RED) == "USB buttons need the Python package hidapi, which is not installed here"


def test_that_the_real_library_finds_no_button_here_and_says_so() -> None:
    assert open_error(RED) == "no USB device 1d34:000d is plugged in"


def test_that_a_button_that_may_not_be_opened_names_the_likely_cause(button: Plugged) -> None:
    button.forbidden = True
    assert "udev rule" in open_error(RED)


def test_that_a_button_is_not_looked_for_at_another_kind_of_port() -> None:
    assert "hid://VID:PID" in open_error("/dev/ttyUSB0")


def test_that_a_line_to_a_button_nobody_described_is_refused() -> None:
    with pytest.raises(ProtocolError, match=r"no profile in hid_buttons.json fits hid://ffff:0001"):
        line_codec("hid-button", parse_address("hid://ffff:0001"), {})


@pytest.mark.parametrize(("option", "part"), [("model=green", "big-red-button"), ("nc=5", "nc is 0")])
def test_that_a_wrong_option_is_refused_in_one_sentence(option: str, part: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse_line(f"U1=hid-button:{RED},{option}")
    assert part in str(refusal.value)


def test_that_a_capture_of_a_button_is_played_with_the_profile_it_names(tmp_path: Path) -> None:
    capture = tmp_path / "delcom.jsonl"
    rows = [
        {"t": 0.01 * n, "dir": "in", "line": "U1", "hex": report}
        for n, report in enumerate(("ff" * 8, "fe" + "ff" * 7))
    ]
    capture.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with desk_on(f"U1=hid-button:file:{capture},model=delcom") as desk:
        assert until(lambda: desk.phases[-1] is LinkPhase.STOPPED)
    assert [(report.zone, report.qualifier) for report in desk.reports] == [("001", "new")]


states = st.lists(st.sampled_from((0x15, 0x16, 0x17)), max_size=12)


def decode(*parts: bytes) -> list[Report]:
    codec = codec_for("hid-button")
    return [report for part in parts for report in codec.feed(part)]


@given(states, places)
def test_that_any_split_of_whole_reports_gives_the_same(seen_states: list[int], where: list[int]) -> None:
    stream = b"".join(bytes([state]) + bytes(7) for state in seen_states)
    assert decode(*cut(stream, where)) == decode(stream)
    at_line = line_codec("hid-button", parse_address(RED), {})
    whole = at_line.feed(stream)
    parted = line_codec("hid-button", parse_address(RED), {})
    assert [report for part in cut(stream, where) for report in parted.feed(part)] == whole
    # The rest of a whole report belongs to it, and is not what is told.
    assert [report.qualifier for report in whole] == [report.qualifier for report in decode(stream)]


@given(states)
def test_that_presses_and_releases_take_turns(seen_states: list[int]) -> None:
    told = [report.qualifier for report in decode(bytes(seen_states)) if report.type == "signal"]
    pressed = [qualifier != "restore" for qualifier in told]
    assert pressed == [number % 2 == 0 for number in range(len(pressed))]


@given(st.binary(max_size=200))
def test_that_noise_never_raises_and_holds_nothing_back_for_long(noise: bytes) -> None:
    codec = codec_for("hid-button")
    codec.feed(noise)
    assert codec.pending < 8
    codec.expire()
    assert codec.pending == 0
    at_line = line_codec("hid-button", parse_address(DELCOM), {})
    at_line.feed(noise)
    assert at_line.pending < 8


def test_that_half_a_report_is_garbage_when_it_is_given_up() -> None:
    codec = line_codec("hid-button", parse_address(RED), {})
    codec.feed(b"\x15\x00\x00")
    assert [(report.type, report.raw) for report in codec.expire()] == [("garbage", b"\x15\x00\x00")]
    codec.feed(b"\x15\x00\x00")
    codec.reset()
    assert codec.pending == 0


def test_that_the_panel_refuses_what_a_button_cannot_tell() -> None:
    panel = ButtonPanel(profiles()["delcom"])
    assert (panel.greeting(), panel.heartbeat(), panel.heartbeat_s) == ([], b"", 0)
    for wrong in (Press(zone="005"), Press(event="137")):
        with pytest.raises(ValueError, match="this button can tell 120"):
            panel.signal(wrong)
    assert panel.hear(b"?").taken == 0
    panel.signal(Press(zone="002"))
    assert panel.hear(b"?").taken == 1
    assert panel.report[0] == 0b1101
    # Pressed again while it is held: first it is let go.
    panel.signal(Press(zone="002"))
    assert [(heard.taken, heard.reply[0]) for heard in map(panel.hear, (b"?", b"?", b"?"))] == [
        (0, 0b1111),
        (1, 0b1101),
        (0, 0b1101),
    ]


def test_that_profiles_are_found_by_identity_whatever_the_serial_number() -> None:
    assert profile_of("1d34:000d") is profile_of("1d34:000d:XY-1")
    assert profile_of("1d34:000e") is None
    assert all(len(profile.source) > 20 for profile in profiles().values())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ask": {}}, "either by a written report"),
        ({"ask": {"write": "00", "feature": 1}}, "either by a written report"),
        ({"lid": {"byte": 8, "mask": 1, "value": 0}}, "beyond the 8 bytes"),
        ({"buttons": []}, "buttons"),
    ],
)
def test_that_a_profile_that_cannot_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], why: str
) -> None:
    data = json.loads((ROOT / "reference" / "hid_buttons.json").read_text(encoding="utf-8"))
    data["profiles"]["big-red-button"] |= change
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "hid_buttons.json").write_text(json.dumps(data), encoding="utf-8")
    monkeypatch.setattr(hid_button_profiles, "ROOT", tmp_path)
    profiles.cache_clear()
    try:
        with pytest.raises(ValidationError, match=why):
            profiles()
    finally:
        profiles.cache_clear()
