"""The table of desk commands: unique, complete, and never fooled by a typing slip."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.commands import BY_ID, BY_VERB, TABLE, Context, Focus, interpret
from console.commands.card import hints, key_card_markdown
from console.commands.completion import SLOTS, complete
from console.commands.seen import Seen
from console.domain.alarm import Alarm, AlarmState
from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.facts import AlarmPressedAgain, AlarmRaised, Fact, IncidentOpened, UnitRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.domain.plan import Proposal, propose
from console.domain.recommend import Candidate, recommend
from console.domain.state import KINDS, MemoryState
from console.domain.unit import UnitStatus
from console.services.desk import Desk
from console.services.queue_filter import QueueFilter
from tests.support import ALL, EVENING, make_desk, tell
from tests.widgets.evening import GAS, play


@dataclass
class PaperSurface:
    """A window that only writes down what it was asked."""

    asked: list[tuple[object, ...]] = field(default_factory=list)

    def new_incident(self) -> None:
        self.asked.append(("new",))

    def return_call(self) -> None:
        self.asked.append(("return call",))

    def show_incident(self, number: str) -> None:
        self.asked.append(("show", number))

    def offer_linkage(self, number: str, agencies: tuple[str, ...]) -> None:
        self.asked.append(("linkage", number, agencies))

    def show_plan(self, number: str, wave: int) -> None:
        self.asked.append(("plan", number, wave))

    def choose_agency(self) -> None:
        self.asked.append(("choose agency",))

    def choose_main_incident(self) -> None:
        self.asked.append(("choose main",))

    def test_sound(self) -> None:
        self.asked.append(("sound",))

    def move_pane(self, name: str) -> None:
        self.asked.append(("pane", name))

    def reset_layout(self) -> None:
        self.asked.append(("reset layout",))

    def undo_layout(self) -> None:
        self.asked.append(("undo layout",))

    def map_back(self) -> None:
        self.asked.append(("map back",))

    def take_duplicate(self, place: int) -> None:
        self.asked.append(("duplicate", place))

    def show_questions(self, *, back: bool = False) -> None:
        self.asked.append(("questions", back))

    def change_language(self, language: str) -> None:
        self.asked.append(("language", language))

    def focus_command_line(self) -> None:
        self.asked.append(("command line",))

    def focus_search(self) -> None:
        self.asked.append(("search",))

    def find(self, text: str) -> None:
        self.asked.append(("find", text))

    def narrow_queue(self, only: QueueFilter | None) -> None:
        self.asked.append(("narrow", only))

    def dress_queue(self, look: str) -> None:
        self.asked.append(("dress", look))

    def show_tab(self, tab: str) -> None:
        self.asked.append(("tab", tab))

    def turn_queue(self, by: int) -> None:
        self.asked.append(("turn", by))

    def show_key_card(self) -> None:
        self.asked.append(("key card",))

    def begin_line(self, text: str) -> None:
        self.asked.append(("line", text))

    def show_seats(self) -> None:
        self.asked.append(("seats",))

    def lock(self) -> None:
        self.asked.append(("lock",))

    def hand_over(self) -> None:
        self.asked.append(("hand over",))

    def sign_off(self) -> None:
        self.asked.append(("sign off",))

    def show_approvals(self) -> None:
        self.asked.append(("approvals",))

    def show_bulletins(self, kind: str, text: str) -> None:
        self.asked.append(("bulletins", kind, text))

    def declare_major(self, number: str, reason: str) -> None:
        self.asked.append(("major", number, reason))

    def show_technical(self) -> None:
        self.asked.append(("technical",))

    def show_site(self, site: str) -> None:
        self.asked.append(("site", site))

    def register_alarm(self, alarm: str) -> None:
        self.asked.append(("register", alarm))

    def reveal(self, number: str, reason: str) -> None:
        self.asked.append(("reveal", number, reason))

    async def print_slip(self, handoff: str) -> str:
        self.asked.append(("slip", handoff))
        return "slip.pdf"

    async def print_sheet(self) -> str:
        self.asked.append(("sheet",))
        return "sheet.pdf"


def context_on(desk: Desk, surface: PaperSurface | None = None, **focus: Any) -> Context:
    """The call-taker looks at the gas leak; the recommendation is the domain's own."""

    def ranked(number: str) -> Sequence[Candidate]:
        incident = desk.picture.state.get(Incident, number)
        return recommend(incident, desk.picture.units(), desk.picture.positions, desk.clock()) if incident else []

    def best(number: str) -> Candidate | None:
        found = ranked(number)
        return found[0] if found and not found[0].why_not else None

    def plan(number: str, wave: int) -> Proposal | None:
        incident, picture = desk.picture.state.get(Incident, number), desk.picture
        if incident is None:
            return None
        return propose(incident, ranked(number), picture.orders(number), desk.reference.plans, desk.clock(), wave=wave)

    chosen = {
        "plan": plan,
        "incident": GAS,
        "suggested": ("gas_supply", "fire_rescue", "ems_120"),
        "best": best,
        "ranked": ranked,
    }
    return Context(desk=desk, focus=Focus(**{**chosen, **focus}), surface=surface or PaperSurface())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    desk = make_desk(clock)
    play(desk)
    return desk


@pytest.fixture
def context(desk: Desk) -> Context:
    return context_on(desk)


def add_incident(desk: Desk, number: str, **fields: Any) -> None:
    record = Incident(number=number, place="某处", created_at=EVENING, **{"state": IncidentState.INTAKE, **fields})
    tell(desk, IncidentOpened(incident=number, record=record))


def add_unit(desk: Desk, call_sign: str) -> None:
    unit = desk.picture.units()[0]
    tell(desk, UnitRegistered(unit=type(unit)(id=call_sign, status=UnitStatus.AVAILABLE, status_since=EVENING)))


def refusal(context: Context, line: str) -> str:
    with pytest.raises(UserError) as refused:
        interpret(context, line)
    return str(refused.value)


# -- the table -----------------------------------------------------------------------------------------------


def test_that_ids_verbs_and_keys_are_each_used_once() -> None:
    verbs = [verb for command in TABLE for verb in command.verbs]
    keys = [key for command in TABLE for key in command.keys]
    assert len(BY_ID) == len(TABLE)
    assert len(set(verbs)) == len(verbs) == len(BY_VERB)
    assert len(set(keys)) == len(keys)


def test_that_every_command_can_be_reached_and_its_grammar_is_understood() -> None:
    for command in TABLE:
        assert command.keys or command.verbs, command.id
        assert bool(command.verbs) == bool(command.grammar), command.id
        if command.verbs:
            assert command.grammar.split()[0] == command.verbs[0]
        for slot in command.slots:
            kind = slot.strip("[]")
            assert "|" in kind or kind in SLOTS, f"{command.id}: {slot}"


def test_that_keys_which_type_a_sign_are_none_but_the_question_mark_and_f10_stays_the_systems() -> None:
    for key in (key for command in TABLE for key in command.keys):
        assert key == "?" or re.fullmatch(r"(Shift\+)?F\d+|(Ctrl|Alt)\+.+", key), key
        assert "F10" not in key


def test_that_the_key_card_shows_every_key_verb_and_grammar() -> None:
    card = key_card_markdown()
    for command in TABLE:
        assert command.title in card
        assert command.grammar.replace("|", "\\|") in card
        for word in (*command.keys, *command.verbs):
            assert word.replace("+", " ") in card


def test_that_the_hints_are_those_of_the_picture() -> None:
    assert hints() == [
        ("F1", "确认"),
        ("F2", "派警"),
        ("F5–F8", "联动"),
        ("Ctrl K", "命令"),
        ("Ctrl F", "查询"),
        ("?", "键位"),
    ]


# -- what a line means ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "派 巡05 0190",
        "派警 巡05",
        "派 0190 巡05",
        "派巡05 0190",
        "派警巡05 0190",
        "派　巡０５　０１９０",
        "派 x05 190",
        "派 X05 0190",
        "派 巡5 190",
        "派 巡05 1121-0190",
        "派 巡05 zz20261121-0190",
        "  派   巡05   0190  ",
    ],
)
async def test_that_every_way_to_write_it_sends_05_to_0190(context: Context, line: str) -> None:
    prepared = interpret(context, line)
    assert prepared.echo.startswith("派警 巡05 → 0190 燃气泄漏（直线 ")
    assert set(prepared.about) == {GAS, "巡05"}
    assert await prepared.deed() == "已派 巡05 → 0190 燃气泄漏"
    assert [order.unit for order in context.desk.picture.orders(GAS)] == ["巡05"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "请输入命令"),
        ("派", "请写明呼号"),
        ("派 0190", "查无此警组"),
        ("派 巡1 0190", "可能是 巡01、巡10"),
        ("派 巡0 0190", "可能是"),
        ("派 巡015 0190", "查无此警组"),
        ("派 巡99 0190", "查无此警组"),
        ("派 j01 0190", "可能是 交01、机01、检01"),
        ("派 巡05 9999", "查无此警情：9999"),
        ("派 巡05 019O", "看不懂警情号：019O"),
        ("派 巡05 巡06 0190", "一次派一个警组"),
        ("派 巡03 0190", "不能派警"),
        ("转派巡05 0190", "不认识的命令"),
        ("派遣 巡05 0190", "不认识的命令"),
        ("备注家属到场", "不认识的命令"),
        ("poi 巡05", "不认识的命令"),
        ("撤", "请写明呼号"),
        ("撤 训05 不需要", "查无此警组"),
        ("无效 019O 误拨", "看不懂警情号"),
        ("无效 190 误拨", "请写 0190"),
        ("退 3 楼不对", "请以文字开头"),
        ("结 消防", "看不懂：消防"),
        ("联", "请写明联动单位"),
        ("联 xf", "可能是 消防、信访"),
        ("联 公安", "可能是 铁路公安"),
        ("联 电", "可能是"),
        ("联 消方", "是否 消防"),
        ("联 消防 0190 请快", "看不懂：请快"),
        ("代录 消防 到 0190", "代录 单位 送达|签收"),
        ("代录 消防 到场", "没有在办派单"),
        ("级 五", "级 一|二|三|四"),
        ("级 四", "降级理由"),
        ("状态 巡05 睡觉", "请写明勤务状态"),
        ("状态 巡05 到场", "由派警单报备"),
        ("改派 巡02 0190 更近", "只有一级警情可以改派"),
        ("结", "不能办结"),
        ("误报", "当前没有一键报警"),
        ("到场", "该警情上没有警组"),
        ("到场 巡05", "没有在办派警单"),
        ("新 0190", "看不懂：0190"),
        ("核实 电话", "没有一键报警"),
    ],
)
def test_that_what_is_not_unmistakable_does_nothing_and_says_why(desk: Desk, line: str, said: str) -> None:
    context = context_on(desk)
    assert said in refusal(context, line)
    assert not context.desk.picture.orders(GAS)


def test_that_a_short_call_sign_counts_only_while_no_other_unit_could_be_meant(desk: Desk) -> None:
    context = context_on(desk)
    assert interpret(context, "派 水 0190").echo.startswith("派警 水01")
    assert interpret(context, "派 巡5 0190").echo.startswith("派警 巡05")
    add_unit(desk, "巡51")
    assert "可能是 巡05、巡51" in refusal(context, "派 巡5 0190")


def test_that_a_short_number_of_two_open_days_must_be_written_with_its_day(desk: Desk) -> None:
    add_incident(desk, "ZZ20261120-0190", title="噪音")
    context = context_on(desk, incident="")
    said = refusal(context, "派 巡05 0190")
    assert "ZZ20261120-0190 噪音" in said
    assert "ZZ20261121-0190 燃气泄漏" in said
    assert interpret(context, "派 巡05 1120-0190").echo.startswith("派警 巡05 → 0190 噪音")


def test_that_an_open_incident_is_meant_before_a_closed_one_and_reopening_means_the_closed_one(desk: Desk) -> None:
    add_incident(desk, "ZZ20261120-0190", title="噪音", state=IncidentState.CLOSED)
    context = context_on(desk, incident="")
    assert "燃气泄漏" in interpret(context, "派 巡05 0190").echo
    assert interpret(context, "重启 0190 又报").echo == "重启 0190 噪音：又报"


@pytest.mark.parametrize("word", ["L03-07", "l03-07", "Ｌ03－07", "ZZ20261121-L03-07"])
def test_that_an_incident_is_found_by_the_number_it_had_while_the_journal_was_away(desk: Desk, word: str) -> None:
    add_incident(desk, "ZZ20261121-0300", alias="ZZ20261121-L03-07", title="盗窃")
    assert interpret(context_on(desk), f"派 巡05 {word}").echo.startswith("派警 巡05 → 0300 盗窃")


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("联 消防 0190", "fire_rescue"),
        ("联 0190 消防", "fire_rescue"),
        ("联 119 0190", "fire_rescue"),
        ("联119 0190", "fire_rescue"),
        ("联 120", "ems_120"),
        ("联120", "ems_120"),
        ("联 １２０ ０１９０", "ems_120"),
        ("联 12345", "hotline_12345"),
        ("联动 急救", "ems_120"),
        ("联 gsjj", "highway_police"),
        ("联 煤气公司", "gas_supply"),
    ],
)
async def test_that_an_agency_is_sent_by_name_number_former_name_or_own_initials(
    context: Context, line: str, agency: str
) -> None:
    await interpret(context, line).deed()
    assert [handoff.agency for handoff in context.desk.picture.handoffs(GAS)] == [agency]


async def test_that_a_second_press_of_f2_sends_no_second_unit(context: Context) -> None:
    dispatch = BY_ID["alarm.dispatch"]
    sent = await dispatch.prepare(context, ()).deed()
    unit = context.desk.picture.orders(GAS)[0].unit
    assert sent == f"已派 {unit} → 0190 燃气泄漏"
    with pytest.raises(UserError, match=f"已派 {unit}"):
        dispatch.prepare(context, ())


def test_that_a_verdict_is_on_the_alarm_worked_on_and_not_on_the_one_that_just_rang(desk: Desk) -> None:
    context = context_on(desk, incident="ZZ20261121-0193", alarm="alarm-0194")
    assert interpret(context, "误报 误按").about == ("alarm-0193",)
    assert interpret(context, "确认").about == ("alarm-0194",)


def test_that_an_acknowledged_alarm_chosen_earlier_draws_no_unit_away_from_the_selected_incident(desk: Desk) -> None:
    context = context_on(desk, alarm="alarm-0193")
    alarm = desk.picture.state.get(Alarm, "alarm-0193")
    assert alarm is not None
    assert alarm.state is AlarmState.ACKNOWLEDGED
    assert "→ 0190 燃气泄漏" in BY_ID["alarm.dispatch"].prepare(context, ()).echo


# -- completion ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("p", ["派"]),
        ("派 x05", ["巡05"]),
        ("派x05", ["巡05"]),
        ("派 巡05 19", ["0192", "0191", "0190"]),
        ("联 xf", ["消防", "信访"]),
        ("代录 消防 d", ["到场"]),
        ("回访 b", ["不满意", "不愿回访"]),
        ("状态 巡05 车", ["车巡"]),
        ("派 巡05 0190", []),
        ("", []),
        ("备注 家属", []),
    ],
)
def test_that_completion_offers(context: Context, line: str, words: list[str]) -> None:
    offered = [completion.word for completion in complete(context, line)]
    assert [word for word in offered if word in words] == words
    assert bool(offered) == bool(words)


def test_that_units_are_offered_in_the_order_of_the_recommendation(context: Context) -> None:
    offered = [completion.word for completion in complete(context, "派 ")]
    assert offered == [candidate.unit.id for candidate in context.focus.ranked(GAS)][: len(offered)]
    assert complete(context, "派 ")[0].line == f"派 {offered[0]} "


def test_that_a_completed_line_means_the_word_that_was_offered(context: Context) -> None:
    fire = next(c for c in complete(context, "联 xf") if c.word == "消防")
    assert interpret(context, fire.line).echo.startswith("联动 消防 → 0190")


# -- what the person saw -------------------------------------------------------------------------------------


async def test_that_another_hands_change_is_noticed_for_half_a_second_and_ones_own_is_not(
    desk: Desk, clock: ManualClock
) -> None:
    seen = Seen(desk, lambda: clock().timestamp())
    await desk.do("incident.note", incident=GAS, text="自己写的")
    await desk.do("incident.priority", incident=GAS, priority=1)
    assert not seen.changed_since([GAS], None)
    lowered = {"incident": GAS, "priority": 2, "reason": "已控制"}
    await desk.carry_out(Act(name="incident.priority", args=lowered, actor="044", seat="04", roles=ALL, at=clock()))
    assert seen.changed_since([GAS, "巡05"], None)
    assert not seen.changed_since(["巡05"], None)
    assert not seen.changed_since([GAS], seen.now()), "asked once is enough"
    clock.advance(0.6)
    assert not seen.changed_since([GAS], None)
    seen.close()


async def test_that_the_alarm_that_moved_up_counts_as_changed(desk: Desk) -> None:
    add_incident(desk, "ZZ20261121-0195")
    waiting = Alarm(id="alarm-0195", incident="ZZ20261121-0195", received_at=EVENING, state=AlarmState.ANNUNCIATED)
    tell(desk, AlarmRaised(incident="ZZ20261121-0195", alarm=waiting))
    seen = Seen(desk)
    await desk.do("alarm.acknowledge", alarm="alarm-0194")
    assert seen.changed_since(["alarm-0195"], None)
    seen.close()


async def test_that_the_officer_in_need_who_moved_up_counts_as_changed(desk: Desk) -> None:
    first, second = [await desk.do("emergency.start", unit=unit) for unit in ("巡05", "巡07")]
    seen = Seen(desk)
    known, now = {"emergency": first}, desk.clock()
    await desk.carry_out(Act(name="emergency.acknowledge", args=known, actor="044", seat="04", roles=ALL, at=now))
    assert seen.changed_since([second], None), "nobody has read who stands on the bar now"
    seen.close()


async def test_that_a_state_read_anew_is_nobodys_own_hand(desk: Desk) -> None:
    seen = Seen(desk)
    fresh = MemoryState()
    for kind in KINDS:
        for row in desk.picture.state.all(kind):
            fresh.put(replace(row, priority=4) if isinstance(row, Incident) and row.number == GAS else row)
    desk.picture.replace_state(fresh, desk.picture.seq)
    assert seen.changed_since([GAS], None)
    seen.close()


async def test_that_a_button_pressed_without_end_holds_up_no_key(desk: Desk) -> None:
    seen = Seen(desk)
    pressed = AlarmPressedAgain(incident="ZZ20261121-0194", alarm="alarm-0194", ingest_id="i", at=EVENING)
    fact = Fact(seq=desk.picture.seq + 1, at=EVENING, actor="line", seat="", body=pressed)
    desk.picture.apply([fact])
    alarm = desk.picture.state.get(Alarm, "alarm-0194")
    assert alarm is not None
    assert alarm.presses == 2
    assert not seen.changed_since(["alarm-0194"], None)
    seen.close()


async def test_that_a_unit_cannot_be_recommended_to_an_incident_without_a_place(desk: Desk) -> None:
    add_incident(desk, "ZZ20261121-0197")
    context = context_on(desk, incident="ZZ20261121-0197", best=lambda _: None)
    with pytest.raises(UserError, match="0197 地点未定位"):
        BY_ID["alarm.dispatch"].prepare(context, ())


# -- nothing typed breaks anything ---------------------------------------------------------------------------

VERBS = sorted(BY_VERB)
OBJECTS = [
    "巡05",
    "x05",
    "0190",
    "190",
    "L03-07",
    "消防",
    "120",
    "119",
    "满意",
    "一",
    "到场",
    "责令",
    "A",
    "车巡",
    "3楼",
]
pieces = st.one_of(st.sampled_from(VERBS), st.sampled_from(OBJECTS), st.text(max_size=6))
lines = st.one_of(
    st.text(max_size=30),
    st.builds(lambda words, gap: gap.join(words), st.lists(pieces, max_size=5), st.sampled_from([" ", "", "　"])),
)


@pytest.fixture(scope="module")
def evening_desk() -> Desk:
    desk = make_desk(ManualClock(EVENING))
    play(desk)
    return desk


@settings(max_examples=400, deadline=None)
@given(line=lines, incident=st.sampled_from(["", GAS, "ZZ20261121-0194"]), alarm=st.sampled_from(["", "alarm-0194"]))
def test_that_no_line_raises_anything_but_user_error_nor_changes_anything(
    evening_desk: Desk, line: str, incident: str, alarm: str
) -> None:
    context = context_on(evening_desk, incident=incident, alarm=alarm)
    before = evening_desk.picture.seq
    try:
        echo = interpret(context, line).echo
    except UserError as refused:
        echo = str(refused)
    assert echo.strip()
    complete(context, line)
    assert evening_desk.picture.seq == before


async def test_that_a_status_that_is_a_step_of_the_units_order_is_reported_on_it(desk: Desk) -> None:
    context = context_on(desk)
    await interpret(context, "派 巡05 0190").deed()
    await interpret(context, "状态 巡05 到场").deed()
    (order,) = desk.picture.orders(GAS)
    assert order.state.value == "ON_SCENE"
    with pytest.raises(UserError, match="内容"):
        interpret(context, "状态 巡05 处置中")
