"""What was learnt, as values and as a file: kinds are ordered, the pieces that spoke are named, damage is found."""

import itertools
import time

import pytest

from console.domain.learnt import LEAST_SHARE, SECOND_SAYS, Learnt, Weights, pack, read_head, unpack
from console.domain.routing import spoken_table
from console.domain.sayings import MOST, counted, heard
from console.services.learning import learn
from console.services.reference import load

SAYINGS = {
    "0401": ("楼上着火了冒黑烟", "厨房起火了烟很大", "仓库着火了快来", "阳台上的衣服着火了"),
    "0502": ("老人走丢了找不到家", "我妈妈走丢了还没回来"),
    "050201": ("孩子走丢了才五岁", "小孩在超市走丢了", "儿子走丢了穿红衣服"),
    "0802": ("邻居吵架为了停车", "和邻居吵起来了"),
}


@pytest.fixture(scope="module")
def weights() -> Weights:
    return learn(SAYINGS, {"source": "test"})


def test_that_a_narrative_sounds_like_the_kind_whose_sayings_share_its_pieces(weights: Weights) -> None:
    found = Learnt(weights).like("对面那栋楼着火了，黑烟很大")
    assert found[0].code == "0401"
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert {each.code[:4] for each in found} == {"0401", "0502", "0802"}


def test_that_a_finer_code_is_named_only_where_it_is_likelier_than_not(weights: Weights) -> None:
    learnt = Learnt(weights)
    assert learnt.like("五岁的孩子在超市走丢了")[0].code == "050201"
    assert learnt.like("老人找不到家")[0].code == "0502"


def test_that_the_pieces_that_spoke_stand_in_the_narrative_and_do_not_overlap(weights: Weights) -> None:
    said = "对面那栋楼着火了，黑烟很大"
    spans = Learnt(weights).spoke(said, "0401")
    assert any("着火" in said[start:end] or "火了" in said[start:end] for start, end in spans)
    assert all(a < b <= c < d for (a, b), (c, d) in itertools.pairwise(spans))


def test_that_nothing_known_is_likened_to_nothing(weights: Weights) -> None:
    assert Learnt(weights).like("qwerty") == ()
    assert Learnt(Weights()).like("着火了") == ()
    assert Learnt(weights).spoke("着火了", "9999") == ()


def test_that_a_file_gives_the_same_weights_and_damage_is_found(weights: Weights) -> None:
    packed = pack(weights)
    assert unpack(packed) == weights
    for spoilt in (
        b"",
        b"{}\n",
        packed[:-1],
        packed[:-9] + b"123456789",
        packed.replace(b'"format": 3', b'"format": 0'),
        packed.replace(b'"codes"', b'"kodes"'),
        packed.replace(b'"pieces": ', b'"pieces": 1'),
    ):
        with pytest.raises(ValueError):
            read_head(spoilt)


def test_that_landmarks_denials_and_fillers_are_not_heard() -> None:
    assert heard("喂，烟草局门口有人打架，没人受伤") == "，，，，，，，有人打架，，，，，"
    assert heard("没人受伤") == "没人受伤"
    assert set(counted("着火，着火")) == {"着", "火", "着火"}
    assert counted("着火，着火")["着火"] > counted("着火")["着火"]


def test_that_what_was_learnt_answers_at_once_and_whatever_is_pasted_costs_no_more() -> None:
    learnt = spoken_table(load())
    assert learnt is not None
    said = "隔壁邻居半夜装修电钻声响个不停我家小孩没法睡觉物业来了两次他们还是照样"
    learnt.like(said)
    assert learnt.like("".join(map(chr, range(0x4E00, 0x4E00 + MOST))) + said * 9) == learnt.like(
        "".join(map(chr, range(0x4E00, 0x4E00 + MOST)))
    )
    took = []
    for _ in range(30):
        began = time.perf_counter()
        learnt.like(said)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.005


class Second:
    """A second opinion that is sure of one kind."""

    def __init__(self, shares: dict[str, float]) -> None:
        self._shares = shares

    def shares(self, _narrative: str) -> dict[str, float]:
        return self._shares


def test_that_a_second_opinion_may_turn_the_order_and_a_kind_it_was_not_taught_keeps_its_place(
    weights: Weights,
) -> None:
    said = "楼上吵起来了，厨房冒烟"
    alone = {each.code[:4]: each.score for each in Learnt(weights).like(said)}
    second = Second({"0802": -0.1, "0401": -9.0})
    both = {each.code[:4]: each.score for each in Learnt(weights, second).like(said)}
    assert next(iter(alone)) == "0401"
    assert next(iter(both)) == "0802"
    assert both["0802"] == pytest.approx(alone["0802"] - 0.1 * SECOND_SAYS)
    assert both["0401"] == pytest.approx(alone["0401"] + LEAST_SHARE * SECOND_SAYS)
    assert both["0502"] - both["0802"] == pytest.approx(alone["0502"] - alone["0802"])
    assert Learnt(weights, Second({})).like(said) == Learnt(weights).like(said)
