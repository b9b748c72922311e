"""Facts about frames, one a line with its source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drivers.codec import codec_for

OWN = Path(__file__).parents[1] / "vectors"
PROTOCOL_OF_FILE = {"surgard.jsonl": "surgard", "contact_id.jsonl": "contact-id"}


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
    codec = codec_for(protocol, lenient=row.get("lenient", False))
    shown = [report.to_json() for report in codec.feed(bytes.fromhex(row["hex"]))]
    wanted = row["expect"]["reports"]
    assert codec.pending == row["expect"]["pending"]
    assert [{key: report.get(key) for key in want} for report, want in zip(shown, wanted, strict=True)] == wanted
    assert [report.get("glued", False) for report in shown] == [want.get("glued", False) for want in wanted]
