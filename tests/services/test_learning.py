"""The learner: deterministic, honest about what it left out, and the shipped weights belong to the shipped sayings."""

import json
from pathlib import Path

import pytest

from console.__main__ import main
from console.domain.learnt import pack, read_head
from console.domain.routing import classify
from console.services.learning import Share, check, learn, together
from console.services.reference import NET, SAYINGS, WEIGHTS, load, load_sayings, weights_fault
from console.services.sayings_table import checksum, usable
from resources import ROOT

SAID = {
    "0401": (
        "楼上着火了，浓烟一直往外冒",
        "厨房起火了，烟大得看不见人",
        "仓库着火了，火苗窜到屋顶上",
        "阳台上晒的衣服着火了，风很大",
    ),
    "0802": (
        "邻居为了停车又在楼下吵架了",
        "隔壁和我家吵架，为了一条水沟",
        "楼上楼下吵架，为了漏水的事情",
        "吵架吵了半天，就为一个车位",
    ),
}
MOST_BYTES = 2_500_000


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "conf"))


def test_that_the_shipped_weights_were_learnt_from_the_shipped_sayings() -> None:
    assert weights_fault() == ""
    packed = (ROOT / "reference" / SAYINGS / WEIGHTS).read_bytes()
    assert len(packed) <= MOST_BYTES
    assert {"source", "date"} <= set(read_head(packed)["about"])


def test_that_the_same_sayings_give_the_same_weights() -> None:
    turned = dict(reversed(SAID.items()))
    assert pack(learn(SAID, {})) == pack(learn(turned, {}))
    assert checksum(SAID) == checksum(turned) != checksum({**SAID, "0802": SAID["0802"][1:]})


def test_that_only_sentences_that_were_left_out_are_asked() -> None:
    shares = list(check({**SAID, "0502": ("走丢了", "孩子不见了")}))
    assert together(shares).asked == 8
    assert 0 <= together(shares).first <= together(shares).among == 100
    assert together([Share(50, 100, 2), Share(100, 100, 2)]) == Share(75, 100, 4)
    assert together([]) == Share(0, 0, 0)


def test_that_weights_of_other_sayings_are_used_and_told_of_and_damaged_ones_are_not_used() -> None:
    packed = pack(learn(SAID, {}))
    tree = set(SAID)
    assert usable(packed, SAID, tree) == (packed, "")
    assert usable(packed, {"0401": ("着火",)}, tree)[0] == packed
    assert "旧的" in usable(packed, {"0401": ("着火",)}, tree)[1]
    assert usable(packed[:-1], SAID, tree)[0] == usable(packed, SAID, {"0401"})[0] == usable(b"", SAID, tree)[0] == b""
    assert "损坏" in usable(packed[:-1], SAID, tree)[1]
    assert usable(b"", {}, tree) == (b"", "")


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Reference tables with two codes' sayings and no weights."""
    root = tmp_path / "county"
    folder = root / SAYINGS
    folder.mkdir(parents=True)
    for path in (ROOT / "reference").glob("*.json"):
        (root / path.name).write_bytes(path.read_bytes())
    for name, code in (("ours.json", "0401"), ("theirs.json", "0802")):
        rows = [{"code": code, "said": SAID[code]}]
        file = {"source": "某县", "jurisdiction": "某县", "date": "2026-11-22", "sayings": rows}
        (folder / name).write_text(json.dumps(file, ensure_ascii=False), "utf-8")
    return root


def test_that_a_county_learns_its_own_sayings(county: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "没有从说法学到的权重" in weights_fault(county)
    assert main(["learn", "--reference", str(county), "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["block"] for row in rows][-1] == "all"
    assert rows[-1]["asked"] == 8
    assert "没有听字序的网络" in weights_fault(county)
    (county / SAYINGS / NET).write_bytes(b"no net")
    assert "网络文件损坏" in weights_fault(county)
    (county / SAYINGS / NET).write_bytes((ROOT / "reference" / SAYINGS / NET).read_bytes())
    assert weights_fault(county) == ""
    assert load_sayings(county) == SAID
    assert classify("楼顶上有个棚子起火了，浓烟滚滚", None, load(county)).codes[0] == "0401"


def test_that_a_check_alone_writes_nothing(county: Path) -> None:
    assert main(["learn", "--reference", str(county), "--check-only"]) == 0
    assert not (county / SAYINGS / WEIGHTS).exists()


def test_that_every_fault_of_the_sayings_is_named(county: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"code": "0401", "said": [SAID["0401"][0], " "]}, {"code": "7777", "said": ["x"]}]
    file = {"source": "某县", "jurisdiction": "某县", "date": "2026-11-22", "sayings": rows}
    (county / SAYINGS / "wrong.json").write_text(json.dumps(file, ensure_ascii=False), "utf-8")
    assert main(["learn", "--reference", str(county)]) == 1
    told = capsys.readouterr().err
    assert "sayings/ours.json、sayings/wrong.json 0401：说法“楼上着火了，浓烟一直往外冒”为空或重复" in told
    assert "sayings/wrong.json 7777：编码不存在" in told


def test_that_no_sayings_at_all_are_said_so(county: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (county / SAYINGS).glob("*.json"):
        path.unlink()
    assert main(["learn", "--reference", str(county)]) == 1
    assert "没有说法" in capsys.readouterr().err
