"""The acceptance sheet says what was tested, with which figure, what was not and why; as paper and as data."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from pypdf import PdfReader

from console.domain.errors import EnvironmentFault
from console.domain.site import Site
from console.domain.test_run import RunState, StepState, TestRun, TestStep
from console.paper.acceptance import SheetContext, figure_text, print_sheet, write_json
from console.services.printing import FONTS
from tests.support import EVENING

SITE = Site(id="S001", name="实验小学 <东门>", address="延安北路 8 号", account="1234", zones={"003": "东门值班室"})
RUN = TestRun(
    id="r1",
    site="S001",
    state=RunState.FAILED,
    started_at=EVENING,
    ended_at=EVENING + timedelta(minutes=9),
    equipment="LHD8000",
)
STEPS = (
    TestStep(
        id="r1/ten",
        run="r1",
        code="ten",
        place=1,
        title="连续 10 次按压",
        state=StepState.PASSED,
        needed=10,
        seen=10,
        figure=18.2,
        unit="ms",
        target="全部收到",
    ),
    TestStep(
        id="r1/press",
        run="r1",
        code="press",
        place=0,
        title="按下 → 屏幕显示",
        state=StepState.PASSED,
        figure=11.8,
        unit="ms",
        target="≤ 2 s",
        ended_at=EVENING,
    ),
    TestStep(
        id="r1/power",
        run="r1",
        code="power",
        place=2,
        title="断电 · 备电上报",
        state=StepState.SKIPPED,
        note="主机无备电",
    ),
)
CONTEXT = SheetContext(
    desk="漳州市公安局", technician="702 许文", seat="08", printed_at=EVENING, head="第 17 条 ab12", line="A1"
)


def test_that_the_paper_names_site_equipment_each_step_and_who_signs(tmp_path: Path) -> None:
    file = print_sheet(tmp_path / "单.pdf", SITE, RUN, STEPS, CONTEXT, FONTS)
    said = "".join(page.extract_text() for page in PdfReader(file).pages).replace("\n", "")
    for expected in ("实验小学 <东门>", "LHD8000", "003 东门值班室", "11.8 ms", "10/10，18.2 ms", "未测", "主机无备电"):
        assert expected in said
    assert "结论：不合格" in said
    assert said.index("按下 → 屏幕显示") < said.index("连续 10 次按压")
    assert said.count("签字") == 2
    assert "702 许文" in said


def test_that_the_data_says_the_same_in_order_with_units(tmp_path: Path) -> None:
    said = json.loads(write_json(tmp_path / "单.json", SITE, RUN, STEPS, CONTEXT).read_text(encoding="utf-8"))
    assert [step["code"] for step in said["steps"]] == ["press", "ten", "power"]
    assert (said["steps"][0]["figure"], said["steps"][0]["unit"]) == (11.8, "ms")
    assert said["run"]["state"] == "FAILED"
    assert said["printed"]["journal_head"] == "第 17 条 ab12"


def test_that_a_step_without_a_figure_says_what_came() -> None:
    came = replace(STEPS[1], figure=None, note="301 new")
    assert figure_text(came) == "301 new"
    assert figure_text(replace(came, note="")) == "—"


@pytest.mark.parametrize("writer", [write_json, partial(print_sheet, font_folder=FONTS)])
def test_that_a_full_disk_leaves_no_half_sheet(tmp_path: Path, writer: object) -> None:
    blocked = tmp_path / "没有文件夹"
    blocked.write_text("")
    with pytest.raises(EnvironmentFault, match="无法写入"):
        writer(blocked / "单.json", SITE, RUN, STEPS, CONTEXT)  # type: ignore[operator]
    assert blocked.read_text() == ""
