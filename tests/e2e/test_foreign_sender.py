"""The done-when of the issue: `lines` answers a foreign sender, `signals` and `alarms` show what it sent."""

import subprocess

import pytest

from tests.e2e.process import ACK, Lines, Place, Wire, frame, running

HEARTBEAT = b"1011           @    \x14"


def test_that_a_foreign_sender_is_answered_and_its_signals_are_shown(place: Place, wire: Wire) -> None:
    process = Lines(place, f"A1=surgard:{wire.name}")
    assert process.ready() == {"event": "ready", "lines": ["A1"]}
    sent = b"5011 187037E13001004\x14"
    assert wire.ask(HEARTBEAT) == ACK
    assert wire.ask(sent) == ACK
    assert process.terminate() == 0
    (signal,) = place.signals()
    shown = {key: signal[key] for key in ("line", "protocol", "type", "account", "event_code", "raw_hex")}
    assert shown == {
        "line": "A1",
        "protocol": "surgard",
        "type": "signal",
        "account": "7037",
        "event_code": "130",
        "raw_hex": sent.hex(),
    }
    assert signal["seq"] > 0
    (alarm,) = place.alarms()
    assert (alarm["state"], alarm["zone"], alarm["presses"]) == ("RECEIVED", "004", 1)
    (incident,) = place.rows("incidents", "--open")
    assert (incident["number"], incident["state"]) == (alarm["incident"], "NEW")
    assert incident["t_signal"] == alarm["received_at"] == signal["received_at"]
    assert place.console("journal", "verify", "--db", place.url).returncode == 0


def test_that_signals_can_be_followed_by_their_number(place: Place, wire: Wire) -> None:
    with running(place, f"A1=surgard:{wire.name}"):
        assert wire.ask(frame(1)) == ACK
        first = place.signals()[-1]["seq"]
        assert wire.ask(frame(2)) == ACK
        (later,) = place.rows("signals", "--since", str(first))
        assert later["zone"] == "002"


def test_that_noise_before_a_frame_costs_nothing(place: Place, wire: Wire) -> None:
    with running(place, f"A1=surgard:{wire.name}"):
        wire.put(bytes(range(0x20, 0x60)) * 64)
        assert wire.answer(1.0) == b""
        # 4 KiB without a terminator are refused as such; then the frame behind them is answered.
        answers = wire.ask(frame(7))
        assert ACK in answers or wire.answer() == ACK
    signals = [signal for signal in place.signals() if signal["type"] == "signal"]
    assert [signal["account"] for signal in signals] == ["1007"]


def test_that_half_a_frame_and_silence_do_not_hold_up_the_next(place: Place, wire: Wire) -> None:
    with running(place, f"A1=surgard:{wire.name}"):
        wire.put(frame(1)[:9])
        assert wire.answer(3.0) == b""
        assert wire.ask(frame(2)) == ACK
    assert [s["account"] for s in place.signals() if s["type"] == "signal"] == ["1002"]
    assert [s["type"] for s in place.signals()] == ["garbage", "signal"]


def test_that_a_wire_pulled_and_put_back_is_heard_again(place: Place, wire: Wire) -> None:
    with running(place, f"A1=surgard:{wire.name}") as process:
        assert wire.ask(frame(1)) == ACK
        wire.close()
        assert process.says("线路A1 中断")
        wire.open()
        assert process.says("line:A1：已恢复")
        assert wire.ask(frame(2)) == ACK
    assert [signal["zone"] for signal in place.signals()] == ["001", "002"]


def test_that_one_missing_port_does_not_silence_the_others(place: Place, wire: Wire) -> None:
    process = Lines(place, f"A1=surgard:{wire.name}", f"B1=surgard:{place.folder / 'absent'}")
    try:
        assert process.says("线路B1 中断：端口不存在")
        assert wire.ask(frame(3), 8.0) == ACK
        late = Wire(place.folder / "absent")
        assert process.ready() == {"event": "ready", "lines": ["A1", "B1"]}
        assert late.ask(frame(4)) == ACK
        late.close()
    finally:
        process.kill()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--line", "A1=surgard:/dev/does-not-exist"], "端口不存在"),
        (["--line", "A1=morse:/dev/null"], "morse"),
        ([], "没有线路"),
    ],
)
def test_that_a_line_that_cannot_work_is_one_sentence(place: Place, arguments: list[str], words: str) -> None:
    done: subprocess.CompletedProcess[str] = place.console("lines", "--db", place.url, *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
