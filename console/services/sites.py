"""Sites 点位 and units 警组: putting the desk's own records on file.

The same acts serve the demo, `import`, the site's form and later the roster's editor. A record put again replaces the
former one field by field: what it does not say stays as it was; the journal keeps both. An alarm that came from an
account nobody knew finds its site here as soon as the account is registered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from console.domain.alarm import Alarm
from console.domain.body import Scalar
from console.domain.errors import UserError
from console.domain.facts import AlarmPlaced, SiteRegistered, UnitRegistered
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.site import Site
from console.domain.state import State
from console.domain.unit import Unit, UnitStatus
from console.services.meaning import panel_alarms

UNREGISTERED = "账号未登记"
"""Why the place of an alarm's incident is unknown as long as nobody has registered its account."""

PADDED = (4, 0, 6, 11, 12, 20)
"""Digits of a panel's account (Contact ID, bare, DC-09) and of a terminal's telephone number (JT/T 808)."""

LISTS = ("linkage", "keyholders")


def site_of(state: State, account: str, line: str = "") -> Site | None:
    """The site of a panel's account as it came on a line; None if nobody has registered it.

    The line's own site goes before one of any line. Senders pad an account with zeros in front, registers do so too.
    """
    for form in _forms(account):
        found = {site.line: site for site in state.where(Site, account=form)}
        if line in found or "" in found:
            return found.get(line) or found[""]
    return None


def register_site(ledger: Ledger, *, site: Mapping[str, Any]) -> str:
    """Put a site on file; answers its id. UserError if another site has its panel's account on this line already."""
    return register_sites(ledger, [site])[0]


def import_sites(ledger: Ledger, *, sites: Sequence[Mapping[str, Any]]) -> int:
    """Put a whole table on file, all or nothing; answers how many rows were news."""
    before = [ledger.get(Site, site["id"]) for site in sites]
    keys = register_sites(ledger, sites)
    return sum(ledger.get(Site, key) != old for key, old in zip(keys, before, strict=True))


def register_sites(ledger: Ledger, sites: Sequence[Mapping[str, Any]]) -> list[str]:
    """Put sites on file as one table; UserError names every account that is another site's, and nothing is stored."""
    records = {record.id: record for record in (_record(ledger, site) for site in sites)}
    problems = [problem for record in records.values() for problem in _taken(ledger, records, record)]
    if problems:
        raise UserError("；".join(dict.fromkeys(problems)))
    for record in records.values():
        if ledger.get(Site, record.id) != record:
            ledger.record(SiteRegistered(site=record))
    _place_alarms(ledger, records)
    return [str(site["id"]) for site in sites]


def _record(ledger: Ledger, site: Mapping[str, Any]) -> Site:
    """The site as it will stand: what is said over what was on file."""
    known = ledger.get(Site, str(site["id"]))
    said: dict[str, Any] = {name: tuple(value) if name in LISTS else value for name, value in site.items()}
    unknown = sorted(said.keys() - {field.name for field in fields(Site)})
    if unknown:
        raise UserError(f"点位没有这些栏目：{'、'.join(unknown)}")
    said["registered_at"] = (known.registered_at if known is not None else None) or ledger.now
    if known is not None:
        return replace(known, **said)
    if not said.get("name"):
        raise UserError(f"点位 {site['id']} 没有名称")
    return Site(**said)


def _taken(ledger: Ledger, records: Mapping[str, Site], record: Site) -> Iterable[str]:
    """Whose account it is already; the table's own rows count as they will stand."""
    if not record.account:
        return
    forms = _forms(record.account)
    on_file = [other for form in forms for other in ledger.where(Site, account=form) if other.id not in records]
    beside = [other for other in records.values() if other.account in forms and other.id != record.id]
    for other in (*on_file, *beside):
        if clash(record.line, other.line):
            where = f"（线路 {other.line}）" if other.line else ""
            written = "" if other.account == record.account else f"（登记为 {other.account}）"
            yield f"账号 {record.account} 已属于{other.name}{written}{where}"


def _forms(account: str) -> tuple[str, ...]:
    """The ways in which senders and registers write one account, this one first; '' is none."""
    bare = account.lstrip("0")
    return tuple(filter(None, dict.fromkeys((account, *(bare.rjust(width, "0") for width in PADDED)))))


def clash(line: str, other: str) -> bool:
    """Whether one account may not stand on both; '' is every line."""
    return line == other or not line or not other


# -- alarms that came before their site was known ----------------------------------------------------------------


def _place_alarms(ledger: Ledger, records: Mapping[str, Site]) -> None:
    """Give open alarms of these accounts, until now nobody's, their site; their incidents the place."""
    for alarm in [alarm for alarm in ledger.where(Alarm, site="", reset_at=None) if alarm.open and alarm.account]:
        site = site_of(ledger, alarm.account, alarm.line)
        if site is None or site.id not in records:
            continue
        incident = ledger.get(Incident, alarm.incident)
        new = _follows(alarm, site, incident) if incident is not None else {}
        ledger.record(AlarmPlaced(incident=alarm.incident, alarm=alarm.id, site=site.id, name=site.name, new=new))


def _follows(alarm: Alarm, site: Site, incident: Incident) -> dict[str, Scalar]:
    """What the incident learns of its site; what a person has written meanwhile stays."""
    new: dict[str, Scalar] = {}
    if not incident.site:
        new["site"] = site.id
    if incident.place_unknown == UNREGISTERED:
        spot = "" if alarm.silent else site.spot(alarm.zone)
        title = incident.title.partition(" · ")[0]
        new |= {"place": f"{site.name} {spot}".strip(), "place_unknown": "", "title": f"{title} · {site.name}"}
    if incident.lat is None and site.lat is not None:
        new |= {"lat": site.lat, "lon": site.lon, "urban": site.urban}
    if not incident.beat and site.beat:
        new["beat"] = site.beat
    rule = panel_alarms().classes.get(alarm.kind)
    if rule is not None and incident.kind == rule.code(""):
        new["kind"] = rule.code(site.kind)
    return {name: value for name, value in new.items() if getattr(incident, name) != value}


def register_unit(ledger: Ledger, *, unit: Mapping[str, Any]) -> str:
    """Put a unit on file; answers its id. A unit on duty keeps its status and its order."""
    known = ledger.get(Unit, unit["id"])
    if known is None:
        status = {"status": UnitStatus(unit.get("status", UnitStatus.OFF_DUTY)), "status_since": ledger.now}
    else:
        kept = ("status", "status_since", "status_before", "doing_since", "incident", "checked_at", "version")
        status = {name: getattr(known, name) for name in kept}
    record = Unit(**{**unit, **status})
    if record != known:
        ledger.record(UnitRegistered(unit=record))
    return record.id


def import_units(ledger: Ledger, *, units: Sequence[Mapping[str, Any]]) -> int:
    """Put a whole table on file, all or nothing; answers how many rows were news."""
    before = [ledger.get(Unit, unit["id"]) for unit in units]
    keys = [register_unit(ledger, unit=unit) for unit in units]
    return sum(ledger.get(Unit, key) != old for key, old in zip(keys, before, strict=True))
