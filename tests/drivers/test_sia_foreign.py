"""Programs of others at our DC-09 port, and their readers beside ours: a dialler, an encoder, two decoders."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from my_dc09_spt.dc09_spt import dc09_spt
from pysiaalarm.account import SIAAccount
from pysiaalarm.event import SIAEvent
from siadc09.account import Account
from siadc09.message import AckMessage, EventMessage, NullMessage, parse_frame
from siadc09.util import now as now_there
from siadc09.xdata import Data

from drivers.address import parse_line
from drivers.link import Link, LinkState
from drivers.protocols.sia_dc09_keys import Keys
from drivers.report import Report
from drivers.wire import Wire
from tests.drivers.desk import until
from tests.drivers.sia_frames import KEY, NOW, contact_id_frames, dc03_frames, decode, sealed
from tests.drivers.test_vectors import OWN, read


@dataclass
class Centre:
    """Our port, which answers what it hears as the console does, and remembers it."""

    port: int
    reports: list[Report] = field(default_factory=list)
    states: list[LinkState] = field(default_factory=list)
    link: Link = field(init=False)

    def hear(self, reports: list[Report], _at: float, wire: Wire | None) -> None:
        for report in reports:
            self.reports.append(report)
            if report.ack:
                self.link.write(report.ack, wire)


Opened = Callable[..., Centre]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Opened]:
    """Open a port; with a key it is that of every account, and nothing in clear is taken."""
    with ExitStack() as stack:

        def opening(kind: str, key: bytes = b"") -> Centre:
            family = socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM
            with socket.socket(socket.AF_INET, family) as free:
                free.bind(("127.0.0.1", 0))
                here = Centre(free.getsockname()[1])
            options = ""
            if key:
                keys = tmp_path / "keys.toml"
                keys.write_text(f'default = "{key.hex()}"\n', encoding="utf-8")
                options = f",keys={keys},require_key=1"
            spec = parse_line(f"N=sia-dc09:{kind}-listen://127.0.0.1:{here.port}{options}")
            here.link = Link(spec, here.hear, here.states.append)
            here.link.start()
            stack.callback(here.link.stop)
            assert until(lambda: bool(here.states))
            return here

        yield opening


@pytest.mark.parametrize("kind", ["tcp", "udp"])
@pytest.mark.parametrize("key", [b"", KEY, bytes(range(32))], ids=["clear", "aes128", "aes256"])
def test_that_the_dialler_of_my_dc09_spt_gets_every_event_acknowledged(centre: Opened, kind: str, key: bytes) -> None:
    here = centre(kind, key)
    dialler = dc09_spt("1234", receiver=0, line=0)
    dialler.set_path("main", "primary", "127.0.0.1", here.port, key=key or None, type=kind)
    dialler.send_msg("ADM-CID", {"code": 120, "q": 1, "zone": 5, "area": 1})
    dialler.send_msg("SIA-DCS", {"code": "PA", "zone": 7, "zonename": "counter", "area": 2, "text": "help"})
    dialler.send_msg("ADM-CID", {"code": 120, "q": 3, "zone": 5, "area": 1, "lon": 120.5, "lat": 36.5})
    assert (dialler.notSent(), dialler.isConnected()) == (0, True)
    first, second, third = here.reports
    assert (first.event_code, first.qualifier, first.partition, first.zone) == ("120", "new", "01", "005")
    assert (second.sia_code, second.partition, second.zone) == ("PA", "2", "7")
    assert (second.extended or {})["text"] == "counter"
    assert (third.qualifier, (third.extended or {})["lon"]) == ("restore", "120.5")
    assert [report.sequence for report in here.reports] == ["0001", "0002", "0003"]
    assert {report.to_json()["encrypted"] for report in here.reports} == {bool(key)}


@pytest.mark.parametrize("key", [b"", KEY], ids=["clear", "aes128"])
def test_that_the_dialler_of_my_dc09_spt_finds_its_link_tests_answered(centre: Opened, key: bytes) -> None:
    here = centre("tcp", key)
    dialler = dc09_spt("1234", receiver=0, line=0)
    dialler.set_path("main", "primary", "127.0.0.1", here.port, key=key or None, type="tcp")
    dialler.start_poll(1, retry_delay=1)
    try:
        assert until(dialler.isConnected, 10)
    finally:
        dialler.stop_poll()
    assert {report.type for report in here.reports} == {"heartbeat"}


@pytest.mark.parametrize("key", [None, KEY], ids=["clear", "aes128"])
def test_that_what_siadc09_encodes_is_heard_and_our_answer_is_an_ack_to_it(centre: Opened, key: bytes | None) -> None:
    here = centre("tcp", key or b"")
    account = Account(acct=0x1234ABCD, pref=1, rcvr=2, key=key)
    event = EventMessage(account, {"idtoken": "SIA-DCS", "data": Data(b"#1234ABCD|Nri1/HA007^TELLER 3^")})
    with socket.create_connection(("127.0.0.1", here.port), 5) as panel:
        for number, message in ((41, event), (42, NullMessage(account))):
            panel.sendall(message.encode(seq=number, timestamp=now_there()))
            answer = parse_frame(panel.recv(4096), key)
            assert isinstance(answer, AckMessage)
            assert (answer.seq, answer.account.acct, answer.encrypted) == (number, 0x1234ABCD, bool(key))
    alarm, link_test = here.reports
    assert (alarm.account, alarm.sia_code, alarm.zone, alarm.silent) == ("1234ABCD", "HA", "007", True)
    assert link_test.type == "heartbeat"


# -- their readers beside ours -------------------------------------------------------------------------------


@settings(max_examples=50)
@given(contact_id_frames)
def test_that_siadc09_and_pysiaalarm_read_contact_id_as_we_do(frame: bytes) -> None:
    (ours,) = decode(frame)
    theirs = parse_frame(frame)
    assert ours.account is not None
    assert (theirs.seq, theirs.account.acct) == (int(ours.sequence or ""), int(ours.account, 16))
    event = theirs.data.event
    numbers = (event.code, f"{event.group:02X}", f"{event.addr:03X}")
    assert numbers == (ours.event_code, ours.partition, ours.zone)
    line = frame[1:-1].decode()
    # pysiaalarm knows no hexadecimal code, and takes bytes of UTF-8 for characters.
    assume((ours.event_code or "").isdigit() and line.isascii() and "[X" not in line)
    other = SIAEvent.from_line(line)
    assert other.valid_message
    found = (other.account, other.sequence, other.event_type, other.partition, other.ri)
    assert found == (ours.account, ours.sequence, ours.event_code, ours.partition, ours.zone)


@settings(max_examples=50)
@given(dc03_frames)
def test_that_siadc09_reads_dc03_events_as_we_do(frame: bytes) -> None:
    # It takes DC-03 for ASCII only, and drops events it does not know.
    assume(frame.isascii() and b"QQ" not in frame)
    ours = decode(frame)
    theirs = parse_frame(frame)
    (block,) = [block for block in theirs.data.blocks if getattr(block, "events", None)]
    assert [event.code for event in block.events] == [report.sia_code for report in ours]
    assert theirs.seq == int(ours[0].sequence or "")


def test_that_pysiaalarm_opens_what_we_open_with_a_key_of_characters() -> None:
    key = "0123456789abcdef"
    frame = sealed('"*SIA-DCS"0010L0#1234', "#1234|Nri1/PA005]_08:30:15,11-21-2026", key.encode())
    (ours,) = decode(frame, keys=Keys({}, (key.encode(),)))
    theirs = SIAEvent.from_line(frame[1:-1].decode(), {"1234": SIAAccount("1234", key)})
    assert (theirs.code, theirs.message, theirs.ri) == (ours.sia_code, ours.zone, ours.partition) == ("PA", "005", "1")
    assert theirs.timestamp == NOW


def test_that_siadc09_reads_those_of_our_vectors_that_we_take_strictly() -> None:
    """It refuses answers, an account A0, a missing receiver account and binary CRCs: those are left out."""
    compared = 0
    for row in read(OWN / "sia_dc09.jsonl"):
        (report, *more), raw = row["expect"]["reports"] or [{}], bytes.fromhex(row["hex"])
        plain = raw[9:10] == b'"' and not row.get("options") and not row.get("lenient") and not more
        if report.get("type") != "signal" or not plain or b"[\x00" in raw or b"#" not in raw.partition(b"[")[0]:
            continue
        theirs = parse_frame(raw)
        (ours,) = decode(raw)
        assert (theirs.seq, theirs.account.acct) == (int(ours.sequence or ""), int(ours.account or "", 16))
        compared += 1
    assert compared >= 12
