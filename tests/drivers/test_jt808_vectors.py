"""Frames of JT/T 808 and 905 from other people's programs: our own copies always, the shared ones where they lie."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.protocols import codec_for
from drivers.report import Report
from tests.drivers.test_vectors import OWN, SHARED, read

FILES = ("jt808", "jt905")
FORMS = (None, "wire", "stream")
# Their name of a field -> ours.
PLACE = {
    "latitude": "lat",
    "longitude": "lon",
    "gps_fixed": "fix",
    "altitude_m": "altitude_m",
    "speed_kmh": "speed_kmh",
    "direction_deg": "heading_deg",
    "emergency_alarm": "emergency",
}
SAID = ("reply_serial", "result", "auth_code", "province", "city", "maker", "model", "terminal_id", "plate", "layout")


def own_vectors() -> list[Any]:
    return [
        pytest.param(protocol, row, id=f"{protocol}:{number}:{row['source'][:40]}")
        for protocol in FILES
        for number, row in enumerate(read(OWN / f"{protocol}.jsonl"), start=1)
    ]


@pytest.mark.parametrize(("protocol", "row"), own_vectors())
def test_that_our_vectors_decode_as_they_say(protocol: str, row: dict[str, Any]) -> None:
    codec = codec_for(protocol, {"lenient": "1"} if row.get("lenient") else {})
    shown = [report.to_json() for report in codec.feed(bytes.fromhex(row["hex"]))]
    wanted = row["expect"]["reports"]
    assert codec.pending == row["expect"]["pending"]
    assert [{key: report.get(key) for key in want} for report, want in zip(shown, wanted, strict=True)] == wanted


def test_that_a_check_byte_without_its_escape_is_for_lenient_lines_only() -> None:
    (row,) = (row for row in read(OWN / "jt808.jsonl") if row.get("lenient"))
    assert [report.type for report in codec_for("jt808").feed(bytes.fromhex(row["hex"]))] == ["garbage"]


def check_frame(reports: list[Report], want: dict[str, Any]) -> None:
    shown: list[dict[str, Any]] = [report.to_json() for report in reports]
    assert {row["msg_id"] for row in shown} == {int(want["msg_id"], 16)}
    assert want.get("platform_reply_hex", "") in "".join(row["ack_hex"] for row in shown)
    first = shown[0]
    assert {first["account"], first["phone"]} == {want.get("phone_bcd", first["phone"])}
    assert first["serial"] == want.get("serial", first["serial"])
    assert (first["version"] == 2019) is want.get("version_flag", first["version"] == 2019)
    for name in SAID:
        assert first.get(name) == want.get(name, first.get(name)), name
    for row, item in zip(shown, want.get("items", [want]), strict="items" in want):
        check_place(row, item)


def check_place(row: dict[str, Any], want: dict[str, Any]) -> None:
    if "lat_raw" in want:
        assert row["type"] == "position"
        for theirs, ours in PLACE.items():
            assert row.get(ours) == pytest.approx(want.get(theirs, row.get(ours)), abs=1e-5), ours
        assert row["alarm_flag"] == int(want.get("alarm_flag", hex(row["alarm_flag"])), 16)
        assert row["status_flag"] == int(want.get("status_flag", hex(row["status_flag"])), 16)
    if "time_gmt8" in want:
        assert row["device_time"] == want["time_gmt8"].replace(" ", "T") + "+08:00"
    if "extras" in want:
        assert row["tlvs"] == {key[2:].lower(): value for key, value in want["extras"]}


if SHARED.exists():

    def test_that_the_shared_vectors_decode_as_they_say() -> None:
        rows = [row for row in read(SHARED / "jt808.jsonl") if row.get("form") in FORMS]
        assert len(rows) > 100
        for row in rows:
            want = row["expect"]
            codec = codec_for(
                "jt905" if "905" in row["protocol"] else "jt808",
                {"lenient": "1"} if want.get("valid") == "lenient" else {},
            )
            reports = codec.feed(bytes.fromhex(row["hex"]))
            good = [report for report in reports if report.type != "garbage"]
            if row["form"] == "stream":
                assert ([report.raw.hex() for report in good], codec.pending) == (want["frames"], want["pending"])
            elif want["valid"]:
                assert len(good) == len(reports) > 0, row
                check_frame(good, want)
            else:
                assert not good, row
