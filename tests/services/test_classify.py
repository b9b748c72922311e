"""The object behind `python -m console classify --json`."""

import json

from console.services.classify import classify_lines
from console.services.reference import load


def test_that_each_line_gives_one_object_with_the_contracts_fields() -> None:
    lines = list(classify_lines(["楼道里有煤气味\n", "\n", "路灯不亮\n"], load()))
    assert [line["route"] for line in lines] == ["B", None, "C"]
    for line in lines:
        assert {"codes", "agencies", "route", "priority", "words", "articles"} <= line.keys()
    assert lines[0]["words"] == [
        {"word": "煤气味", "start": 4, "code": "050301", "agency": "gas_supply"},
    ]
    assert json.loads(json.dumps(lines, ensure_ascii=False)) == lines
