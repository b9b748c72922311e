"""English beside Chinese: every text a window may show has its English, and finished sentences are recognised."""

import json
import re
from string import Formatter

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from console.commands import TABLE
from console.commands import english as english_table
from console.domain.unit import UnitStatus
from console.services import catalogue
from console.services.catalogue import Catalogue
from console.services.event_words import code_text
from tests.domain.test_plan import at, order, plan, scene, unit
from tests.widgets.chinese_texts import HANZI, missing
from widgets.language import change_language, load_language
from widgets.text import said

PROPER = re.compile(
    r"教育；120|漳州(市公安局)?|断网续接单.*|派单.*|维修单-.*|验收单-.*|.*(派|send) 巡05 0190.*|.*闽E12345.*"
)
"""Names and examples of what is typed stay Chinese within an English text."""


@pytest.fixture(scope="module")
def english() -> Catalogue:
    return catalogue.load("en")


def test_that_every_chinese_text_of_the_program_has_its_english() -> None:
    assert missing() == {}


def test_that_a_text_has_one_english_whoever_wrote_it_down() -> None:
    said: dict[str, set[str]] = {}
    for file in sorted((catalogue.FOLDER / "en").glob("*.json")):
        for source, target in json.loads(file.read_text(encoding="utf-8")).items():
            said.setdefault(source, set()).add(target)
    assert {source: targets for source, targets in said.items() if len(targets) > 1} == {}


def test_that_a_translation_has_the_places_of_its_source(english: Catalogue) -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, *_ in Formatter().parse(text) if name is not None}

    wrong = {source: english.entries[source] for source in english.entries if "{" in source}
    wrong = {source: target for source, target in wrong.items() if places(source) != places(target)}
    assert wrong == {}


def test_that_no_chinese_is_left_in_the_english(english: Catalogue) -> None:
    left = [text for text in english.entries.values() if HANZI.search(text) and not PROPER.fullmatch(text)]
    assert left == []


def test_that_every_command_is_understood_in_english() -> None:
    lines = {command.id: english_table.grammar(command) for command in TABLE if command.grammar}
    assert [command for command, line in lines.items() if not line or HANZI.search(line)] == []
    verbs = [english_table.verb(command) for command in TABLE if command.grammar]
    assert [verb for verb in verbs if verbs.count(verb) > 1] == []
    for command in TABLE:
        theirs = english_table.grammar(command).split()[1:]
        shapes = [("[" in word, word.count("|")) for word in theirs]
        assert shapes == [("[" in word, word.count("|")) for word in command.slots], command.id


def test_that_choices_typed_in_english_are_the_tables_own() -> None:
    command = english_table.find("callback")
    assert command is not None
    assert english_table.understood(command, ["Satisfied", "0190", "thanks"]) == ["满意", "0190", "thanks"]
    assert english_table.find("派") is None
    assert "send" in english_table.verbs()


def test_that_every_command_has_an_english_title(english: Catalogue) -> None:
    words = {word for command in TABLE for word in (command.title, command.group, command.hint) if word}
    assert [word for word in words if HANZI.search(english.said(word))] == []


@pytest.mark.parametrize(
    ("chinese", "expected"),
    [
        ("派警 巡05 → 0190 燃气泄漏（路网 3分05秒）", "Send 巡05 → 0190 Gas leak (road 3 min 05 s)"),
        ("不能办结：巡05尚未反馈；尚未回访", "Cannot close: 巡05 has not reported; the caller was not called back"),
        ("线路A1端口不存在：检查网络", "line A1 no such port: check the network"),
        ("一键报警 · 漳州市实验小学", "Panic alarm · 漳州市实验小学"),
        (
            "383 探测器防拆（故障） · 0004 交通违法（酒驾、违停等），误报",
            "383 Sensor Tamper · 0004 Traffic offence, False",
        ),
        ("待命 · 本警区", "Available · own beat"),
        ("不认识的命令：派井（是否 派、派警？）", "Unknown command: 派井 (did you mean 派、派警?)"),
    ],
)
def test_that_a_finished_sentence_is_recognised_with_what_stands_in_it(
    english: Catalogue, chinese: str, expected: str
) -> None:
    assert english.said(chinese) == expected


@pytest.mark.parametrize("status", UnitStatus)
def test_that_every_reason_of_a_plan_is_said_in_english(english: Catalogue, status: UnitStatus) -> None:
    told: set[str] = set()
    for priority in (1, 2, 3, 4):
        for other in (UnitStatus.AVAILABLE, UnitStatus.HANDLING, status):
            units = [unit("巡05", status=status, beat="05"), unit("巡06", status=other, beat="06")]
            positions = {"巡05": at("巡05", 900, age_s=500), "巡06": at("巡06", 300)}
            for orders, wave in (((), 0), ((), 2), ((), 3), ((order("巡05"),), 0)):
                made = plan(scene(priority=priority), units, positions, orders, wave=wave)
                for slot in made.slots:
                    told |= {*slot.reasons, *slot.costs, slot.warning, slot.expected_why_not}
                told.update(made.notes)
    left = {text: said for text in told if HANZI.search(re.sub("巡0[56]", "", said := english.said(text)))}
    assert left == {}


@pytest.mark.parametrize("told", ["未知事件 199", "199 未知事件 199", "设备故障 · 未知事件 1A9"])
def test_that_a_code_no_table_knows_is_said_in_english(english: Catalogue, told: str) -> None:
    assert not HANZI.search(english.said(told))
    assert code_text("199") == "未知事件 199"


def test_that_what_a_person_typed_is_not_taken_for_a_sentence(english: Catalogue) -> None:
    narrative = "有人在胜利路打架三天了"
    assert english.said(narrative) == narrative
    assert english.said(f"备注 0190 打架斗殴：{narrative}，误报") == f"Note 0190 Fight: {narrative}，误报"


def test_that_a_word_may_be_called_otherwise_in_one_place() -> None:
    texts = Catalogue({"移动": "Mobile", "MapPanel|移动": "Move"})
    assert (texts.said("移动"), texts.said("移动", "MapPanel"), texts.said("移动", "Roster")) == (
        "Mobile",
        "Move",
        "Mobile",
    )


def test_that_the_language_changes_at_run_time_and_back(app: QApplication) -> None:
    installed = load_language(app, "zh")
    assert QCoreApplication.translate("Strip", "确认接警") == "确认接警"
    installed = change_language(app, installed, "en")
    assert QCoreApplication.translate("Strip", "确认接警") == "Acknowledge"
    assert said("查无此警情：9999") == "No such incident: 9999"
    installed = change_language(app, installed, "zh")
    assert said("查无此警情：9999") == "查无此警情：9999"
    for translator in installed:
        app.removeTranslator(translator)
