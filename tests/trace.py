"""`python -m tests.trace [--json]`: which rows of the founding documents are proven by a test, and which are open.

Read from the sources (AST), so it is fast and runs no test. A row counts as proven when a test, one of its
parameters, its class or its module carries `pytest.mark.requirement("Z3-12")`. Exit 1 if a marked id is no row.
"""

import ast
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from resources import ROOT

TESTS = Path(__file__).parent
DOCUMENTS = {
    "Z0": "“漳州110”发展促进条例",
    "Z1": "漳平市110社会联动工作机制",
    "Z2": "新时代“漳州110”与推进公安工作现代化的实践与思考",
    "Z3": "潢川县110社会服务联动工作规范",
    "Z4": "安阳市市域社会治理促进条例（征求意见稿）",
}
OUT_OF_SCOPE = "-"


@dataclass(frozen=True, slots=True)
class Mark:
    """One id on one test: where it stands."""

    id: str
    place: str


def marks(folder: Path = TESTS) -> list[Mark]:
    """Every marked id in the test sources below a folder, in the order of files and lines."""
    found: list[Mark] = []
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"), str(path))
        found.extend(_marks_in(tree, path.relative_to(folder).as_posix()))
    return found


def _marks_in(tree: ast.Module, file: str) -> Iterator[Mark]:
    """Marks on functions, classes and their methods, on parameters, and those a module gives all its tests."""
    for statement in tree.body:
        name = getattr(statement, "name", "")
        for node in ast.walk(statement):
            yield from _ids(node, f"{file}::{name}" if name else file)


def _ids(node: ast.AST, place: str) -> Iterator[Mark]:
    """The ids of one `pytest.mark.requirement(...)` call; nothing for any other node."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return
    if node.func.attr == "requirement":
        for argument in node.args:
            if isinstance(argument, ast.Constant):
                yield Mark(str(argument.value), place)


def rows(path: Path | None = None) -> list[dict[str, str]]:
    """The rows of the founding documents, in their order."""
    content = json.loads((path or ROOT / "requirements.json").read_text("utf-8"))
    return list(content["rows"])


def report(listed: Sequence[Mapping[str, str]], marked: Sequence[Mark]) -> dict[str, object]:
    """Proven and open rows per document with the tests that prove them, and marked ids that are no row."""
    tests: dict[str, list[str]] = {}
    for mark in marked:
        tests.setdefault(mark.id, []).append(mark.place)
    known = {row["id"] for row in listed}
    wanted = [row for row in listed if row["priority"] != OUT_OF_SCOPE]
    documents = {
        key: {
            "title": title,
            "proven": {r["id"]: tests[r["id"]] for r in wanted if _of(r, key) and r["id"] in tests},
            "open": {r["id"]: r["console_must"] for r in wanted if _of(r, key) and r["id"] not in tests},
            "out_of_scope": [r["id"] for r in listed if _of(r, key) and r["priority"] == OUT_OF_SCOPE],
        }
        for key, title in DOCUMENTS.items()
    }
    unknown = {mark.id: mark.place for mark in marked if mark.id not in known}
    return {"documents": documents, "unknown": unknown}


def _of(row: Mapping[str, str], document: str) -> bool:
    return row["id"].startswith(document + "-")


def _lines(result: Mapping[str, object], listed: Sequence[Mapping[str, str]]) -> Iterator[str]:
    level = {row["id"]: row["priority"] for row in listed}
    documents = result["documents"]
    assert isinstance(documents, dict)
    for key, part in documents.items():
        proven, still = part["proven"], part["open"]
        must = sum(level[id_] == "M" for id_ in still)
        outside = len(part["out_of_scope"])
        counts = f"已证 {len(proven)}，未证 {len(still)}（必须 {must}），不涉及 {outside}"
        yield f"{key} {part['title']}：{counts}"
        yield from (f"  ✓ {id_} {', '.join(places)}" for id_, places in proven.items())
        yield from (f"  · {id_} [{level[id_]}] {text}" for id_, text in still.items())
    proven_all = sum(len(part["proven"]) for part in documents.values())
    open_all = sum(len(part["open"]) for part in documents.values())
    yield f"合计：已证 {proven_all}，未证 {open_all}，共 {len(listed)} 条"


def main(arguments: Sequence[str]) -> int:
    """Print the report; 1 if a test marks an id that is no row, 2 for a wrong argument."""
    if set(arguments) - {"--json"}:
        sys.stderr.write("usage: python -m tests.trace [--json]\n")
        return 2
    listed = rows()
    result = report(listed, marks())
    text = json.dumps(result, ensure_ascii=False) if arguments else "\n".join(_lines(result, listed))
    sys.stdout.write(text + "\n")
    unknown = result["unknown"]
    assert isinstance(unknown, dict)
    for id_, place in unknown.items():
        sys.stderr.write(f"{place} marks {id_}, which is no row of requirements.json\n")
    return 1 if unknown else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
