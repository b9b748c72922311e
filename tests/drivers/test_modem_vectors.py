"""Facts about texts, modem lines, records and sentences: our own with their source, the shared ones where they lie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from drivers.protocols import codec_for
from drivers.protocols.sms_pdu import read_address, read_time
from drivers.protocols.sms_pdu_alphabet import ucs2_text, whole_septets_text
from drivers.report import Report
from tests.drivers.test_vectors import OWN, SHARED, read

PROTOCOL_OF_FILE = {
    "sms_pdu.jsonl": "sms-pdu",
    "at_modem.jsonl": "at-modem",
    "ademco685.jsonl": "ademco685",
    "fe100.jsonl": "fe100",
    "nmea.jsonl": "nmea",
    "cti.jsonl": "cti",
}


def own_vectors() -> list[Any]:
    return [
        pytest.param(protocol, row, id=f"{protocol}:{number}")
        for name, protocol in PROTOCOL_OF_FILE.items()
        for number, row in enumerate(read(OWN / name), start=1)
    ]


@pytest.mark.parametrize(("protocol", "row"), own_vectors())
def test_that_our_vectors_decode_as_they_say(protocol: str, row: dict[str, Any]) -> None:
    codec = codec_for(protocol)
    shown = [report.to_json() for report in codec.feed(bytes.fromhex(row["hex"]))]
    wanted = row["expect"]["reports"]
    assert codec.pending == row["expect"]["pending"]
    assert [{key: report.get(key) for key in want} for report, want in zip(shown, wanted, strict=True)] == wanted


def same_number(found: object, wanted: str | None) -> bool:
    return str(found or "").lstrip("+") == (wanted or "").lstrip("+")


def same_time(found: object, want: dict[str, Any]) -> bool:
    utc = want.get("scts_utc")
    return utc is None or datetime.fromisoformat(str(found)) == datetime.fromisoformat(f"{utc}+00:00")


def check_text(reports: list[Report], want: dict[str, Any]) -> None:
    (report,) = reports
    said = report.to_json()
    assert said["type"] == ("message" if want.get("type") == "STATUS-REPORT" else "text")
    for name in ("text", "concat", "encoding", "pid", "status", "message_class"):
        assert name not in want or said.get(name) == want[name], name
    for name in ("sender", "smsc"):
        assert name not in want or same_number(said.get(name), want[name]), name
    if "recipient" in want:
        assert same_number(said["recipient"], want["recipient"])
    if "reference" in want:
        assert said["reference"] == want["reference"]
    times = {"scts": "sent_at", "discharge": "done_at", "validity_absolute": "valid_until"}
    for name, ours in times.items():
        assert name not in want or said[ours] == want[name].replace(" ", "T"), name
    # Of its status reports that source asserts the local time, whatever the offset says.
    local = str(said.get("sent_at"))[:19] if want.get("type") == "STATUS-REPORT" else None
    assert local == want.get("scts_utc", "").replace(" ", "T") or same_time(said.get("sent_at"), want)


def check_record(reports: list[Report], want: dict[str, Any]) -> None:
    (report,) = reports
    assert report.ack.hex() == want.get("reply_hex", "")
    if want.get("type") == "heartbeat":
        assert report.type == "heartbeat"
        return
    assert (report.type, report.account, report.event_code) == ("signal", want["account"], want["event"])
    assert report.qualifier == {"E": "new", "R": "restore"}[want["qualifier_letter"]]
    assert (report.partition, report.zone) == (want["partition"], want.get("zone_or_user", want.get("number")))
    assert report.zone_is_user == (want.get("zone_or_user_flag", want.get("flag")) == "U")
    assert report.receiver == want.get("receiver", want.get("receiver_group"))


def check_modem(reports: list[Report], want: dict[str, Any]) -> None:
    (report,) = reports
    said = report.to_json()
    assert said["type"] == ("call" if "number" in want else "text")
    assert {name: said.get(name) for name in ("number", "memory", "index") if name in want} == {
        name: want[name] for name in ("number", "memory", "index") if name in want
    }


def check_sentence(reports: list[Report], want: dict[str, Any]) -> None:
    (report,) = reports
    assert (report.type, report.to_json()["sentence"]) == ("message", want["type"])


CHECKS: tuple[tuple[str, str, str, Callable[[list[Report], dict[str, Any]], None]], ...] = (
    ("sms_at.jsonl", "SMS PDU", "sms-pdu", check_text),
    ("sms_at.jsonl", "AT modem", "at-modem", check_modem),
    ("receivers_other.jsonl", "Ademco 685", "ademco685", check_record),
    ("receivers_other.jsonl", "Congwin FE100", "fe100", check_record),
    ("nmea.jsonl", "NMEA 0183", "nmea", check_sentence),
)


def element(row: dict[str, Any]) -> tuple[object, object]:
    """What a part of a PDU reads as, and what it should."""
    data, want = bytes.fromhex(row["hex"]), row["expect"]
    if "gsm7_text" in want:
        return whole_septets_text(data), want["gsm7_text"]
    if "ucs2_text" in want:
        return ucs2_text(data), want["ucs2_text"]
    if "utc" in want:
        return same_time(read_time(data), {"scts_utc": want["utc"]}), True
    return same_number(read_address(data), want["number"]), True


if SHARED.exists():

    @pytest.mark.parametrize(("name", "family", "protocol", "check"), CHECKS, ids=[check[2] for check in CHECKS])
    def test_that_the_shared_vectors_decode_as_they_say(
        name: str, family: str, protocol: str, check: Callable[[list[Report], dict[str, Any]], None]
    ) -> None:
        rows = [row for row in read(SHARED / name) if row["protocol"].startswith(family)]
        assert len(rows) >= 2
        for row in rows:
            valid = row["expect"].get("valid", True)
            reports = codec_for(protocol, {"lenient": "1"} if valid == "lenient" else {}).feed(
                bytes.fromhex(row["hex"])
            )
            if valid is False:
                assert {report.type for report in reports} <= {"garbage"}, row
            else:
                check(reports, row["expect"])

    def test_that_the_shared_parts_of_texts_read_as_they_say() -> None:
        rows = [row for row in read(SHARED / "sms_at.jsonl") if not row["protocol"].startswith(("SMS PDU", "AT"))]
        assert len(rows) >= 10
        for row in rows:
            found, wanted = element(row)
            assert found == wanted, row
