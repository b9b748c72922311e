"""Makes echelons.json, units.csv and sites.csv of the demo. Run: python -m resources.reference.demo.make_fleet

Positions come from demo_city.json, so make that first. Every number that could be dialled starts 例：000-.
"""

import csv
import json
import math
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from resources.map.make_demo_city import as_text
from resources.map.plane import inside

HERE = Path(__file__).parent
CITY = HERE.parents[1] / "map" / "demo_city.json"
SOURCE = "虚构的演示数据 (synthetic), make_fleet.py；梯队类型据“漳州110”实践材料（15个路面接处警梯队）"
PATROL_BEATS = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "05", "04", "07")

# id, name, type, urgency of use; the fifteen street echelons 路面接处警梯队
ECHELONS = [
    ("patrol", "处警巡逻梯队", "处警巡逻", "警区内接处警、车巡步巡"),
    ("reinforcement", "机动增援梯队", "机动增援", "跨警区增援"),
    ("plainclothes", "便衣抓捕梯队", "便衣抓捕", "现行盗窃、抓捕"),
    ("assault_city", "市级突击小队", "突击小队", "“5+2+1”模式，PTU"),
    ("assault_county", "县级突击小队", "突击小队", "“5+1”模式"),
    ("traffic", "交警梯队", "交警", "交通事故、拥堵"),
    ("station", "派出所梯队", "派出所", "纠纷、辖区警情"),
    ("swat", "特警梯队", "特警", "持械、群体性事件"),
    ("checkpoint", "检查站梯队", "检查站", "等级查控、拦截"),
    ("drone", "无人机梯队", "无人机", "空中巡查"),
    ("water_rescue", "水上救援梯队", "水上救援", "溺水、水上事故"),
    ("school_guard", "护学岗梯队", "护学岗", "上下学时段，只出一、二级警情"),
    ("meu", "最小应急单元梯队", "最小应急单元", "点位自有人员，人数见 sites.csv 的 meu"),
    ("community", "社区警务梯队", "社区/志愿", "社区走访、纠纷"),
    ("volunteer", "志愿巡防梯队", "社区/志愿", "寻人、巡防协助"),
]
# call sign, name, echelon, beat, members, vehicle, speed km/h
UNITS = [
    *((f"巡{n:02}", f"处警巡逻{n:02}组", "patrol", beat, 3, "警车", 45) for n, beat in enumerate(PATROL_BEATS, 1)),
    ("机01", "机动增援01组", "reinforcement", "06", 4, "警车", 50),
    ("机02", "机动增援02组", "reinforcement", "04", 4, "警车", 50),
    ("便01", "便衣抓捕01组", "plainclothes", "05", 3, "民用车", 40),
    ("突01", "市级突击小队", "assault_city", "06", 8, "运兵车", 50),
    ("突02", "县级突击小队", "assault_county", "03", 6, "运兵车", 50),
    ("交01", "交警01组", "traffic", "06", 2, "交警摩托", 55),
    ("交02", "交警02组", "traffic", "03", 2, "交警摩托", 55),
    ("交03", "交警03组", "traffic", "07", 2, "交警车", 50),
    ("派01", "派出所01组", "station", "05", 2, "警车", 45),
    ("特01", "特警01组", "swat", "08", 6, "特警车", 50),
    ("检01", "检查站01组", "checkpoint", "09", 4, "警车", 45),
    ("无01", "无人机01组", "drone", "06", 2, "无人机车", 40),
    ("水01", "水上救援01组", "water_rescue", "10", 4, "救援艇拖车", 35),
    ("护01", "护学岗01组", "school_guard", "05", 2, "电动车", 25),
    ("社01", "社区警务01组", "community", "02", 2, "电动车", 25),
    ("志01", "志愿巡防01组", "volunteer", "11", 4, "电动车", 25),
]
UNIT_FIELDS = ["id", "name", "echelon", "type", "beat", "lat", "lon", "members", "vehicle", "phone"]
UNIT_FIELDS += ["speed_kmh", "terminal"]
# 巡13's terminal is simulated and answers; 巡08's is never heard, so that an order stays undelivered.
TERMINALS = {"巡13": "000000000013", "巡08": "000000000008"}
SITE_FIELDS = [
    "id",
    "name",
    "kind",
    "account",
    "address",
    "beat",
    "lat",
    "lon",
    "urban",
    "keyholder",
    "keyholder_phone",
    "callback_name",
    "callback_phone",
    "meu",
    "zones",
    "linkage",
    "limit_min",
    "moving",
    "route",
    "plate",
    "road",
    "keyholders",
    "guards",
    "guard_phone",
    "meu_phone",
    "meu_drill",
    "hours",
    "equipment",
    "supervise_s",
    "test_days",
]
# kind: first account digit, keyholder, called back, MEU people on post, zones, linkage, limit in minutes
KINDS: dict[str, tuple[str, str, str, int, list[str], str, int]] = {
    "school": (
        "1",
        "校安全主任",
        "值班室",
        6,
        ["校长室", "保卫室", "东门值班室", "西门值班室", "宿舍楼"],
        "education;ems_120",
        3,
    ),
    "kindergarten": ("2", "园安全员", "门卫室", 4, ["门卫室", "园长室", "活动区"], "education;ems_120", 3),
    "bank": ("3", "保卫部值班员", "保卫部", 3, ["一号柜台", "二号柜台", "现金区", "加钞间", "大堂"], "ems_120", 3),
    "bus_station": ("4", "站务主任", "调度室", 4, ["调度室", "售票处", "候车厅"], "transport;ems_120", 5),
    "bus": ("5", "公交调度", "公交调度中心", 1, ["驾驶区", "后车厢"], "transport;ems_120", 5),
    "hospital": ("6", "医院保卫科长", "保卫科", 5, ["急诊分诊台", "护士站", "收费处", "保卫科"], "health", 5),
    "petrol": ("7", "当班站长", "值班室", 2, ["营业室", "加油区"], "fire_rescue", 5),
    "mall": ("8", "商场安保经理", "安保中心", 4, ["服务台", "珠宝柜", "安保中心"], "fire_rescue;ems_120", 5),
    "park": ("9", "园区管理员", "管理处", 2, ["管理处", "湖边求助柱"], "urban_mgmt;ems_120", 5),
}
# kind: guards on duty, second keyholder, hours, equipment, supervision in seconds, days between tests
# Guards after GB/T 29315 (a school of about 1 000 pupils has three), a school's test each quarter after Yiwu (domain.md
# B5); a panel reports once a day, so 25 hours of silence are a lost panel. A bus is supervised by its own protocol.
CARE: dict[str, tuple[int, str, str, str, int | str, int]] = {
    "school": (3, "分管副校长", "周一至周五 07:00-18:00，门卫 24 小时", "有线一键报警主机（例）", 90_000, 90),
    "kindergarten": (2, "副园长", "周一至周五 07:30-17:30", "有线一键报警主机（例）", 90_000, 90),
    "bank": (2, "网点负责人", "每日 08:30-17:30", "联网报警主机（例）", 90_000, 30),
    "bus_station": (2, "值班站长", "每日 05:30-22:30", "有线一键报警主机（例）", 90_000, 180),
    "bus": (0, "车队长", "每日 06:00-22:00", "车载终端（例）", "", 180),
    "hospital": (4, "总值班", "24 小时", "联网报警主机（例）", 90_000, 90),
    "petrol": (1, "站长", "24 小时", "有线一键报警主机（例）", 90_000, 90),
    "mall": (4, "楼面经理", "每日 09:30-22:00", "联网报警主机（例）", 90_000, 180),
    "park": (1, "巡护班长", "每日 05:00-22:00", "无线一键报警柱（例）", 90_000, 180),
}
PARKS = ("威镇阁公园", "中山公园", "江滨公园")
BUSES = [  # route, plate, the road it runs along
    ("18路", "闽E·D1187", "胜利路"),
    ("6路", "闽E·D1062", "新华北路"),
    ("3路", "闽E·D1035", "水仙大街"),
    ("12路", "闽E·D1120", "丹霞路"),
    ("21路", "闽E·D1214", "漳华路"),
    ("9路", "闽E·D1093", "延安北路"),
    ("15路", "闽E·D1158", "元光南路"),
    ("1路", "闽E·D1011", "钟法路"),
    ("27路", "闽E·D1276", "江滨路"),
    ("30路", "闽E·D1309", "环城北路"),
]
HEX = "0123456789BCDEF"  # Contact ID accounts never hold the digit A


NEAR = {"巡05": "大同路·胜利路口", "巡06": "元光南路·胜利路口", "机02": "延安北路·水仙大街口"}  # as the story needs it


def phone(block: int, n: int) -> str:
    """A number nobody can dial."""
    return f"例：000-{block:03}{n:04}"


def beat_of(city: dict[str, Any], lon: float, lat: float) -> str:
    """The number of the beat that holds the position."""
    return str(next(b["id"] for b in city["beats"] if inside((lon, lat), b["polygon"])))


def units(city: dict[str, Any], rng: random.Random) -> Iterable[dict[str, Any]]:
    """Each unit on a road vertex of its beat, well away from the others."""
    types = {row[0]: row[2] for row in ECHELONS}
    taken: list[tuple[float, float]] = [(0.0, 0.0)]
    for n, (sign, name, echelon, beat, members, vehicle, speed) in enumerate(UNITS, 1):
        ring = next(b["polygon"] for b in city["beats"] if b["id"] == beat)
        spots = [(x, y) for road in city["roads"] for x, y in road["line"] if inside((x, y), ring)]
        tries = [rng.choice(spots) for _ in range(12)]
        lon, lat = max(tries, key=lambda p: min(math.dist(p, other) for other in taken))
        if sign in NEAR:
            lon, lat = next((p["lon"], p["lat"]) for p in city["places"] if p["name"] == NEAR[sign])
        taken.append((lon, lat))
        row = (sign, name, echelon, types[echelon], beat, lat, lon, members, vehicle, phone(110, n), speed)
        yield dict(zip(UNIT_FIELDS, (*row, TERMINALS.get(sign, "")), strict=True))


def site(n: int, kind: str, name: str, place: dict[str, Any], account: str) -> dict[str, Any]:
    """One row of sites.csv from its kind's usual answers and its place."""
    _, keyholder, callback, meu, zones, linkage, limit = KINDS[kind]
    listed = ";".join(f"{i:03}={zone}" for i, zone in enumerate(zones, 1))
    row = {key: place[key] for key in ("address", "beat", "lat", "lon", "urban")}
    row |= {"id": f"S{n:03}", "name": name, "kind": kind, "account": account, "keyholder": f"{keyholder}（例）"}
    row |= {"keyholder_phone": phone(200, n), "callback_name": callback, "callback_phone": phone(300, n), "meu": meu}
    return row | {
        "zones": listed,
        "linkage": linkage,
        "limit_min": limit,
        "moving": 0,
        "route": "",
        "plate": "",
        "road": "",
        **care(n, kind),
    }


def care(n: int, kind: str) -> dict[str, Any]:
    """What protects the site besides its panel, and how its panel is looked after."""
    guards, second, hours, equipment, supervise_s, test_days = CARE[kind]
    return {
        "keyholders": f"{second}（例） {phone(201, n)}",
        "guards": guards,
        "guard_phone": phone(301, n) if guards else "",
        "meu_phone": phone(302, n),
        "meu_drill": f"2026-{3 + n % 8:02}-{1 + n * 7 % 28:02}",
        "hours": hours,
        "equipment": equipment,
        "supervise_s": supervise_s,
        "test_days": test_days,
    }


def sites(city: dict[str, Any], rng: random.Random) -> Iterable[dict[str, Any]]:
    """The one-key sites: every place of a guarded kind, three parks, ten buses."""
    guarded = [p for p in city["places"] if p["kind"] in KINDS and (p["kind"] != "park" or p["name"] in PARKS)]
    accounts: set[str] = {"1234"}
    for n, place in enumerate(guarded, 1):
        account = "1234" if place["name"] == "漳州市实验小学" else _account(place["kind"], accounts, rng)
        yield site(n, place["kind"], place["name"], place, account)
    for n, (route, plate, road) in enumerate(BUSES, len(guarded) + 1):
        line = next(r["line"] for r in city["roads"] if r["name"] == road)
        lon, lat = line[len(line) * 2 // 5]
        urban = int(inside((lon, lat), city["urban_area"]["polygon"]))
        place = {
            "address": f"{road}（行驶中）",
            "beat": beat_of(city, lon, lat),
            "lat": lat,
            "lon": lon,
            "urban": urban,
        }
        row = site(n, "bus", f"{route}公交 {plate}", place, _account("bus", accounts, rng))
        yield row | {"moving": 1, "route": route, "plate": plate, "road": road}


def _account(kind: str, taken: set[str], rng: random.Random) -> str:
    """A fresh account: the kind's digit and three random ones."""
    while True:
        account = KINDS[kind][0] + "".join(rng.choice(HEX) for _ in range(3))
        if account not in taken:
            taken.add(account)
            return account


def write_csv(name: str, fields: list[str], rows: Iterable[dict[str, Any]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, fields, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def main() -> None:
    city = json.loads(CITY.read_text(encoding="utf-8"))
    echelons = [{"id": i, "name": name, "type": kind, "duty": duty} for i, name, kind, duty in ECHELONS]
    table = {"source": SOURCE, "jurisdiction": "演示", "date": "2026-11-21", "echelons": echelons}
    (HERE / "echelons.json").write_text(as_text(table), encoding="utf-8")
    write_csv("units.csv", UNIT_FIELDS, units(city, random.Random(31)))  # noqa: S311 - a repeatable drawing
    write_csv("sites.csv", SITE_FIELDS, sites(city, random.Random(60)))  # noqa: S311 - a repeatable drawing


if __name__ == "__main__":
    main()
