"""The validator of question protocols: each kind of mistake with its line; a county's folder over ours."""

import json
from pathlib import Path

import pytest

from console.__main__ import main
from console.services.protocols import FOLDER, Names, check, files_of, load_book
from console.services.reference import load, names

GOOD = """{
 "source": "本县指挥中心", "jurisdiction": "某县", "date": "2026-11-22", "draft": false,
 "id": "lost_pet", "title": {"zh": "宠物走失", "en": "Lost pet"},
 "codes": ["0599"],
 "questions": [
  {"id": "kind", "zh": "什么宠物？", "en": "Which pet?", "short": {"zh": "宠物", "en": "Pet"}, "type": "choice",
   "options": [{"value": "dog", "zh": "狗", "en": "dog"}, {"value": "cat", "zh": "猫", "en": "cat"}],
   "effects": [{"is": ["dog"], "raises_to": 3, "units": ["派出所"], "agencies": ["urban_mgmt"]}]},
  {"id": "bites", "zh": "咬人吗？", "en": "Does it bite?", "short": {"zh": "咬人", "en": "Bites"}, "type": "yes_no",
   "ask_if": [{"question": "kind", "is": ["dog"]}],
   "effects": [{"is": ["yes"], "raises_to": 2, "notify": ["duty_chief"], "warn": {"zh": "带网兜", "en": "A net"}}]},
  {"use": "s_injured"}
 ],
 "instructions": [{"zh": "不要追赶。", "en": "Do not chase.", "if": [{"question": "kind", "is": ["dog"]}]}],
 "checklist": [{"zh": "带网兜", "en": "Bring a net", "for": "unit"}]
}
"""


@pytest.fixture(scope="module")
def known() -> Names:
    return names(load())


def faults(known: Names, folder: Path, text: str) -> list[str]:
    file = folder / "lost_pet.json"
    file.write_text(text, "utf-8")
    return [f"{fault.line}: {fault.why}" for fault in check(files_of(FOLDER), [file], known).faults]


def test_that_a_right_file_has_no_faults_and_is_asked_for_its_code(known: Names, tmp_path: Path) -> None:
    (tmp_path / "lost_pet.json").write_text(GOOD, "utf-8")
    found = load_book(known, tmp_path)
    assert found.faults == ()
    protocol = found.book.for_code("0599")
    assert protocol is not None
    assert [q.id for q in protocol.questions if not q.id.startswith("c_")] == [
        "lost_pet.kind", "lost_pet.bites", "s_injured",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('"0599"', '"7777"', "4: 警情编码“7777”不存在"),
        ('"0599"', '"0104"', "4: 编码“0104”已归 theft.json"),
        ('"urban_mgmt"', '"pets"', "8: 联动单位“pets”不存在"),
        ('"urban_mgmt"', '"police"', "8: 联动单位“police”不存在"),
        ('"派出所"', '"飞虎队"', "8: 警组类型“飞虎队”不存在"),
        ('"duty_chief"', '"mayor"', "11: 岗位“mayor”不存在"),
        ('"is": ["dog"], "raises_to"', '"is": ["cow"], "raises_to"', "8: “kind”没有选项“cow”"),
        ('"is": ["yes"]', '"is": ["true"]', "11: “bites”没有选项“true”"),
        ('"is": ["yes"]', '"at_least": 3', "11: “bites”不是数字题，不能用 at_least"),
        ('"is": ["yes"]', '"is": ["yes"], "given": true', "11: is、is_not、at_least、at_most、given 须有且只有一项"),
        ('[{"question": "kind", "is": ["dog"]}],\n', '[{"question": "kid", "is": ["dog"]}],\n', "10: 没有问题“kid”"),
        ('[{"question": "kind", "is": ["dog"]}],\n', '[{"question": "bites", "is": ["yes"]}],\n',
         "10: ask_if 成环：bites → bites"),
        ('[{"question": "kind", "is": ["dog"]}],\n', '[{"question": "s_injured", "is": ["minor"]}],\n',
         "10: “s_injured”排在“bites”之后，须放到前面"),
        ('"raises_to": 2', '"raises_to": 9', "11: “raises_to”写作 1, 2, 3 或 4，不能是 9"),
        ('"raises_to": 2', '"raise_to": 2', "11: 不认识的项“raise_to”"),
        ('"en": "Which pet?", ', "", "6: 缺少“en”"),
        ('"Does it bite?"', '""', "9: “en”不能为空"),
        ('"type": "yes_no"', '"type": "maybe"', "9: “type”写作"),
        ('"type": "yes_no"', '"type": "choice"', "9: “bites”是选择题，须有 options"),
        ('"type": "choice"', '"type": "text"', "7: “kind”的类型 text 不带 options"),
        ('"value": "cat"', '"value": "dog"', "7: 选项“dog”重复"),
        ('"value": "cat"', '"value": "Cat"', "7: “value”的写法不对：Cat"),
        ('"id": "bites"', '"id": "kind"', "9: 问题编号“kind”重复"),
        ('"id": "bites"', '"id": "s_bites"', "9: 编号“s_bites”不能以 c_ 或 s_ 开头"),
        ('"use": "s_injured"', '"use": "s_hurt"', "12: 没有共用问题“s_hurt”"),
        ('"for": "unit"', '"for": "units"', "15: “for”写作 'unit' 或 'desk'，不能是 'units'"),
        ('"date": "2026-11-22"', '"date": "昨天"', "2: “date”的写法不对：昨天"),
        ('"draft": false', '"draft": false, "draft": true', "2: “draft”写了两次"),
        ('"checklist"', "checklist", "15: 不是有效的 JSON"),
    ],
)  # fmt: skip
def test_that_each_mistake_is_named_with_its_line(
    known: Names, tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    assert right in GOOD
    found = faults(known, tmp_path, GOOD.replace(right, wrong, 1))
    assert any(said.startswith(told) for said in found), found


def test_that_all_mistakes_are_named_at_once_in_the_order_of_their_lines(known: Names, tmp_path: Path) -> None:
    wrong = GOOD.replace('"Lost pet"', '""').replace('"0599"', '"7777"').replace('"raises_to": 2', '"raises_to": 9')
    assert [said.split(":")[0] for said in faults(known, tmp_path, wrong)] == ["3", "4", "11"]


def test_that_questions_that_wait_for_each_other_are_named_as_a_circle(known: Names, tmp_path: Path) -> None:
    form = json.loads(GOOD)
    form["questions"][0]["ask_if"] = [{"question": "bites", "is": ["yes"]}]
    found = faults(known, tmp_path, json.dumps(form, ensure_ascii=False, indent=1))
    assert any("ask_if 成环：kind → bites → kind" in said for said in found)


def test_that_more_options_than_digits_are_refused(known: Names, tmp_path: Path) -> None:
    form = json.loads(GOOD)
    form["questions"][0]["options"] += [{"value": f"p{n}", "zh": f"{n}", "en": f"{n}"} for n in range(8)]
    assert any("多于 9 个" in said for said in faults(known, tmp_path, json.dumps(form)))


def test_that_a_county_replaces_a_protocol_and_a_common_question_by_their_ids(known: Names, tmp_path: Path) -> None:
    theft = json.loads((FOLDER / "theft.json").read_text("utf-8"))
    theft["title"]["zh"] = "盗窃（本县）"
    (tmp_path / "theft.json").write_text(json.dumps(theft, ensure_ascii=False), "utf-8")
    common = json.loads((FOLDER / "common.json").read_text("utf-8"))
    where = {**common["common"][0], "zh": "在哪个村组？"}
    own = {key: common[key] for key in ("source", "jurisdiction", "date", "draft")}
    (tmp_path / "common.json").write_text(json.dumps({**own, "common": [where]}, ensure_ascii=False), "utf-8")
    found = load_book(known, tmp_path)
    assert found.faults == ()
    assert found.book.protocols["theft"].title.zh == "盗窃（本县）"
    fight = found.book.protocols["fight_assault"]
    assert fight.questions[0].text.zh == "在哪个村组？"
    assert fight.question("s_weapon") is not None


def test_that_a_countys_file_with_a_mistake_is_left_out_and_told_and_ours_still_asks(
    known: Names, tmp_path: Path
) -> None:
    (tmp_path / "theft.json").write_text(GOOD.replace('"lost_pet"', '"theft"').replace('"0599"', '"7777"'), "utf-8")
    found = load_book(known, tmp_path)
    assert found.book.protocols["theft"].title.zh == "盗窃"
    assert len(found.book.faults) == 1
    assert "theft.json:4: 警情编码“7777”不存在" in found.book.faults[0]


def test_that_an_empty_folder_and_a_missing_one_are_told(known: Names, tmp_path: Path) -> None:
    assert "没有 JSON 文件" in load_book(known, tmp_path / "nowhere").book.faults[0]


def test_that_every_shipped_protocol_names_its_source_and_that_it_is_a_draft() -> None:
    book = load().protocols
    assert len(book.protocols) >= 19
    assert all(p.source and p.jurisdiction and p.date and p.draft for p in book.protocols.values())


def test_that_the_command_prints_every_mistake_and_exits_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["protocols", "check"]) == 0
    file = tmp_path / "lost_pet.json"
    file.write_text(GOOD.replace('"0599"', '"7777"').replace('"urban_mgmt"', '"pets"'), "utf-8")
    capsys.readouterr()
    assert main(["protocols", "check", str(file)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out == [f"{file}:4: 警情编码“7777”不存在", f"{file}:8: 联动单位“pets”不存在"]
