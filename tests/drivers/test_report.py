"""A report: what is said and nothing else, never changed afterwards."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from drivers.report import Report


def test_that_a_report_holds_what_is_said_and_the_defaults_for_the_rest() -> None:
    report = Report("signal", b"raw", b"\x06", zone="001", panic=True)
    assert (report.type, report.raw, report.ack, report.zone, report.panic) == ("signal", b"raw", b"\x06", "001", True)
    assert (report.account, report.glued, report.more) == (None, False, None)
    assert report == Report(type="signal", raw=b"raw", ack=b"\x06", zone="001", panic=True)
    assert report != Report(type="signal", raw=b"raw", ack=b"\x06", zone="002", panic=True)
    assert replace(report, zone="002").zone == "002"
    assert all(hasattr(report, field.name) for field in fields(Report))


def test_that_a_report_refuses_what_it_has_no_name_for_and_is_never_changed() -> None:
    wrong: dict[str, Any] = {"zones": "001"}
    with pytest.raises(TypeError, match="a report has no zones"):
        Report(type="signal", raw=b"", **wrong)
    report = Report(type="signal", raw=b"")
    with pytest.raises(FrozenInstanceError):
        report.zone = "001"  # type: ignore[misc]
