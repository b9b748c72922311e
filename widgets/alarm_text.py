"""What an alarm says in words: its heading, its protocol facts in one line, whom to call back."""

from PySide6.QtCore import QCoreApplication

from console.domain.alarm import Alarm
from console.domain.incident import Incident
from console.domain.site import Site
from console.services.event_words import event_text, protocol_name, third_field_is_user
from console.services.masking import mask_name, mask_phone
from console.services.picture import Picture
from widgets.text import said, word

SCHOOLS = ("school", "kindergarten")
"""Each has a liaison officer; a missing one is said (requirements Z2-78)."""


def site_kind(kind: str) -> str:
    """学校, 银行 …; the kind itself where it has no word."""
    words = {
        "school": QCoreApplication.translate("alarm", "学校"),
        "kindergarten": QCoreApplication.translate("alarm", "幼儿园"),
        "bank": QCoreApplication.translate("alarm", "银行"),
        "bus_station": QCoreApplication.translate("alarm", "客运站"),
        "bus": QCoreApplication.translate("alarm", "公交车"),
        "hospital": QCoreApplication.translate("alarm", "医院"),
        "petrol": QCoreApplication.translate("alarm", "加油站"),
        "mall": QCoreApplication.translate("alarm", "商场"),
        "park": QCoreApplication.translate("alarm", "公园"),
    }
    return words.get(kind, kind)


def heading(picture: Picture, alarm: Alarm) -> str:
    """一键报警 · 漳州市实验小学 · 东门值班室"""
    if alarm.kind == "garbage":
        text = QCoreApplication.translate("alarm", "线路{line}收到无法解析的报文")
        return text.format(line=alarm.line)
    incident = picture.state.get(Incident, alarm.incident)
    title = word(incident.title) if incident is not None and incident.title else ""
    if not title:
        title = QCoreApplication.translate("alarm", "一键报警 · 未登记账号 {account}").format(account=alarm.account)
    site = picture.site(alarm.site)
    spot = site.spot(alarm.zone) if site is not None and not third_field_is_user(alarm) else ""
    return f"{title} · {spot}" if spot else title


def plain_heading(alarm: Alarm) -> str:
    """一键报警 · 账号 1234 · 防区 003: what the alarm itself says, without its incident and site."""
    title = QCoreApplication.translate("alarm", "一键报警 · 账号 {account}").format(account=alarm.account)
    return " · ".join(part for part in (title, zone_text(alarm)) if part)


def silent_words(alarm: Alarm) -> str:
    """胁迫 · 不得回拨, written large; '' where the place may be rung."""
    if not alarm.silent:
        return ""
    if alarm.kind == "duress":
        return QCoreApplication.translate("alarm", "胁迫 · 不得回拨")
    if alarm.kind == "holdup":
        return QCoreApplication.translate("alarm", "劫持 · 不得回拨")
    return QCoreApplication.translate("alarm", "静默 · 不得回拨")


def presses_text(alarm: Alarm) -> str:
    """第2次按压; '' for the first."""
    if alarm.presses < 2:
        return ""
    return QCoreApplication.translate("alarm", "第{n}次按压").format(n=alarm.presses)


def zone_text(alarm: Alarm) -> str:
    """防区 003, or 用户 001 where the last digits name a person; '' for none."""
    if not alarm.zone:
        return ""
    if third_field_is_user(alarm):
        return QCoreApplication.translate("alarm", "用户 {zone}").format(zone=alarm.zone)
    return QCoreApplication.translate("alarm", "防区 {zone}").format(zone=alarm.zone)


def _paths(alarm: Alarm) -> str:
    others = [path for path in alarm.paths if path != alarm.line]
    if not others:
        return ""
    text = QCoreApplication.translate("alarm", "双路径 {paths}")
    return text.format(paths=" + ".join((alarm.line, *others)))


def _line(alarm: Alarm) -> str:
    text = QCoreApplication.translate("alarm", "线路{line}（{protocol}）")
    return text.format(line=alarm.line, protocol=said(protocol_name(alarm.protocol)))


def keyholder_text(site: Site, *, masked: bool) -> str:
    """联络员 with name and number; masked where nobody who may call him sits."""
    whom = QCoreApplication.translate("alarm", "联络员 {name} {phone}")
    name, phone = site.keyholder, site.keyholder_phone
    if masked:
        name, phone = mask_name(name), mask_phone(phone)
    return whom.format(name=name, phone=phone).strip()


def _site_facts(site: Site | None, *, masked: bool) -> list[str]:
    if site is None:
        return []
    facts = []
    if site.beat:
        facts.append(QCoreApplication.translate("alarm", "网格警区 {beat}").format(beat=site.beat))
    if site.meu:
        facts.append(QCoreApplication.translate("alarm", "最小应急单元 {n} 人").format(n=site.meu))
    if site.keyholder:
        facts.append(keyholder_text(site, masked=masked))
    elif site.kind in SCHOOLS:
        facts.append(QCoreApplication.translate("alarm", "联络员未登记"))
    return facts


def facts_line(picture: Picture, alarm: Alarm, *, masked: bool = False) -> str:
    """Everything the protocol told, what happened to it since, and what the site's record adds.

    `masked`: nobody sits here who might call the keyholder.
    """
    if alarm.kind == "garbage":
        text = QCoreApplication.translate("alarm", "{why} · {line} · 原文 {raw}")
        return text.format(why=said(alarm.why), line=_line(alarm), raw=_spaced(alarm.raw_hex))
    site = picture.site(alarm.site)
    silent = QCoreApplication.translate("alarm", "静默报警：不得回拨现场") if alarm.silent else ""
    restored = QCoreApplication.translate("alarm", "按钮已释放，报警仍锁定") if alarm.restored_at else ""
    spooled = QCoreApplication.translate("alarm", "本机暂存") if picture.is_provisional(alarm) else ""
    account = QCoreApplication.translate("alarm", "账号 {account}").format(account=alarm.account)
    # What to do stands in front: a narrow strip cuts the end off.
    unknown = QCoreApplication.translate("alarm", "账号未登记：派警前先核对地址") if site is None else ""
    kind = site_kind(site.kind) if site is not None else ""
    event = word(event_text(alarm))
    told = [
        spooled,
        silent,
        unknown,
        presses_text(alarm),
        kind,
        zone_text(alarm),
        event,
        account if alarm.account else "",
        _line(alarm),
    ]
    told += [_paths(alarm), *_site_facts(site, masked=masked), restored]
    return " · ".join(part for part in told if part)


def _spaced(raw_hex: str) -> str:
    return " ".join(raw_hex[at : at + 2] for at in range(0, len(raw_hex), 2)).upper()


def call_back(picture: Picture, alarm: Alarm) -> tuple[str, str]:
    """(what the button says, whom it rings); a bank's rings the security office, never the counter."""
    site = picture.site(alarm.site)
    number = site.callback_phone if site is not None else ""
    number = number or QCoreApplication.translate("alarm", "未登记号码")
    if site is not None and site.kind == "bank":
        whom = QCoreApplication.translate("alarm", "保卫部 {number}（不得打柜台）").format(number=number)
        return QCoreApplication.translate("alarm", "回拨保卫部"), whom
    return QCoreApplication.translate("alarm", "回拨核实"), number
