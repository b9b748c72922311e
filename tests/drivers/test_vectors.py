"""Facts about frames, one a line with its source: our own vectors always, the shared ones where they lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drivers.protocols import codec_for, protocol_row
from drivers.report import Report
from tests.drivers import vectors_sia

OWN = Path(__file__).parents[1] / "vectors"
SHARED = Path(__file__).parents[3] / "shared" / "protocols" / "vectors"
PROTOCOL_OF_FILE = {
    "surgard.jsonl": "surgard",
    "contact_id.jsonl": "contact-id",
    "sia_dc03.jsonl": "sia-dc03",
    "galaxy.jsonl": "galaxy",
    "sia_dc09.jsonl": "sia-dc09",
}
SHARED_FILES = ("surgard.jsonl", "contact_id.jsonl")
"""Shared files with rows as these two have them; families of another shape have a module of their own."""
QUALIFIERS = {1: "new", 3: "restore", 6: "status"}


def own_vectors() -> list[Any]:
    return [
        pytest.param(protocol, row, id=f"{protocol}:{number}:{row['source'][:40]}")
        for name, protocol in PROTOCOL_OF_FILE.items()
        for number, row in enumerate(read(OWN / name), start=1)
    ]


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("protocol", "row"), own_vectors())
def test_that_our_vectors_decode_as_they_say(protocol: str, row: dict[str, Any]) -> None:
    options = {"judge_time": "0", **row.get("options", {})}
    codec = codec_for(protocol, options | ({"lenient": "1"} if row.get("lenient", False) else {}))
    shown = [report.to_json() for report in codec.feed(bytes.fromhex(row["hex"]))]
    wanted = row["expect"]["reports"]
    assert codec.pending == row["expect"]["pending"]
    assert [{key: report.get(key) for key in want} for report, want in zip(shown, wanted, strict=True)] == wanted
    assert [report.get("glued", False) for report in shown] == [want.get("glued", False) for want in wanted]


def is_stream(row: dict[str, Any]) -> bool:
    """Leave out bytes a sender receives, bare cores without header, and one server's short cut for pings."""
    kind = row["expect"].get("type")
    return kind not in ("reply", "heartbeat_any") and "core" not in row["protocol"]


def check_shared(reports: list[Report], row: dict[str, Any]) -> None:
    want = row["expect"]
    if want.get("stream"):
        frames = [report.frame.decode() for report in reports]
        assert frames == want["frames"], row
    elif not want["valid"]:
        assert {report.type for report in reports} <= {"garbage"}, row
    elif want.get("type") == "heartbeat":
        assert [(report.type, report.ack) for report in reports] == [("heartbeat", b"\x06")], row
    else:
        (report,) = reports
        check_signal(report, want)


def check_signal(report: Report, want: dict[str, Any]) -> None:
    assert report.type == "signal"
    found = (report.account, report.event_code, report.partition, report.zone)
    assert found == (want["account"], want.get("event"), want.get("partition"), want.get("zone_or_user"))
    if "qualifier" in want:
        assert report.qualifier == QUALIFIERS.get(want["qualifier"], str(want["qualifier"]))
    if "code" in want:
        assert report.extended == {"code": want["code"]}
    assert report.receiver == want.get("receiver", report.receiver)
    assert report.receiver_line == want.get("line", report.receiver_line)
    assert report.ack == (want["reply_text"].encode() if "reply_text" in want else report.ack)
    assert report.ack.hex() == want.get("reply_hex", report.ack.hex())


def shared_rows() -> list[tuple[str, dict[str, Any]]]:
    """The shared vectors for our codecs."""
    named = ((PROTOCOL_OF_FILE[name], row) for name in SHARED_FILES for row in read(SHARED / name))
    return [(protocol, row) for protocol, row in named if is_stream(row)]


if SHARED.exists():
    # Where they do not lie there is nothing to prove, so there is no test that could only pass.

    def test_that_the_shared_vectors_decode_as_they_say() -> None:
        rows = shared_rows()
        assert len(rows) > 40
        for protocol, row in rows:
            codec = codec_for(protocol, {"lenient": "1"} if row["expect"].get("valid") == "lenient" else {})
            check_shared(codec.feed(bytes.fromhex(row["hex"])), row)

    def test_that_the_shared_vectors_of_the_sia_family_decode_as_they_say() -> None:
        rows = [row for name in vectors_sia.FILES for row in read(SHARED / name)]
        named = [(protocol, row) for row in rows if (protocol := vectors_sia.protocol_of(row))]
        assert {protocol for protocol, _ in named} == {"sia-dc09", "sia-dc03", "galaxy"}
        assert len(named) > 50
        for protocol, row in named:
            codec = codec_for(protocol, vectors_sia.options_of(row))
            reports = codec.feed(bytes.fromhex(row["hex"]))
            if protocol_row(protocol).silence_ends:
                reports += codec.expire()
            vectors_sia.check(protocol, reports, codec.pending, row)
