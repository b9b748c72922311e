"""The dialogue with a modem, without wire and clock: set-up, texts in and out, calls, resets, hangs, no network.

`Talk` stands for the link: it hands over what the modem says, asks for what the codec has to say, gives each answer
as the console does once a report is durable, and lets time pass.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.link import LinkPhase
from drivers.panel import Press
from drivers.protocols import protocol_row
from drivers.protocols.at_modem import SET_UP, AtModemCodec
from drivers.protocols.at_modem_lines import CAP
from drivers.protocols.at_modem_panel import AtModemPanel, china_now
from drivers.protocols.sms_pdu_submit import deliver, status_report
from drivers.report import Report
from drivers.simulator import make_pty_pair
from drivers.streams import FdStream
from tests.drivers.desk import desk_on, until
from tests.drivers.strategies import cut, places

STEP_S = 0.25
LONG = "幸福小学东门有人持刀伤人，" * 12
"""More than two messages hold."""


class Talk:
    """A codec and a modem with a link between them; `durable` says whether the console could store a report."""

    def __init__(self, durable: Callable[[Report], bool] = lambda _report: True) -> None:
        self.codec, self.modem = AtModemCodec(), AtModemPanel()
        self.reports: list[Report] = []
        self.said: list[str] = []
        self.deaf = False
        self.now = 1000.0
        self._durable = durable
        self._waiting = b""

    def hear(self, data: bytes = b"", seconds: float = 5.0) -> list[Report]:
        """Have the modem say something and let time pass; return what the codec reported meanwhile."""
        before = len(self.reports)
        self._waiting += data
        until = self.now + seconds
        while self.now < until:
            self.now += STEP_S
            self._step()
        return [report for report in self.reports[before:] if report.type != "heartbeat"]

    def answers_a_text(self, answer: bytes) -> None:
        """Have the modem answer the next text like this, whatever it is."""
        take = self.modem._send

        def send() -> bytes:
            take()
            return answer

        self.modem._send = send  # type: ignore[method-assign]

    def _step(self) -> None:
        data, self._waiting = self._waiting, b""
        found = self.codec.feed(data) if data else self.codec.expire()
        for report in found:
            self.reports.append(report)
            if report.ack and self._durable(report):
                self._say(report.ack)
        self._say(self.codec.outgoing(self.now))

    def _say(self, data: bytes) -> None:
        if data:
            self.said.append(data.decode("ascii").strip())
            self._waiting += b"" if self.deaf else self.modem.hear(data).reply


def more(report: Report) -> dict[str, object]:
    return dict(report.more or {})


def texts(reports: list[Report]) -> list[object]:
    return [more(report)["text"] for report in reports if report.type == "text"]


@pytest.fixture
def talk() -> Talk:
    started = Talk()
    started.hear()
    return started


def test_that_the_modem_is_set_up_and_its_network_told(talk: Talk) -> None:
    assert talk.said[: len(SET_UP)] == [command.strip() for command in SET_UP]
    told = [report for report in talk.reports if report.type == "heartbeat"]
    assert [more(report)["signal_dbm"] for report in told] == [-71]
    assert more(talk.reports[-1]) == {"registered": True, "signal_dbm": -71, "sim": "READY"}


def test_that_texts_that_came_before_are_read_and_deleted_when_durable() -> None:
    talk = Talk()
    talk.modem.text("12110", "救命")
    talk.modem.text("+8613912345678", LONG)
    reports = talk.hear(seconds=10)
    assert texts(reports) == ["救命", LONG]
    assert [report.ack for report in reports if report.type == "text"] == [
        b"AT+CMGD=1\r", b"AT+CMGD=2;+CMGD=3;+CMGD=4\r"
    ]  # fmt: skip
    assert talk.modem.memory == {}


def test_that_a_text_that_could_not_be_stored_stays_in_the_modem_and_comes_again() -> None:
    storing = [False]
    talk = Talk(lambda _report: storing[0])
    talk.hear()
    assert texts(talk.hear(talk.modem.text("12110", "救命"), 20)) == ["救命"]
    assert len(talk.modem.memory) == 1
    storing[0] = True
    assert texts(talk.hear(seconds=310)) == ["救命"]
    assert talk.modem.memory == {}


def test_that_parts_wait_for_the_last_and_are_shown_with_a_gap_after_five_minutes(talk: Talk) -> None:
    pdus = deliver("12110", LONG, china_now(), 9)
    talk.modem.memory = {4: pdus[2], 5: pdus[0]}
    assert talk.hear(b'\r\n+CMTI: "SM",4\r\n\r\n+CMTI: "SM",5\r\n', 290) == []
    assert len(talk.modem.memory) == 2
    (report,) = talk.hear(seconds=20)
    assert more(report)["missing"] == [2]
    assert str(more(report)["text"]) == LONG[:67] + "…" + LONG[134:]
    assert talk.modem.memory == {}


def test_that_parts_may_come_in_any_order_and_twice(talk: Talk) -> None:
    pdus = deliver("12110", LONG, china_now(), 9)
    for place, pdu in enumerate((pdus[2], pdus[0], pdus[2])):
        talk.modem.memory[place + 1] = pdu
        assert talk.hear(f'\r\n+CMTI: "SM",{place + 1}\r\n'.encode()) == []
    talk.modem.memory[4] = pdus[1]
    assert texts(talk.hear(b'\r\n+CMTI: "SM",4\r\n')) == [LONG]


def test_that_a_text_handed_over_directly_is_read_too(talk: Talk) -> None:
    pdu = deliver("12110", "救命", china_now())[0]
    (report,) = talk.hear(b"\r\n+CMT: ,%d\r\n%s\r\n" % (len(pdu) - 1, pdu.hex().encode()))
    assert (texts([report]), report.ack) == (["救命"], b"")


def test_that_a_place_that_holds_no_text_is_told_and_cleared(talk: Talk) -> None:
    talk.modem.memory[7] = b"\x00\x43\x01"
    (report,) = talk.hear(b'\r\n+CMTI: "SM",7\r\n')
    assert (report.type, report.ack) == ("garbage", b"AT+CMGD=7\r")
    assert talk.modem.memory == {}


# -- calls -------------------------------------------------------------------------------------------------------------


def test_that_a_call_is_told_once_however_often_it_rings_and_its_end_once(talk: Talk) -> None:
    ring = talk.modem.ring("13700001111")
    reports = [report for _ in range(4) for report in talk.hear(ring)]
    assert [more(report) for report in reports] == [{"number": "13700001111"}]
    (end,) = talk.hear(seconds=20)
    assert more(end) == {"number": "13700001111", "ended": True, "rings": 4}


def test_that_a_number_may_come_with_the_second_ring_or_not_at_all(talk: Talk) -> None:
    assert talk.hear(b"\r\nRING\r\n") == []
    assert [more(report) for report in talk.hear(talk.modem.ring("10086"))] == [{"number": "10086"}]
    assert [more(report)["ended"] for report in talk.hear(talk.modem.hang_up())] == [True]
    withheld = [report for _ in range(3) for report in talk.hear(b"\r\nRING\r\n")]
    assert [more(report) for report in withheld] == [{"number": ""}]


def test_that_a_single_ring_is_a_call_all_the_same(talk: Talk) -> None:
    reports = talk.hear(b"\r\nRING\r\n", 20)
    assert [more(report).get("ended", False) for report in reports] == [False, True]


# -- texts out ---------------------------------------------------------------------------------------------------------


def test_that_an_ordered_text_is_sent_and_its_delivery_told(talk: Talk) -> None:
    talk.codec.order({"sms": "防区003 收到 3/10", "to": "13811112222", "ref": "m1"})
    reports = talk.hear()
    assert talk.modem.sent == [("13811112222", "防区003 收到 3/10")]
    assert more(reports[0]) == {"sms_sent": "m1", "to": "13811112222", "references": [1]}
    assert [more(report).get("sms_delivered") for report in reports] == [None, "m1"]


def test_that_a_long_text_is_delivered_when_its_last_part_is(talk: Talk) -> None:
    talk.codec.order({"sms": LONG, "to": "13811112222", "ref": "m1"})
    reports = talk.hear(seconds=10)
    assert "".join(text for _, text in talk.modem.sent) == LONG
    told = [(more(report).get("sms_sent"), more(report).get("sms_delivered")) for report in reports]
    assert [pair for pair in told if pair != (None, None)] == [("m1", None), (None, "m1")]


@pytest.mark.parametrize(
    ("answer", "reason", "hopeless"),
    [
        (b"+CMS ERROR: 38", "the network is out of order", False),
        (b"+CMS ERROR: 1", "the number is not assigned", True),
        (b"ERROR", "the modem refused it", False),
    ],
)
def test_that_a_refused_text_is_told_with_its_reason(talk: Talk, answer: bytes, reason: str, hopeless: bool) -> None:
    talk.answers_a_text(b"\r\n" + answer + b"\r\n")
    talk.codec.order({"sms": "x", "to": "13811112222", "ref": "m1"})
    (report,) = talk.hear()
    assert more(report) == {"sms_failed": "m1", "to": "13811112222", "reason": reason, "hopeless": hopeless}


def test_that_an_order_that_makes_no_text_fails_at_once(talk: Talk) -> None:
    talk.codec.order({"sms": "x", "to": "nobody", "ref": "m1"})
    (report,) = talk.hear()
    assert (more(report)["sms_failed"], more(report)["hopeless"]) == ("m1", True)


def test_that_a_delivery_told_after_a_restart_names_reference_and_number(talk: Talk) -> None:
    pdu = status_report(77, "13811112222", china_now())
    (report,) = talk.hear(b"\r\n+CDS: %d\r\n%s\r\n" % (len(pdu) - 1, pdu.hex().encode()))
    assert (more(report)["sms_delivered"], more(report)["reference"]) == ("", 77)


def test_that_a_phone_that_did_not_get_it_is_told_and_a_network_still_trying_is_not_final(talk: Talk) -> None:
    talk.answers_a_text(b"\r\n+CMGS: 5\r\n\r\nOK\r\n")
    talk.codec.order({"sms": "x", "to": "13811112222", "ref": "m1"})
    talk.hear()
    told = []
    for status in (0x21, 0x46):
        pdu = status_report(5, "13811112222", china_now(), status)
        talk.modem.memory[9] = pdu
        told += [more(report).get("sms_failed") for report in talk.hear(b'\r\n+CDSI: "SM",9\r\n')]
    assert told == [None, "m1"]
    assert talk.modem.memory == {}


# -- a modem that fails ------------------------------------------------------------------------------------------------


def test_that_a_modem_that_restarts_is_set_up_again_and_loses_nothing(talk: Talk) -> None:
    notice = talk.modem.text("12110", "救命")
    reports = talk.hear(notice[:9] + talk.modem.restart())
    assert texts(reports) == ["救命"]
    assert talk.said.count("\x1bATE0") == 2


def test_that_an_echo_gives_a_restart_away(talk: Talk) -> None:
    talk.modem.restart()
    talk.hear(seconds=40)
    assert talk.said.count("\x1bATE0") == 2
    assert not talk.modem.echo


def test_that_a_text_under_way_when_the_modem_restarts_is_told_as_failed(talk: Talk) -> None:
    talk.modem._send = talk.modem.restart  # type: ignore[method-assign]
    talk.codec.order({"sms": "x", "to": "13811112222", "ref": "m1"})
    (report,) = talk.hear()
    assert (more(report)["sms_failed"], more(report)["reason"]) == ("m1", "the modem restarted")


def test_that_a_modem_that_hangs_is_asked_again_and_again_and_what_waits_is_told(talk: Talk) -> None:
    talk.deaf = True
    talk.codec.order({"sms": "x", "to": "13811112222", "ref": "m1"})
    talk.codec.order({"sms": "y", "to": "13811112222", "ref": "m2"})
    reports = talk.hear(seconds=200)
    assert [more(report)["sms_failed"] for report in reports] == ["m1", "m2"]
    assert 20 < talk.said.count("\x1bATE0") < 60
    talk.deaf = False
    assert texts(talk.hear(talk.modem.text("12110", "救命"), 20)) == ["救命"]


def test_that_an_order_the_modem_never_heard_waits_and_goes_out_once(talk: Talk) -> None:
    talk.deaf = True
    talk.codec.order({"sms": "x", "to": "13811112222", "ref": "m1"})
    assert talk.hear(seconds=30) == []
    talk.deaf = False
    reports = talk.hear(seconds=20)
    assert [more(report).get("sms_sent") for report in reports if "sms_sent" in more(report)] == ["m1"]
    assert talk.modem.sent == [("13811112222", "x")]


def test_that_a_wire_opened_anew_begins_the_dialogue_anew(talk: Talk) -> None:
    talk.codec.order({"sms": "x", "to": "13811112222", "ref": "m1"})
    talk.codec.reset()
    talk.hear()
    assert talk.said.count("\x1bATE0") == 2
    assert talk.modem.sent == [("13811112222", "x")]


def test_that_a_text_ordered_again_while_it_waits_goes_out_once(talk: Talk) -> None:
    """The outbox orders anew when its line comes back; what the line was told before has outlived the loss."""
    for _ in range(2):
        talk.codec.order({"sms": "x", "to": "13811112222", "ref": "m1"})
        talk.codec.reset()
    talk.hear(seconds=20)
    assert talk.modem.sent == [("13811112222", "x")]


def test_that_two_minutes_without_network_are_told_once_and_so_is_its_return(talk: Talk) -> None:
    talk.modem.registered = False
    reports = talk.hear(b"\r\n+CREG: 2\r\n", 100)
    assert reports == []
    reports = talk.hear(seconds=100)
    assert [(report.type, report.event_code, report.qualifier) for report in reports] == [("link", "350", "new")]
    talk.modem.registered = True
    reports = talk.hear(seconds=40)
    assert [(report.event_code, report.qualifier) for report in reports] == [("350", "restore")]


def test_that_a_modem_without_its_sim_is_asked_again_until_it_has_it() -> None:
    talk = Talk()
    answer = talk.modem._answer
    talk.modem._answer = lambda command: (  # type: ignore[method-assign]
        b"\r\n+CME ERROR: 10\r\n" if command == "+CPIN?" else answer(command)
    )
    talk.hear(seconds=35)
    assert 3 <= talk.said.count("AT+CPIN?") <= 5
    assert "AT+CMGF=0" not in talk.said
    talk.modem._answer = answer  # type: ignore[method-assign]
    assert texts(talk.hear(talk.modem.text("12110", "救命"), 20)) == ["救命"]


class WiredModem:
    """The simulated modem at the far end of a pseudo-terminal, answering in a thread of its own until it hangs."""

    def __init__(self) -> None:
        near, self.path = make_pty_pair()
        self.panel, self.hangs, self._ends = AtModemPanel(), False, False
        self._stream = FdStream(near, 0.02)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ends:
            data = self._stream.read()
            if data and not self.hangs:
                self._stream.write(self.panel.hear(data).reply)

    def close(self) -> None:
        self._ends = True
        self._thread.join(2)
        self._stream.close()


def test_that_a_modem_that_hangs_makes_its_line_silent_until_it_answers_again() -> None:
    modem = WiredModem()
    try:
        with desk_on(f"M1=at-modem:{modem.path},supervise_s=1.5") as desk:
            assert until(lambda: any(report.type == "heartbeat" for report in desk.reports), 10)
            modem.hangs = True
            assert until(lambda: desk.phases[-1] is LinkPhase.SILENT, 10)
            modem.panel.text("12110", "救命")
            modem.hangs = False
            assert until(lambda: desk.phases[-1] is LinkPhase.UP and not modem.panel.memory, 20)
        assert texts(desk.reports) == ["救命"]
    finally:
        modem.close()


# -- any stream --------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        b"\r\nRING\r\n", b'\r\n+CLIP: "10086",129\r\n', b'\r\n+CMTI: "SM",3\r\n', b"\r\nOK\r\n", b"\r\nERROR\r\n",
        b"\r\n> ", b"\r\n+CMGR: 0,,20\r\n", b"\r\n+CMS ERROR: 38\r\n", b"\r\n+CREG: 2\r\n", b"\r\n^SYSSTART\r\n",
        b"\r\n+CMGS: 12\r\n", b"\r\n+CSQ: 99,99\r\n",
        b"\r\n+CDS: 25\r\n00060505810531F1010150610000400101506100004000\r\n",
        b'\r\n+CMTI: "SM"\r\n', b"\r\n+CMGS: \r\n", b"\r\n+CLIP:\r\n", b"+CREG:\r\n", b'+CMGL: ",\r\n',
    ]
)  # fmt: skip
streams = st.lists(st.one_of(WORDS, st.binary(max_size=20)), max_size=12).map(b"".join)


@given(streams, places)
def test_that_any_split_of_the_stream_gives_the_same_reports(stream: bytes, where: list[int]) -> None:
    whole, split = AtModemCodec(), AtModemCodec()
    assert [r for part in cut(stream, where) for r in split.feed(part)] == whole.feed(stream)


@settings(max_examples=200)
@given(st.lists(st.one_of(streams, st.just("order"), st.floats(0.1, 100)), max_size=12))
def test_that_no_stream_makes_a_speaking_codec_stumble(story: list[bytes | str | float]) -> None:
    codec, now = AtModemCodec(), 0.0
    codec.outgoing(now)
    for chapter in story:
        if isinstance(chapter, bytes):
            codec.feed(chapter)
        elif isinstance(chapter, str):
            codec.order({"sms": "x" * 200, "to": "110", "ref": "r"})
        else:
            now += chapter
            codec.expire()
        assert len(codec.outgoing(now)) < 400
        assert codec.pending <= 2 * CAP
    talk = Talk()
    talk.codec, talk.now = codec, now
    assert texts(talk.hear(talk.modem.text("12110", "救命"), 400)) == ["救命"]


def test_that_the_simulated_modem_sends_a_press_as_a_text() -> None:
    panel = protocol_row("at-modem").panel
    assert panel is not None
    modem = panel("13800001234", {})
    assert modem.signal(Press(zone="003")) == b'\r\n+CMTI: "SM",1\r\n'
    assert modem.hear(b"AT+CMGD=1\r").taken == 1
    with pytest.raises(ValueError, match="telephone number"):
        panel("nobody", {})
