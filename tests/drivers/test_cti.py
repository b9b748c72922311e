"""The exchange's link: lines in any pieces, orders said until they are answered, and an exchange that obeys them."""

from __future__ import annotations

import os
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.address import parse_address
from drivers.link import LinkPhase
from drivers.panel import Press
from drivers.protocols import protocol_row
from drivers.protocols.cti import ACK_S, CROWDED, DONE_S, LOST, MOST_WAITING, TRIES, UNANSWERED, CtiCodec
from drivers.protocols.cti_lines import acknowledgement, check, line, read
from drivers.protocols.cti_panel import CtiPanel
from drivers.report import Report
from drivers.simulator import Simulator, make_pty_pair
from drivers.streams import FdStream, open_stream
from tests.drivers.desk import Desk, desk_on, until

NUMBER = "13812345678"
VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def test_that_the_check_is_the_one_the_document_names() -> None:
    assert check(b"123456789") == b"31C3"


@given(number=st.integers(1, 9999), fields=st.dictionaries(st.from_regex(r"[a-z]{1,16}", fullmatch=True), VALUES))
def test_that_a_line_says_what_was_written_whatever_its_values(number: int, fields: dict[str, str]) -> None:
    said = read(line(number, "info", **fields))
    assert (said.sequence, said.word, said.fields) == (f"{number:04d}", "info", fields)


@given(
    st.lists(st.one_of(st.binary(max_size=1500), st.sampled_from([line(1, "ring", id="A", number="1"), b"\r\n"]))),
    st.lists(st.integers(0, 6000)),
)
def test_that_any_split_gives_the_same_reports(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    whole, pieces, codec, at = CtiCodec().feed(stream), [], CtiCodec(), 0
    for cut in sorted({*(min(cut, len(stream)) for cut in cuts), len(stream)}):
        pieces += codec.feed(stream[at:cut])
        at = cut
    assert pieces == whole
    assert codec.pending < 1024


@given(data=st.data())
def test_that_one_spoilt_byte_never_makes_another_call(data: st.DataObject) -> None:
    good = line(7, "ring", id="A71", number=NUMBER, subscriber="张三")
    place = data.draw(st.integers(0, len(good) - 3))
    spoilt = (
        good[:place] + bytes([data.draw(st.integers(0, 255).filter(lambda b: b != good[place]))]) + good[place + 1 :]
    )
    assert all(report.type == "garbage" and report.ack == b"" for report in CtiCodec().feed(spoilt))


class Dialogue:
    """The codec with its exchange, over a clock of our own. `deaf`: the exchange hears nothing."""

    def __init__(self) -> None:
        self.codec, self.panel, self.now, self.deaf = CtiCodec(), CtiPanel(), 100.0, False
        self.said: list[bytes] = []
        self.reports: list[Report] = []

    def say(self, data: bytes) -> None:
        for report in self.codec.feed(data):
            self.reports.append(report)
            if report.ack:
                self.panel.hear(report.ack)

    def run(self, seconds: float = 1.0) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += 0.25
            data = self.codec.outgoing(self.now)
            if data:
                self.said.append(data)
                self.say(b"" if self.deaf else self.panel.hear(data).reply)
            self.reports += self.codec.expire()

    def ends(self, ref: str) -> list[object]:
        told = [dict(report.more or {}) for report in self.reports]
        return [row.get("reason", "done") for row in told if ref in (row.get("order_done"), row.get("order_failed"))]


@pytest.fixture
def dialogue() -> Dialogue:
    return Dialogue()


def states(dialogue: Dialogue) -> list[object]:
    return [(report.more or {}).get("state") for report in dialogue.reports if report.type == "call"]


def test_that_a_call_is_answered_held_resumed_moved_and_ended_by_order(dialogue: Dialogue) -> None:
    dialogue.run()
    dialogue.panel.book[NUMBER] = ("张三", "延安北路 12 号")
    dialogue.say(dialogue.panel.ring(NUMBER))
    for number, (word, ext) in enumerate(
        [("answer", "03"), ("hold", ""), ("resume", ""), ("transfer", "04"), ("end", "")]
    ):
        dialogue.codec.order({"cti": word, "ref": f"o{number}", "id": "C1", "ext": ext})
        dialogue.run()
        assert dialogue.ends(f"o{number}") == ["done"]
    assert states(dialogue) == ["ringing", "up", "held", "resumed", "moved", "ended"]
    rang = dict(next(row for row in dialogue.reports if row.type == "call").more or {})
    assert (rang["subscriber"], rang["address"], rang["recording"]) == ("张三", "延安北路 12 号", "RC0001")


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ({"cti": "answer", "id": "C9", "ext": "03"}, "there is no such call any more"),
        ({"cti": "answer", "id": "C1", "ext": "05"}, "the extension is busy"),
        ({"cti": "transfer", "id": "C1", "ext": "09"}, "there is no such extension"),
        ({"cti": "hold", "id": "C1"}, "the call is not in a state for it"),
    ],
)
def test_that_an_order_that_cannot_be_is_told_with_its_reason(
    dialogue: Dialogue, order: dict[str, str], why: str
) -> None:
    dialogue.panel.extensions, dialogue.panel.busy = frozenset({"03", "05"}), {"05"}
    dialogue.say(dialogue.panel.ring(NUMBER))
    dialogue.codec.order({**order, "ref": "o"})
    dialogue.run()
    assert dialogue.ends("o") == [why]


def test_that_who_is_dialled_is_told_reached_or_not(dialogue: Dialogue) -> None:
    dialogue.panel.silent.add("10000")
    for ref, number in (("a", NUMBER), ("b", "10000")):
        dialogue.codec.order({"cti": "dial", "ref": ref, "ext": "03", "number": number})
    dialogue.run(2)
    told = [dict(report.more or {}) for report in dialogue.reports]
    assert {"reached": "a"} in told
    assert {"unreached": "b", "reason": "nobody answered"} in told
    assert dialogue.panel.dialled == [("03", NUMBER), ("03", "10000")]


def test_that_a_line_nobody_answers_is_said_three_times_with_its_number_and_then_has_failed(dialogue: Dialogue) -> None:
    dialogue.run()
    dialogue.deaf, dialogue.said = True, []
    dialogue.codec.order({"cti": "hold", "ref": "o", "id": "C1"})
    dialogue.codec.order({"cti": "hold", "ref": "o", "id": "C1"})
    dialogue.run(ACK_S * TRIES + 2)
    assert (len(dialogue.said), len(set(dialogue.said))) == (TRIES, 1)
    assert dialogue.ends("o") == [UNANSWERED]


def test_that_an_order_said_again_is_done_once(dialogue: Dialogue) -> None:
    dialogue.say(dialogue.panel.ring(NUMBER))
    dialogue.codec.order({"cti": "answer", "ref": "o", "id": "C1", "ext": "03"})
    dialogue.run()
    again = dialogue.panel.hear(dialogue.said[-1]).reply
    assert again == acknowledgement(read(dialogue.said[-1]).sequence)
    assert dialogue.panel.orders == ["answer"]


def test_that_an_order_acknowledged_but_never_ended_has_failed(dialogue: Dialogue) -> None:
    dialogue.run()
    dialogue.deaf = True
    dialogue.codec.order({"cti": "hold", "ref": "o", "id": "C1"})
    dialogue.run(0.5)
    dialogue.say(acknowledgement(read(dialogue.said[-1]).sequence))
    dialogue.run(DONE_S)
    assert dialogue.ends("o") == []
    dialogue.run(1)
    assert dialogue.ends("o") == [UNANSWERED]


def test_that_orders_on_their_way_fail_with_the_line_and_the_calls_are_asked_for_anew(dialogue: Dialogue) -> None:
    dialogue.say(dialogue.panel.ring(NUMBER))
    dialogue.run()
    dialogue.deaf = True
    for ref in ("a", "b"):  # one goes out and is not answered, one waits behind it
        dialogue.codec.order({"cti": "hold", "ref": ref, "id": "C1"})
    dialogue.run(0.5)
    dialogue.codec.reset()
    dialogue.deaf, dialogue.reports = False, []
    dialogue.run()
    assert (dialogue.ends("a"), dialogue.ends("b")) == ([LOST], [LOST])
    assert states(dialogue) == ["ringing"]
    assert {"calls": ["C1"]} in [dict(report.more or {}) for report in dialogue.reports]


def test_that_a_hello_asks_for_the_calls_anew_and_ends_what_was_on_its_way(dialogue: Dialogue) -> None:
    dialogue.run()
    dialogue.say(dialogue.panel.ring(NUMBER))
    dialogue.deaf = True
    dialogue.codec.order({"cti": "hold", "ref": "a", "id": "C1"})
    dialogue.run(0.5)
    dialogue.deaf, dialogue.reports = False, []
    dialogue.say(dialogue.panel.greeting()[0])
    dialogue.codec.order({"cti": "answer", "ref": "b", "id": "C1", "ext": "03"})
    dialogue.run()
    assert (dialogue.ends("a"), dialogue.ends("b")) == ([LOST], ["done"])
    assert {"calls": ["C1"]} in [dict(report.more or {}) for report in dialogue.reports]


def test_that_too_many_orders_are_refused_at_once(dialogue: Dialogue) -> None:
    for number in range(MOST_WAITING):  # the sync waits before them
        dialogue.codec.order({"cti": "hold", "ref": f"o{number}", "id": "C1"})
    (refused,) = dialogue.codec.feed(b"")
    assert (refused.more or {})["reason"] == CROWDED
    dialogue.codec.order({"cti": "explode", "ref": "x"})
    dialogue.run(1)
    assert all(read(said).word in ("sync", "hold") for said in dialogue.said)


def test_that_a_held_call_is_told_anew_as_it_stands(dialogue: Dialogue) -> None:
    dialogue.say(dialogue.panel.ring(NUMBER))
    for word in ("answer", "hold"):
        dialogue.codec.order({"cti": word, "ref": word, "id": "C1", "ext": "03"})
    dialogue.run(2)
    dialogue.codec.reset()
    dialogue.reports = []
    dialogue.run()
    assert states(dialogue) == ["ringing", "up", "held"]


def test_that_the_simulated_exchange_takes_a_number_and_only_rings() -> None:
    panel = protocol_row("cti").panel
    assert panel is not None
    with pytest.raises(ValueError, match="digits only"):
        panel("A1", {})
    with pytest.raises(ValueError, match="only rings"):
        panel("110", {}).signal(Press(qualifier="restore"))


# -- over real wires -----------------------------------------------------------------------------------------


def rings_and_is_answered(desk: Desk, simulator: Simulator, panel: CtiPanel) -> None:
    assert simulator.greet()[0].acknowledged
    assert simulator.send(panel.ring(NUMBER)).acknowledged
    assert desk.link is not None
    desk.link.order({"cti": "answer", "ref": "o", "id": "C1", "ext": "03"})
    ended = time.monotonic() + 5
    while "answer" not in panel.orders and time.monotonic() < ended:
        simulator.listen()
    assert until(lambda: any((report.more or {}).get("order_done") == "o" for report in desk.reports))
    assert [(report.more or {}).get("state") for report in desk.reports if report.type == "call"][-1] == "up"


def test_that_an_exchange_on_a_serial_port_rings_and_obeys() -> None:
    near, path = make_pty_pair()
    panel = CtiPanel()
    with desk_on(f"T1=cti:{path}") as desk:
        rings_and_is_answered(desk, Simulator(FdStream(near, 0.05), panel, ack_wait_s=1.0), panel)
    os.close(near)


def test_that_an_exchange_that_calls_our_port_rings_and_obeys() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    panel = CtiPanel()
    with desk_on(f"T1=cti:tcp-listen://127.0.0.1:{port}") as desk:
        assert until(lambda: LinkPhase.UP in desk.phases)
        stream = open_stream(parse_address(f"socket://127.0.0.1:{port}"), 0.05)
        rings_and_is_answered(desk, Simulator(stream, panel, ack_wait_s=1.0), panel)
        stream.close()
