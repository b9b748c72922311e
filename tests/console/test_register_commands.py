"""登记 F4 and 点位 Shift+F4: which site they mean, and what they say where there is none."""

import pytest

from console.commands import BY_ID, Context, Focus, interpret
from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.facts import SiteRegistered
from console.domain.site import Site
from console.services.desk import Desk
from tests.console.test_commands import PaperSurface
from tests.support import EVENING, make_desk, tell

SCHOOL = Site(id="S1", name="漳州市实验小学", account="1234")


@pytest.fixture
def desk() -> Desk:
    made = make_desk(ManualClock(EVENING))
    tell(made, SiteRegistered(site=SCHOOL))
    return made


async def press(desk: Desk, account: str) -> dict[str, str]:
    report = {"type": "signal", "raw_hex": "01", "account": account, "event_code": "120", "qualifier": "new"}
    stamp = {"line": "A1", "protocol": "surgard", "received_at": desk.clock().isoformat()}
    answer: dict[str, str] = await desk.do("intake.receive", ingest_id=f"p{account}", report=report, **stamp)
    return answer


async def done(desk: Desk, words: str, *, alarm: str = "", incident: str = "") -> tuple[str, list[tuple[object, ...]]]:
    surface = PaperSurface()
    context = Context(desk=desk, focus=Focus(alarm=alarm, incident=incident), surface=surface)
    prepared = BY_ID[words].prepare(context, ()) if words in BY_ID else interpret(context, words)
    await prepared.deed()
    return prepared.echo, surface.asked


async def test_that_f4_begins_the_record_of_an_unknown_account(desk: Desk) -> None:
    alarm = (await press(desk, "7777"))["alarm"]
    assert BY_ID["site.register"].keys == ("F4",)
    assert await done(desk, "site.register", alarm=alarm) == (
        "登记点位：账号 7777（线路A1）",
        [("register", alarm)],
    )


async def test_that_f4_says_why_there_is_nothing_to_register(desk: Desk) -> None:
    known = (await press(desk, "1234"))["alarm"]
    bare = (await press(desk, ""))["alarm"]
    for alarm, why in ((known, "账号 1234 已登记为漳州市实验小学"), (bare, "没有账号"), ("", "当前没有一键报警")):
        with pytest.raises(UserError, match=why):
            await done(desk, "登记", alarm=alarm)


async def test_that_shift_f4_shows_the_site_in_sight_else_the_search(desk: Desk) -> None:
    answer = await press(desk, "1234")
    shown = ("打开点位 漳州市实验小学", [("site", "S1")])
    assert await done(desk, "site.show", alarm=answer["alarm"]) == shown
    assert await done(desk, "site.show", incident=answer["incident"]) == shown
    assert await done(desk, "点位 zzssyxx") == shown
    assert await done(desk, "site.show") == ("查找点位", [("site", "")])
    with pytest.raises(UserError, match="查无此点位：没有"):
        await done(desk, "点位 没有")
