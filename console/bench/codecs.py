"""codecs: how many frames a second each protocol's codec reads, beside other people's readers of the same frames.

Ours gets a stream in the reads of a busy port and cuts it itself; the others, which are no part of the product but of
its development (the dev extra), get each frame by itself. One that is not installed is left out with a word; where
there is none, the same bytes are split at a byte as the least that any reader must do.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from console.bench.figure import Figure
from drivers.protocols import MODULES, codec_for, protocol_row

FRAMES = 2000
READ = 64
"""Bytes at a time, as a busy port hands them up."""
ROUNDS = 5

Reader = Callable[[bytes], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One frame of a protocol as it is met in the field, and who else reads it. `apart`: one read holds one frame."""

    frame: bytes
    others: Mapping[str, Callable[[], Reader]]
    apart: bool = False


def _pymodbus() -> Reader:
    framer = import_module("pymodbus.framer.rtu").FramerRTU
    decoder = import_module("pymodbus.pdu").DecodePDU
    reader = framer(decoder(False))
    return lambda frame: _some(reader.handleFrame(frame, 0, 0)[1])


def _pysiaalarm() -> Reader:
    event = import_module("pysiaalarm.event").SIAEvent
    return lambda frame: _some(event.from_line(frame[1:-1].decode()))


def _siadc09() -> Reader:
    message = import_module("siadc09.message")

    def read(frame: bytes) -> object:
        said = message.parse_frame(frame)
        _some(said.data.event.code)
        # Ours has written the answer as well.
        return message.AckMessage(said.account).encode(seq=said.seq)

    return read


def _smspdudecoder() -> Reader:
    read = import_module("smspdudecoder.easy").read_incoming_sms
    return lambda frame: _some(read(frame.hex().upper()))


def _pynmea2() -> Reader:
    parse = import_module("pynmea2").parse

    def read(frame: bytes) -> object:
        said = parse(frame.decode().strip())
        # It reads the fields when they are asked for; ours has read them.
        return said.latitude, said.longitude, said.datetime

    return read


def _some(read: object) -> object:
    assert read is not None, "the frame was not read"
    return read


_DC09 = b'\nD04B003D"ADM-CID"0010R0L0#1234[#1234|1120 01 005]_08:30:15,11-21-2026\r'

SAMPLES = {
    "surgard": Sample(frame=b"5011 181234E12001005\x14", others={}),
    "contact-id": Sample(frame=b"4321181120020037", others={}),
    "sia-dc03": Sample(frame=b"#1234|Nri1/PA005\r", others={}),
    "galaxy": Sample(frame=bytes.fromhex("4423313233349c494e7269312f5041303031dd"), others={}),
    "sia-dc09": Sample(frame=_DC09, others={"pysiaalarm": _pysiaalarm, "siadc09": _siadc09}),
    "jt808": Sample(
        frame=bytes.fromhex(
            "7e020000400303000002280042000000000000000301618ab406c31ec800000000000518092116145701040000047830011031010a"
            "eb16000c00b28986011780108622216500060089ffffffffc37e"
        ),
        others={},
    ),
    "jt905": Sample(
        frame=bytes.fromhex("7e02000019108000000316000000000e008000018100f857a403f88e4e00ac6d1001010850351c7e"),
        others={},
    ),
    "ademco685": Sample(frame=b"\n011234 18 E120 01 C005\r", others={}),
    "fe100": Sample(frame=b"\n 00 00001234 18 R301 00 C009 \r", others={}),
    "sms-pdu": Sample(
        frame=bytes.fromhex("07916407058099F9040B916407950303F100008921222140140004D4E2940A"),
        others={"smspdudecoder": _smspdudecoder},
        apart=True,
    ),
    "at-modem": Sample(frame=b'\r\nRING\r\n\r\n+CLIP: "13800001234",129,,,,0\r\n', others={}),
    "cti": Sample(frame=b"@0001 ring id=A71 number=13812345678 called=110*B76C\r\n", others={}),
    "nmea": Sample(
        frame=b"$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n",
        others={"pynmea2": _pynmea2},
    ),
    "modbus-rtu": Sample(frame=bytes.fromhex("01020120a050"), others={"pymodbus": _pymodbus}),
    "hid-button": Sample(frame=bytes.fromhex("1700000000000000"), others={}),
    "line-button": Sample(frame=b"BTN1 DOWN*5B\r\n", others={}),
}
"""A frame of each protocol, from tests/vectors, where its source stands."""


def measure(_folder: Path) -> Iterator[Figure]:
    """The best of some rounds, taken in turns: what the machine can do, not what its neighbours leave."""
    for protocol in MODULES:
        sample = SAMPLES[protocol]
        readers, missing = _others(sample)
        word = f"{'、'.join(missing)} 未安装" if missing else ""
        if not readers:
            least = partial((sample.frame * FRAMES).split, sample.frame[-1:])
            yield _figure(protocol, "bytes.split", _rates(protocol, least), word)
        for name, reader in readers.items():
            yield _figure(protocol, name, _rates(protocol, partial(_each, reader, sample.frame)), word, ahead=True)


def _rates(protocol: str, other: Callable[[], object]) -> tuple[float, float]:
    """Frames a second of our codec and of the other reader, each by its quickest round."""
    deeds = partial(read, protocol, SAMPLES[protocol], FRAMES), other
    rounds = [[_seconds(deed) for deed in deeds] for _ in range(ROUNDS)]
    ours, theirs = (FRAMES / min(took) for took in zip(*rounds, strict=True))
    return ours, theirs


def _seconds(deed: Callable[[], object]) -> float:
    """Of a processor's time: others want one as well."""
    began = time.process_time()
    deed()
    return time.process_time() - began


def read(protocol: str, sample: Sample, count: int) -> int:
    """Have our codec read so many frames; answers how many reports that gave. None may be garbage."""
    codec = codec_for(protocol, {"judge_time": "0"})
    ends = protocol_row(protocol).silence_ends
    stream = sample.frame * count
    size = len(sample.frame) if sample.apart else READ
    told = 0
    for at in range(0, len(stream), size):
        reports = codec.feed(stream[at : at + size])
        told += len(reports)
        assert all(report.type != "garbage" for report in reports), f"{protocol}: a good frame was not read"
    return told + (len(codec.expire()) if ends else 0)


def _others(sample: Sample) -> tuple[dict[str, Reader], list[str]]:
    """The readers that are installed here, and the names of those that are not."""
    readers: dict[str, Reader] = {}
    missing = []
    for name, load in sample.others.items():
        try:
            readers[name] = load()
        except ImportError:
            missing.append(name)
    return readers, missing


def _each(reader: Reader, frame: bytes) -> None:
    for _ in range(FRAMES):
        reader(frame)


def _figure(protocol: str, beside: str, rates: tuple[float, float], note: str, *, ahead: bool = False) -> Figure:
    ours, theirs = rates
    return Figure(
        name=f"codec.{protocol}",
        value=ours,
        unit="frames/s",
        n=FRAMES * ROUNDS,
        baseline=beside,
        baseline_value=theirs,
        at_least=theirs if ahead else None,
        note=note,
    )
