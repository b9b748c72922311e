"""A polled box without any wire: bounce, edges, supervised wires, orders; and its simulated far end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.address import AddressError, parse_address, parse_line
from drivers.panel import Press
from drivers.protocols import line_codec, modbus_rtu_models
from drivers.protocols.modbus_rtu_box import CONFIRM_POLLS, Box, BoxCodec, judge
from drivers.protocols.modbus_rtu_frames import frame
from drivers.protocols.modbus_rtu_models import models
from drivers.protocols.modbus_rtu_panel import BoxPanel, make_panel
from drivers.report import Report
from resources import ROOT
from tests.drivers.strategies import cut, places

ASK = bytes.fromhex("01020000000879cc")
ANALOG = {"model": "analog-eol-8ch", "account": "1234"}


def told(reports: list[Report]) -> list[tuple[str | None, str | None, str | None]]:
    return [(report.event_code, report.qualifier, report.zone) for report in reports if report.type == "signal"]


class Bench:
    """A codec and a panel with the bus between them: each poll is one question and its answer."""

    def __init__(self, options: dict[str, str]) -> None:
        self.box = Box.of(options)
        self.panel: BoxPanel = make_panel("1234", options)
        codec = line_codec("modbus-rtu", parse_address("/dev/null"), options)
        assert isinstance(codec, BoxCodec)
        self.codec: BoxCodec = codec

    @property
    def question(self) -> bytes:
        box = self.box
        head = bytes([box.unit, box.model.inputs.function])
        return frame(head + box.start.to_bytes(2) + box.inputs.to_bytes(2))

    def exchange(self) -> bytes:
        return self.question + self.panel.hear(self.question).reply

    def poll(self, times: int = 2) -> list[Report]:
        return [report for _ in range(times) for report in self.codec.feed(self.exchange())]

    def show(self, zone: str, event: str = "120", qualifier: str = "new") -> None:
        self.panel.signal(Press(zone=zone, event=event, qualifier=qualifier))


@pytest.fixture
def bench() -> Bench:
    bench = Bench({"account": "1234"})
    assert bench.poll() == []
    return bench


def test_that_a_press_is_one_new_event_of_its_input_and_a_release_its_restore(bench: Bench) -> None:
    bench.show("003")
    (press,) = bench.poll(10)
    assert (press.type, press.account, press.zone, press.event_code) == ("signal", "1234", "003", "120")
    assert (press.qualifier, press.panic, press.ack, press.raw.hex()) == ("new", True, b"", "01020104a04b")
    bench.show("003", qualifier="restore")
    assert told(bench.poll(10)) == [("120", "restore", "003")]


def test_that_one_read_is_bounce_and_two_are_a_press(bench: Bench) -> None:
    for _ in range(5):
        bench.show("001")
        assert bench.poll(1) == []
        bench.show("001", qualifier="restore")
        assert bench.poll(1) == []
    bench.show("001")
    assert told(bench.poll(1)) == []
    assert told(bench.poll(1)) == [("120", "new", "001")]


@pytest.mark.parametrize(("poll_ms", "reads"), [("100", 2), ("50", 2), ("25", 3), ("20", 4), ("1000", 2)])
def test_that_a_state_takes_two_reads_and_fifty_milliseconds(poll_ms: str, reads: int) -> None:
    bench = Bench({"poll_ms": poll_ms})
    bench.poll(reads)
    bench.show("001")
    assert bench.poll(reads - 1) == []
    assert len(bench.poll(1)) == 1


def test_that_several_inputs_are_told_apart_in_one_poll(bench: Bench) -> None:
    for zone in ("001", "002", "008"):
        bench.show(zone)
    assert told(bench.poll()) == [("120", "new", "001"), ("120", "new", "002"), ("120", "new", "008")]


def test_that_a_button_found_held_at_the_start_is_told_as_a_status() -> None:
    bench = Bench({"account": "1234"})
    bench.show("002")
    assert told(bench.poll()) == [("120", "status", "002")]


def test_that_a_press_during_an_outage_that_is_still_held_is_told_once_and_one_told_before_is_not(bench: Bench) -> None:
    bench.show("001")
    assert len(bench.poll()) == 1
    bench.codec.expire()
    bench.codec.reset()
    bench.show("005")
    assert told(bench.poll(10)) == [("120", "new", "005")]


def test_that_a_normally_closed_contact_is_pressed_when_it_opens() -> None:
    bench = Bench({"nc": "1"})
    assert bench.panel.inputs == [1] * 8
    assert bench.poll() == []
    bench.show("004")
    assert bench.panel.inputs[3] == 0
    assert told(bench.poll()) == [("120", "new", "004")]


def test_that_a_supervised_wire_has_four_states_with_an_event_for_each_change() -> None:
    bench = Bench(ANALOG)
    assert bench.poll() == []
    bench.show("002")
    (press,) = bench.poll()
    assert (press.event_code, press.to_json()["state"]) == ("120", "pressed")
    bench.panel.inputs[1] = 9800
    (cut_wire,) = bench.poll()
    assert (cut_wire.event_code, cut_wire.qualifier, cut_wire.to_json()["state"]) == ("383", "new", "open")
    assert cut_wire.panic is False
    bench.show("002", qualifier="restore")
    assert told(bench.poll()) == [("383", "restore", "002"), ("120", "restore", "002")]
    bench.panel.inputs[1] = 0
    (short,) = bench.poll()
    assert (short.event_code, short.to_json()["state"]) == ("383", "short")


def test_that_measured_values_that_waver_within_a_state_are_no_events() -> None:
    bench = Bench(ANALOG)
    bench.poll()
    for value in (4990, 5010, 4400, 5600, 5003):
        bench.panel.inputs[0] = value
        assert bench.poll(1) == []
    for value in (2300, 2500):
        bench.panel.inputs[0] = value
        heard = bench.poll(1)
    assert told(heard) == [("120", "new", "001")]


@given(st.lists(st.tuples(st.integers(0, 7), st.booleans()), max_size=12), places)
def test_that_any_split_gives_the_same_presses(moves: list[tuple[int, bool]], where: list[int]) -> None:
    bench = Bench({"account": "1234"})
    stream = b""
    for place, closed in moves:
        bench.panel.inputs[place] = int(closed)
        stream += bench.exchange() + bench.exchange()
    whole = BoxCodec({"account": "1234"})
    parted = BoxCodec({"account": "1234"})
    assert [report for part in cut(stream, where) for report in parted.feed(part)] == whole.feed(stream)


@given(st.binary(max_size=60), st.integers(0, 1000), st.integers(1, 255))
def test_that_noise_and_flipped_bytes_never_make_a_press(noise: bytes, place: int, flip: int) -> None:
    bench = Bench({})
    bench.poll()
    heard = bytearray(bench.exchange())
    heard[place % len(heard)] ^= flip
    assert told(bench.codec.feed(noise + bytes(heard) * 3)) == []
    assert bench.codec.pending < 600


def test_that_an_answer_to_another_question_is_no_reading(bench: Bench) -> None:
    pressed = bytes.fromhex("01020120a050")
    for question in ("010200000010", "010100000008", "010200010008", "020200000008"):
        asked = frame(bytes.fromhex(question))
        assert bench.codec.feed((asked + pressed) * 3) == []


def test_that_an_output_is_switched_on_by_the_modules_own_time_out(bench: Bench) -> None:
    assert bench.codec.outgoing(0.0) == b""
    bench.codec.order({"output": 1, "seconds": 0.7})
    order = bench.codec.outgoing(0.0)
    assert order == bytes.fromhex("0105020000078db0")
    assert bench.codec.outgoing(0.0) == b""
    (done,) = bench.codec.feed(order + bench.panel.hear(order).reply)
    assert bench.panel.outputs == {512: 7}
    assert (done.type, done.to_json()["value"], done.to_json()["direction"]) == ("message", 7, "response")
    assert bench.poll(2 * CONFIRM_POLLS) == []


def test_that_zero_seconds_switch_an_output_off(bench: Bench) -> None:
    bench.codec.order({"output": 8, "seconds": 0})
    assert bench.codec.outgoing(0.0) == frame(bytes.fromhex("010500070000"))


def test_that_an_order_the_box_does_not_confirm_is_told(bench: Bench) -> None:
    bench.codec.order({"output": 2, "seconds": 5})
    order = bench.codec.outgoing(0.0)
    reports = bench.poll(2 * CONFIRM_POLLS)
    assert [(report.type, report.raw) for report in reports] == [("message", order)]
    assert "did not confirm" in str(reports[0].why)


@pytest.mark.parametrize(
    ("options", "order", "why"),
    [
        ({"model": "generic-16ch"}, {"output": 1, "seconds": 5}, "no output that switches itself off"),
        ({}, {"output": 9, "seconds": 5}, "no output 9"),
        ({}, {"output": 0, "seconds": 5}, "no output 0"),
        ({}, {"seconds": 5}, "no output None"),
        ({}, {"output": 1, "seconds": 4000}, "0 to 3276.7 seconds"),
        ({}, {"output": 1, "seconds": "long"}, "not 'long'"),
        ({}, {"output": 1}, "not None"),
    ],
)
def test_that_an_order_that_cannot_be_is_refused_in_a_sentence(
    options: dict[str, str], order: dict[str, object], why: str
) -> None:
    bench = Bench(options)
    bench.codec.order(order)
    assert bench.codec.outgoing(0.0) == b""
    (refusal,) = bench.poll(1)
    assert refusal.type == "message"
    assert why in str(refusal.why)


@pytest.mark.parametrize(
    ("option", "part"),
    [
        ("unit=0", "unit is a number from 1 to 255"),
        ("unit=x", "not 'x'"),
        ("inputs=0", "inputs"),
        ("poll_ms=5", "poll_ms"),
        ("model=none", "generic-8ch"),
        ("nc=2", "nc is 0"),
        ("start=65530", "beyond address 65535"),
        ("speed=1", "no option 'speed'"),
    ],
)
def test_that_a_wrong_option_is_refused_in_one_sentence(option: str, part: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse_line(f"B1=modbus-rtu:/dev/ttyUSB0,{option}")
    assert part in str(refusal.value)


def test_that_what_a_line_does_not_say_is_its_models() -> None:
    assert judge({}) == ""
    box = Box.of({"model": "generic-16ch", "unit": "7"})
    assert (box.unit, box.start, box.inputs, box.poll_ms) == (7, 0, 16, 100)


def test_that_every_model_names_its_source_and_the_panel_plays_it() -> None:
    assert set(models()) == {"generic-8ch", "generic-16ch", "analog-eol-8ch"}
    for name, model in models().items():
        assert len(model.source) > 20
        bench = Bench({"model": name})
        assert bench.poll() == []
        last = f"{model.inputs.count:03}"
        bench.show(last)
        assert told(bench.poll()) == [("120", "new", last)]


def spoilt(path: Path, change: dict[str, object]) -> None:
    data = json.loads((ROOT / "reference" / "modbus_models.json").read_text(encoding="utf-8"))
    data["models"]["analog-eol-8ch"] |= change
    (path / "reference").mkdir()
    (path / "reference" / "modbus_models.json").write_text(json.dumps(data), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"eol": {"short": [0, 1200], "pressed": [1300, 3700], "normal": [3700, 65536]}}, "without gap"),
        ({"eol": {}}, "if, and only if"),
        ({"tamper": {"short": "383"}}, "needs its event"),
        ({"inputs": {"function": 7, "start": 0, "count": 8}}, "function"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_that_a_register_map_with_a_hole_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], why: str
) -> None:
    spoilt(tmp_path, change)
    monkeypatch.setattr(modbus_rtu_models, "ROOT", tmp_path)
    models.cache_clear()
    try:
        with pytest.raises(ValidationError, match=why):
            models()
    finally:
        models.cache_clear()


def test_that_the_panel_refuses_what_a_box_would_refuse() -> None:
    panel = make_panel("1234", {})
    answers = {"010300000001": "018301", "010200040008": "018202", "01020000ffff": "018202", "020200000008": ""}
    for question, answer in answers.items():
        reply = panel.hear(frame(bytes.fromhex(question))).reply
        assert reply == (frame(bytes.fromhex(answer)) if answer else b"")
    for press in (Press(zone="009"), Press(event="137")):
        with pytest.raises(ValueError, match="this box"):
            panel.signal(press)


def test_that_the_panel_counts_a_press_as_taken_once_it_was_asked_for_often_enough() -> None:
    panel = make_panel("1234", {})
    assert panel.heartbeat_s == 0
    assert (panel.greeting(), panel.heartbeat(), panel.signal(Press())) == ([], b"", b"")
    assert [panel.hear(ASK).taken for _ in range(6)] == [0, 0, 0, 1, 0, 0]
    # Pressed again while it is held: first it is let go.
    panel.signal(Press())
    assert panel.inputs[0] == 0
    assert [panel.hear(ASK).taken for _ in range(9)] == [0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert panel.inputs[0] == 1
    # Half a question is kept, noise is not.
    assert panel.hear(b"\xff" * 200 + ASK[:5]).reply == b""
    assert panel.hear(ASK).reply != b""
