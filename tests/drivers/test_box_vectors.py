"""Facts about bus frames, USB reports and button boards: our own with their source, the shared ones where they lie."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.protocols import codec_for
from drivers.report import Report
from tests.drivers.test_vectors import OWN, SHARED, read

PROTOCOL_OF_FILE = {
    "modbus_rtu.jsonl": "modbus-rtu",
    "hid_button.jsonl": "hid-button",
    "line_button.jsonl": "line-button",
}


def own_vectors() -> list[Any]:
    return [
        pytest.param(protocol, row, id=f"{protocol}:{number}")
        for name, protocol in PROTOCOL_OF_FILE.items()
        for number, row in enumerate(read(OWN / name), start=1)
    ]


@pytest.mark.parametrize(("protocol", "row"), own_vectors())
def test_that_our_vectors_decode_as_they_say(protocol: str, row: dict[str, Any]) -> None:
    codec = codec_for(protocol, row.get("options", {}))
    shown = [report.to_json() for report in codec.feed(bytes.fromhex(row["hex"]))]
    wanted = row["expect"]["reports"]
    assert codec.pending == row["expect"]["pending"]
    assert [{key: report.get(key) for key in want} for report, want in zip(shown, wanted, strict=True)] == wanted


def listen(frame_hex: str) -> list[Report]:
    return codec_for("modbus-rtu").feed(bytes.fromhex(frame_hex))


def check_request(row: dict[str, Any]) -> None:
    want = row["expect"]
    (report,) = listen(row["hex"])
    said = report.more or {}
    assert (said["unit"], said["function"], said["address"]) == (
        want["unit"],
        want["request_function"],
        want["address"],
    )
    assert said.get("count", said.get("value")) == want["count_or_value"]


def check_response(row: dict[str, Any]) -> None:
    """A wrong answer is either no frame at all or, heard alone, a good frame that answers something else."""
    want = row["expect"]
    if want["response_valid"]:
        _request, response = listen(row["hex"] + want["response_hex"])
        said = response.more or {}
        assert (said["unit"], said["direction"]) == (want["unit"], "response")
        assert (said.get("coils"), said.get("registers")) == (want.get("bits"), want.get("registers"))
    else:
        heard = [report.more or {} for report in listen(want["response_hex"])]
        assert all(other.get("address") != want["address"] for other in heard)


def check_frame(row: dict[str, Any]) -> None:
    want = row["expect"]
    reports = listen(row["hex"])
    if not want["valid"]:
        assert {report.type for report in reports} <= {"garbage"}, row
        return
    (report,) = reports
    said: dict[str, object] = {"type": report.type, **(report.more or {})}
    assert said["type"] == "message"
    for name in ("unit", "function", "address", "count", "registers", "exception"):
        assert said.get(name) == want.get(name, said.get(name)), row
    if "bits" in want:
        assert said["coils"] == want["bits"]
    assert ("unit_broadcast" in want) <= (said["unit"] == 0)


if SHARED.exists():

    def test_that_the_shared_modbus_vectors_decode_as_they_say() -> None:
        rows = read(SHARED / "modbus_rtu.jsonl")
        frames = [row for row in rows if row["protocol"] == "Modbus RTU"]
        pairs = [row for row in rows if "pair" in row["protocol"]]
        assert (len(frames), len(pairs)) == (21, 29)
        for row in pairs:
            check_request(row)
            check_response(row)
        for row in frames:
            check_frame(row)

    def test_that_the_shared_usb_button_vectors_decode_as_they_say() -> None:
        events = {("signal", "new"): "press", ("signal", "restore"): "release", ("message", "status"): "lid_open"}
        rows = read(SHARED / "usb_hid.jsonl")
        assert len(rows) == 4
        for row in rows:
            want = row["expect"]
            first, *later = codec_for("hid-button").feed(bytes.fromhex(row["hex"]))
            said = first.more or {}
            # The first report tells how the button is found; what follows is what became of it.
            assert [events[report.type, str(report.qualifier)] for report in later] == want.get("events", [])
            for name in ("state", "direction"):
                assert said.get(name) == want.get(name, said.get(name))
