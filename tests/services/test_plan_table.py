"""plans.json and reply_words.json: a county's slips are all named with their place, and nothing half-loaded is used."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.domain.errors import UserError
from console.domain.unit_words import Said, read_event, read_words
from console.services.reference import load
from resources import ROOT

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in (ROOT / "reference").glob("*.json"):
        shutil.copy(file, tmp_path)
    if (ROOT / "reference" / "protocols").is_dir():
        shutil.copytree(ROOT / "reference" / "protocols", tmp_path / "protocols")
    return tmp_path


def refusal(folder: Path, name: str, edit: Edit) -> str:
    file = folder / name
    said = json.loads(file.read_text("utf-8"))
    edit(said)
    file.write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    with pytest.raises(UserError) as refused:
        load(folder)
    return str(refused.value)


def first(said: dict[str, Any]) -> dict[str, Any]:
    plan: dict[str, Any] = said["plans"][0]
    return plan


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (lambda s: first(s).update(codes=["0777"]), "plans.json armed：编码 0777 不存在"),
        (lambda s: first(s).update(agencies=["nobody"]), "plans.json armed：联动单位 nobody 不存在"),
        (lambda s: first(s)["wants"][0].update(types=["骑警"]), "plans.json armed：警组类型 骑警 不存在"),
        (lambda s: first(s)["wants"][0].update(count=0), "plans.json armed：“处警组”的组数须在 1 到 20 之间"),
        (lambda s: first(s).update(codes=[]), "plans.json armed：须写明警情编码和第一梯次的警力"),
        (lambda s: first(s).update(colour="red"), "plans.json plans.0.colour"),
        (lambda s: s["plans"].pop(), "plans.json plans：须有一个通用方案"),
        (lambda s: s["plans"].append(first(s)), "plans.json plans：armed 出现 2 次"),
        (lambda s: s["waves"][1].update(number=5), "plans.json waves：梯次须从 1 起逐一编号"),
        (lambda s: s["waves"][1].update(wants=[]), "plans.json waves 2：没有写明警力"),
        (lambda s: s["neighbours"].update({"01": ["09"]}), "plans.json neighbours：01 与 09 须互为相邻警区"),
        (lambda s: s.update(shifts=["8点"]), "plans.json shifts：“8点”不是 08:00 这样的时刻"),
        (lambda s: s["telling"].update(receipt_s=0), "plans.json telling.receipt_s"),
    ],
)
def test_that_every_mistake_in_the_plans_is_named_with_its_place(folder: Path, edit: Edit, named: str) -> None:
    assert named in refusal(folder, "plans.json", edit)


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (lambda s: s["words"][0].update(says="fly"), "不认识的报备 fly"),
        (lambda s: s["words"][0]["words"].append("2"), "“2”出现 2 次"),
        (lambda s: s["words"][0].update(event=9), "事件号 9 出现 2 次"),
        (lambda s: s["words"][0].update(words=["已 收到"]), "用语不能为空，也不能含空格"),
    ],
)
def test_that_every_mistake_in_the_words_of_units_is_named(folder: Path, edit: Edit, named: str) -> None:
    assert named in refusal(folder, "reply_words.json", edit)


WORDS = load().reply_words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1", Said("sign")),
        (" 收到！", Said("sign")),
        ("２", Said("depart")),
        ("到场，两人受伤", Said("arrive", "两人受伤")),
        ("反馈已调解", Said("feedback", "已调解")),
        ("4 已调解", Said("feedback", "已调解")),
        ("反馈", None),
        ("4人受伤", None),
        ("到不了", None),
        ("19", None),
        ("请求增援", Said("15")),
        ("", None),
    ],
)
def test_that_a_word_counts_only_as_a_whole(text: str, said: Said | None) -> None:
    assert read_words(text, WORDS) == said


def test_that_an_event_that_needs_words_or_is_unknown_says_nothing() -> None:
    assert read_event(3, WORDS) == Said("arrive")
    assert read_event(4, WORDS) is None
    assert read_event(200, WORDS) is None
