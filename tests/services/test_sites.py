"""The register of sites: one account a line, what is not said stays, an unknown account's alarm finds its site."""

from typing import Any

import pytest

from console.domain.alarm import Alarm
from console.domain.errors import NotAllowed, UserError
from console.domain.facts import AlarmPlaced, SiteRegistered
from console.domain.incident import Incident
from console.domain.site import Site
from console.domain.state import need
from console.services.desk import Desk
from console.services.masking import masked_body
from console.services.sites import UNREGISTERED, site_of
from console.services.telling import Teller
from drivers.report import Report
from tests.support import MemoryJournal, make_desk


@pytest.fixture
def desk() -> Desk:
    return make_desk()


async def register(desk: Desk, key: str, **fields: Any) -> str:
    return str(await desk.do("site.register", site={"id": key, "name": f"点位{key}", **fields}))


async def press(desk: Desk, account: str, line: str = "A1", zone: str = "003", event: str = "120") -> dict[str, str]:
    report = Report(type="signal", raw=f"{account}{line}{zone}{event}".encode(), account=account, zone=zone)
    said = {**report.to_json(), "event_code": event, "qualifier": "new", "silent": event == "121"}
    stamp = {"line": line, "protocol": "surgard", "received_at": desk.clock().isoformat()}
    answer = await desk.do("intake.receive", ingest_id=f"{account}{line}{zone}", report=said, **stamp)
    return dict(answer)


def bodies(desk: Desk, kind: type) -> list[Any]:
    assert isinstance(desk.journal, MemoryJournal)
    return [fact.body for fact in desk.journal.facts if isinstance(fact.body, kind)]


# -- one account a line --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "other"), [("A1", "A1"), ("", "A1"), ("A1", ""), ("", "")])
async def test_that_an_account_belongs_to_one_site_on_a_line_and_no_line_means_every_one(
    desk: Desk, line: str, other: str
) -> None:
    await register(desk, "S1", account="1234", line=line)
    with pytest.raises(UserError, match="账号 1234 已属于点位S1"):
        await register(desk, "S2", account="1234", line=other)


async def test_that_zeros_in_front_make_no_other_account(desk: Desk) -> None:
    """Each would get the signals of the other, and one's heartbeats would hide the other's silence."""
    await register(desk, "S1", account="1234")
    with pytest.raises(UserError, match="账号 001234 已属于点位S1（登记为 1234）"):
        await register(desk, "S2", account="001234", line="A1")
    rows = [{"id": f"X{n}", "name": "新", "account": account} for n, account in enumerate(("0077", "77"))]
    with pytest.raises(UserError, match="账号 77 已属于新"):
        await desk.do("site.import", sites=rows)


async def test_that_the_same_account_on_two_lines_is_two_sites(desk: Desk) -> None:
    await register(desk, "S1", account="1234", line="A1")
    await register(desk, "S2", account="1234", line="B1")
    state = desk.picture.state
    assert [getattr(site_of(state, "1234", line), "id", None) for line in ("A1", "B1", "C1")] == ["S1", "S2", None]


async def test_that_leading_zeros_of_a_sender_do_not_hide_a_site_and_none_is_found_without_an_account(
    desk: Desk,
) -> None:
    await register(desk, "S1", account="0034")
    await register(desk, "S2")
    found = [site_of(desk.picture.state, account, "A1") for account in ("000034", "0034", "", "0000")]
    assert [site.id if site else "" for site in found] == ["S1", "S1", "", ""]


async def test_that_two_sites_of_one_table_may_change_accounts(desk: Desk) -> None:
    await register(desk, "S1", account="1111")
    await register(desk, "S2", account="2222")
    rows = [{"id": "S1", "account": "2222"}, {"id": "S2", "account": "1111"}]
    assert await desk.do("site.import", sites=rows) == 2
    assert [need(desk.picture.state, Site, key).account for key in ("S1", "S2")] == ["2222", "1111"]


async def test_that_a_table_names_every_account_that_is_anothers_and_stores_nothing(desk: Desk) -> None:
    await register(desk, "S1", account="1111")
    await register(desk, "S2", account="2222")
    rows = [{"id": f"X{n}", "name": "新", "account": account} for n, account in enumerate(("1111", "3333", "2222"))]
    with pytest.raises(UserError, match="账号 1111 已属于点位S1；账号 2222 已属于点位S2"):
        await desk.do("site.import", sites=rows)
    assert {site.id for site in desk.picture.state.all(Site)} == {"S1", "S2"}


# -- what a record says --------------------------------------------------------------------------------------


async def test_that_what_a_record_does_not_say_stays_as_it_was(desk: Desk) -> None:
    await register(desk, "S1", guards=3, keyholders=["李某 13800000001"], zones={"001": "门卫室"})
    first = need(desk.picture.state, Site, "S1")
    await desk.do("site.register", site={"id": "S1", "address": "钟法路 1 号"})
    now = need(desk.picture.state, Site, "S1")
    assert (now.name, now.guards, now.keyholders, now.zones) == ("点位S1", 3, ("李某 13800000001",), {"001": "门卫室"})
    assert (now.address, now.registered_at) == ("钟法路 1 号", first.registered_at)
    assert now.registered_at == desk.clock()


async def test_that_the_same_record_again_is_no_news(desk: Desk) -> None:
    for _ in range(2):
        await register(desk, "S1", account="1234", linkage=["ems_120"])
    assert len(bodies(desk, SiteRegistered)) == 1


async def test_that_a_site_needs_a_name_and_known_columns(desk: Desk) -> None:
    with pytest.raises(UserError, match="点位 S1 没有名称"):
        await desk.do("site.register", site={"id": "S1"})
    with pytest.raises(UserError, match="没有这些栏目：altitude"):
        await register(desk, "S1", altitude=3)


async def test_that_a_call_taker_reads_the_register_and_does_not_write_it(desk: Desk) -> None:
    desk.roles = ("call_taker",)
    with pytest.raises(NotAllowed, match="技术员"):
        await register(desk, "S1")


def test_that_people_in_the_register_are_masked_where_persons_are() -> None:
    site = {"keyholders": ["王建国 13812345678"], "guard_phone": "13912345678", "meu_phone": "", "name": "第一中学"}
    masked, fields = masked_body({"site": site})
    assert masked["site"] == {**site, "keyholders": ["王** 138****5678"], "guard_phone": "139****5678"}
    assert set(fields) == {"site.keyholders", "site.guard_phone"}


# -- an account nobody knew ----------------------------------------------------------------------------------

SITE: dict[str, Any] = {
    "kind": "bank",
    "account": "7001",
    "zones": {"003": "二号柜台"},
    "lat": 24.51,
    "lon": 117.65,
    "beat": "05",
}


async def test_that_registering_an_account_gives_its_open_alarm_and_incident_the_site(desk: Desk) -> None:
    answer = await press(desk, "7001")
    incident = need(desk.picture.state, Incident, answer["incident"])
    assert (incident.place_unknown, incident.site) == (UNREGISTERED, "")
    await register(desk, "S9", **SITE)
    incident = need(desk.picture.state, Incident, answer["incident"])
    assert need(desk.picture.state, Alarm, answer["alarm"]).site == "S9"
    assert (incident.site, incident.place, incident.place_unknown) == ("S9", "点位S9 二号柜台", "")
    assert (incident.lat, incident.lon, incident.beat, incident.kind) == (24.51, 117.65, "05", "1302")
    assert incident.title.endswith(" · 点位S9")


async def test_that_a_place_a_person_wrote_meanwhile_stays(desk: Desk) -> None:
    answer = await press(desk, "7001")
    fields = {"place": "胜利路 83 号门口", "place_unknown": "", "lat": 24.5, "lon": 117.6}
    await desk.do("incident.edit", incident=answer["incident"], fields=fields)
    await register(desk, "S9", **SITE)
    incident = need(desk.picture.state, Incident, answer["incident"])
    assert (incident.place, incident.lat, incident.site) == ("胜利路 83 号门口", 24.5, "S9")


async def test_that_the_user_in_a_duress_code_is_taken_for_no_spot(desk: Desk) -> None:
    answer = await press(desk, "7001", event="121")
    await register(desk, "S9", **SITE)
    assert need(desk.picture.state, Incident, answer["incident"]).place == "点位S9"


async def test_that_an_alarm_of_another_line_or_one_that_is_over_keeps_to_itself(desk: Desk) -> None:
    other = await press(desk, "7001", line="B1")
    over = await press(desk, "7001", line="A1", zone="004")
    for act, more in (("acknowledge", {}), ("judge", {"verdict": "confirm"}), ("reset", {})):
        await desk.do(f"alarm.{act}", alarm=over["alarm"], **more)
    await register(desk, "S9", **{**SITE, "line": "A1"})
    assert bodies(desk, AlarmPlaced) == []
    assert [need(desk.picture.state, Alarm, a["alarm"]).site for a in (other, over)] == ["", ""]


async def test_that_the_timeline_says_that_the_account_was_registered(desk: Desk) -> None:
    await press(desk, "7001")
    await register(desk, "S9", **SITE)
    assert isinstance(desk.journal, MemoryJournal)
    teller = Teller(desk.reference)
    said = [teller.tell(fact) for fact in desk.journal.facts if isinstance(fact.body, AlarmPlaced)]
    assert said == ["报警账号已登记为点位 点位S9：点位S9 二号柜台"]
