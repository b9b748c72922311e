"""What the shared vectors of the SIA family say, and how our reports must agree with it."""

from __future__ import annotations

from typing import Any

from drivers.report import Report

QUALIFIERS = {1: "new", 3: "restore", 6: "status"}
FORMS = (None, "wire", "wire-binary-crc", "stream")
FILES = ("sia_dc03.jsonl", "sia_dc09.jsonl", "receivers_other.jsonl")


def protocol_of(row: dict[str, Any]) -> str:
    """The codec for a row, "" for none of this family."""
    name = row["protocol"]
    if row.get("form") not in FORMS:
        return ""
    if name.startswith("SIA DC-09"):
        return "sia-dc09"
    if name.startswith("SIA DC-03"):
        return "galaxy" if "binary" in name else "sia-dc03"
    return ""


def options_of(row: dict[str, Any]) -> dict[str, str]:
    """How the line of a row is set."""
    options = {"judge_time": "0"}
    if row["expect"].get("valid") == "lenient":
        options["lenient"] = "1"
    return options | ({"key": row["aes_key_hex"]} if "aes_key_hex" in row else {})


def check(protocol: str, reports: list[Report], pending: int, row: dict[str, Any]) -> None:
    """Fail unless the reports say what the row says."""
    want = row["expect"]
    if want.get("valid") is False:
        assert {report.type for report in reports} == {"garbage"}, row
    elif "frames" in want:
        _check_stream(reports, pending, want)
    else:
        (report,) = reports
        said = report.to_json()
        {"sia-dc03": _check_text, "galaxy": _check_block, "sia-dc09": _check_frame}[protocol](said, want)


def _check_stream(reports: list[Report], pending: int, want: dict[str, Any]) -> None:
    frames = [report.raw.hex() for report in reports if report.type == "signal"]
    assert frames == (want["frames"] or [])
    assert (pending > 0) == want.get("need_more", False)
    noise = b"".join(report.raw for report in reports if report.type == "garbage")
    assert len(noise) == want.get("discarded_prefix", 0)


def _check_text(said: dict[str, Any], want: dict[str, Any]) -> None:
    (event,) = want["events"]
    assert said.get("account") == want["account"]
    assert (said["sia_code"], said.get("zone", "")) == (event["code"], event.get("address", ""))
    assert said["extended"].get("text") == event.get("text")
    assert (said["block"], said["modifiers"]) == (want["block"], want.get("modifiers", {}))


def _check_block(said: dict[str, Any], want: dict[str, Any]) -> None:
    assert {name: said[name] for name in want if name != "valid"} == {
        name: value for name, value in want.items() if name != "valid"
    }


def _check_frame(said: dict[str, Any], want: dict[str, Any]) -> None:
    names = {"line_prefix": "receiver_line", "event": "event_code"}
    for name in ("id", "encrypted", "sequence", "receiver", "inner_account", "partition", "zone", "event"):
        assert name not in want or said.get(names.get(name, name)) == want[name], name
    if "line_prefix" in want:
        assert said.get("receiver_line") == want["line_prefix"]
    if "key" in want:
        assert (said["type"], said["account"], said["ack_hex"]) == ("message", want["account"], "")
        return
    for name in ("data", "xdata", "timestamp"):
        assert name not in want or said.get(name) == want[name], name
    if want.get("account") or said["type"] != "signal":
        assert said.get("account") == want.get("account")
    if "qualifier" in want:
        assert said["qualifier"] == QUALIFIERS[want["qualifier"]]
    _check_event(said, want)


def _check_event(said: dict[str, Any], want: dict[str, Any]) -> None:
    cid, sia = want.get("cid"), want.get("sia")
    if cid:
        found = (said["qualifier"], said["event_code"], said["partition"], said["zone"])
        assert found == (QUALIFIERS[cid["qualifier"]], cid["event"], cid["partition"], cid["zone"])
    if sia:
        found_text = (said["sia_code"], said.get("partition"), said.get("zone"), said["extended"].get("text"))
        assert found_text == (sia["code"], sia.get("area"), sia.get("address"), sia.get("ascii_text"))
