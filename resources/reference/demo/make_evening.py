"""Makes evening.json, the script of the demo. Run: python -m resources.reference.demo.make_evening

Reads scenario.py, demo_city.json and sites.csv; works out positions, accounts and what the automatic desk does when.
"""

import csv
import json
from pathlib import Path
from typing import Any

from resources.map.make_demo_city import as_text
from resources.reference.demo import scenario as story

HERE = Path(__file__).parent
SECONDS = 900
Step = dict[str, Any]
ABOUT = {
    "text": "演示脚本：一刻钟的夜班，人物、号码、事件全部虚构 (all invented)",
    "source": "resources/reference/demo/make_evening.py",
    "licence": "CC0-1.0",
    "date": "2026-11-21",
    "at": "seconds from the moment the window opens; sorted; `before` is below 0, `steps` from 0 to `seconds`",
    "key": "names the incident through the whole file; a `call` or the first `signal` of a key begins it",
    "do=call": "a person rings: kind (incident code), place, lat, lon (WGS-84), caller, phone, narrative",
    "do=signal": "a panel sends: account, event (Contact ID), zone, qualifier new|restore|status; note says why",
    "do=desk": "what an automatic call-taker does (play below 0 always, later only with --auto): act answer, triage, "
    "dispatch (unit = call sign or 'recommended'), hand_off (agency), merge (into = key), feedback (text), "
    "acknowledge, verify, confirm, judge_false (text), reset, review",
    "do=unit": "only below 0: unit, act sign|depart|arrive|report|feedback, text",
    "do=agency": "only below 0: agency, act sign|depart|arrive|progress|result, text",
    "roster": "each unit's status code (domain E6) and for how many seconds it had it when the window opened; "
    "units not listed are on the incident `before` sent them to: on scene they stand at its place, en route on the way",
    "behaviour": "how units, agencies and the automatic desk go on by themselves, whoever dispatched them: each delay "
    "counts from the step before it; a unit arrives when it has driven there at speed_kmh x speed_factor; "
    "`exceptions` override by unit or agency; an agency with refuse_s refuses after that instead of signing",
}
BEHAVIOUR = {
    "units": {
        "sign_s": 7,
        "depart_s": 15,
        "speed_factor": 2.0,
        "report_s": 25,
        "feedback_s": 110,
        "clear_s": 20,
        "exceptions": {"巡08": {"sign_s": 75}, "巡12": {"depart_s": 150}, "志01": {"sign_s": 40}},
        "report_text": {
            "01": "已控制现场，正在核对人员",
            "02": "双方已分开，正在询问",
            "03": "已摆放警示标志，疏导交通",
            "04": "已疏散群众，配合消防",
            "05": "已见到报警人，正在处置",
            "08": "正在现场调解",
            "13": "到达点位，正在核实",
            "": "到达现场，正在处置",
        },
        "feedback_text": {
            "01": "嫌疑人已带回，移交办案单位",
            "02": "已制止，双方接受调解",
            "03": "车辆已撤离，道路恢复",
            "04": "险情排除，移交消防",
            "05": "求助人已得到帮助",
            "08": "现场调解成功",
            "13": "核实完毕，现场秩序正常",
            "": "处置完毕",
        },
    },
    "agencies": {
        "sign_s": 35,
        "depart_s": 50,
        "arrive_s": 210,
        "progress_s": 60,
        "result_s": 150,
        "result_text": "已处置完毕",
        "person": "值班员（例）",
        "exceptions": {
            "fire_rescue": {"sign_s": 12, "depart_s": 30, "arrive_s": 180},
            "ems_120": {"sign_s": 15, "depart_s": 40, "arrive_s": 200},
            "urban_mgmt": {"sign_s": 345},
            "transport": {"arrive_s": 2100},
            "water_supply": {"refuse_s": 45, "reason": "称市政消火栓不归本单位管养"},
        },
    },
    "desk": {"review_s": 20, "callback_s": 15, "close_s": 10},
}


def places() -> dict[str, dict[str, Any]]:
    """The gazetteer by name."""
    city = json.loads((HERE.parents[1] / "map" / "demo_city.json").read_text(encoding="utf-8"))
    return {place["name"]: place for place in city["places"]}


def accounts() -> dict[str, str]:
    """Account by site name."""
    with (HERE / "sites.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["account"] for row in csv.DictReader(file)}


def calls() -> list[Step]:
    """The phone calls, each with the position of its place."""
    known, out = places(), []
    for key, at, kind, place, caller, digits, narrative in story.CALLS:
        where = {"place": place, "lat": known[place]["lat"], "lon": known[place]["lon"]}
        who = {"caller": caller, "phone": f"1380000{digits}", "narrative": narrative}
        out.append({"at": at, "do": "call", "key": key, "kind": kind} | where | who)
    return out


def signals() -> list[Step]:
    """What the panels send, and one stray account."""
    known = accounts()
    rows = [(key, at, known[site], *rest) for key, at, site, *rest in story.SIGNALS] + [story.STRAY]
    names = ("key", "at", "account", "event", "zone", "qualifier", "note")
    return [{"at": row[1], "do": "signal"} | dict(zip(names, row, strict=True)) for row in rows]


def desk(at: int, key: str, act: str, **more: str) -> Step:
    return {"at": at, "do": "desk", "key": key, "act": act, **more}


def answering(key: str, at: int) -> list[Step]:
    """What the automatic desk does with a call: answer, triage, then merge, send and tell."""
    steps = [desk(at + 3, key, "answer")]
    if key in story.MERGED:
        return [*steps, desk(at + 22, key, "merge", into=story.MERGED[key])]
    if key == "noise":  # still waiting for its triage when the window opens
        return [*steps, desk(60, key, "triage"), *telling(key, 64)]
    steps.append(desk(at + 18, key, "triage"))
    if key == "inquiry":
        return [*steps, desk(at + 40, key, "feedback", text="已告知到便民服务中心三号窗口办理")]
    return steps + ([] if _begun(key) else sending(key, max(at + 26, 20)))


def _begun(key: str) -> bool:
    """Whether a unit was on the way before the window opened."""
    return any(row[0] == key and row[2] == "unit" for row in story.BEFORE)


def sending(key: str, at: int) -> list[Step]:
    """The dispatch of the recommended unit, unless none is needed, and the handoffs."""
    sent = [] if key in story.NO_UNIT else [desk(at, key, "dispatch", unit="recommended")]
    return sent + telling(key, at + 6)


def telling(key: str, at: int) -> list[Step]:
    """The handoffs that had not been made before the window opened, four seconds apart."""
    told = {row[3] for row in story.BEFORE if row[0] == key}
    left = [agency for agency in story.LINKED.get(key, []) if agency not in told]
    return [desk(at + 4 * i, key, "hand_off", agency=agency) for i, agency in enumerate(left)]


def alarm(key: str, at: int) -> list[Step]:
    """What the automatic desk does with a panel alarm, from the acknowledgement to the reset by hand."""
    at += story.ALARMS[key]
    verdict = desk(at + 75, key, "confirm")
    if key in story.FALSE_ALARMS:
        verdict = desk(at + 75, key, "judge_false", text=story.FALSE_ALARMS[key])
    steps = [desk(at, key, "acknowledge"), *sending(key, at + 5), desk(at + 20, key, "verify"), verdict]
    return [*steps, desk(at + 150, key, "reset")]


def history() -> list[Step]:
    """The dispatches and handoffs before the opening and what units and agencies reported since."""
    out = []
    for key, at, who, whom, reports in story.BEFORE:
        act = "dispatch" if who == "unit" else "hand_off"
        out.append(desk(at, key, act, **{who: whom}))
        for report in reports:
            word, _, after = report.partition(":")
            step = {"at": at + int(after), "do": who, "key": key, who: whom, "act": word}
            out.append(step | ({"text": story.FINISHED[key]} if word in ("feedback", "result") else {}))
    return out + [desk(-600 + 10 * i, key, "review") for i, key in enumerate(story.FINISHED)]


def evening() -> Step:
    """The whole script."""
    rung, sent = calls(), signals()
    steps = rung + sent + history()
    steps += [step for call in rung for step in answering(call["key"], call["at"])]
    first = {step["key"]: step["at"] for step in reversed(sent)}
    steps += [step for key, at in first.items() if key in story.ALARMS for step in alarm(key, at)]
    steps = sorted((step for step in steps if step["at"] <= SECONDS), key=lambda step: step["at"])
    roster = [{"unit": u, "status": status, "for_s": age} for u, (status, age) in story.ROSTER.items()]
    before = [step for step in steps if step["at"] < 0]
    return {
        "about": ABOUT,
        "seconds": SECONDS,
        "line": {"name": "A1", "protocol": "surgard"},
        "behaviour": BEHAVIOUR,
        "roster": roster,
        "before": before,
        "steps": steps[len(before) :],
    }


def main() -> None:
    (HERE / "evening.json").write_text(as_text(evening()), encoding="utf-8")


if __name__ == "__main__":
    main()
