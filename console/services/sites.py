"""Sites 点位 and units 警组: putting the desk's own records on file.

The same acts serve the demo, `import` and later the roster's editor. A record put again replaces the former
one; the journal keeps both.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from console.domain.errors import UserError
from console.domain.facts import SiteRegistered, UnitRegistered
from console.domain.ledger import Ledger
from console.domain.site import Site
from console.domain.unit import Unit, UnitStatus


def register_site(ledger: Ledger, *, site: Mapping[str, Any]) -> str:
    """Put a site on file; answers its id. UserError if another site has its panel's account already."""
    record = Site(**{**site, "linkage": tuple(site.get("linkage", ()))})
    taken = [other for other in ledger.where(Site, account=record.account) if other.id != record.id]
    if record.account and taken:
        raise UserError(f"账号 {record.account} 已属于{taken[0].name}")
    if ledger.get(Site, record.id) != record:
        ledger.record(SiteRegistered(site=record))
    return record.id


def register_unit(ledger: Ledger, *, unit: Mapping[str, Any]) -> str:
    """Put a unit on file; answers its id. A unit on duty keeps its status and its order."""
    known = ledger.get(Unit, unit["id"])
    if known is None:
        status = {"status": UnitStatus(unit.get("status", UnitStatus.OFF_DUTY)), "status_since": ledger.now}
    else:
        kept = ("status", "status_since", "status_before", "incident", "version")
        status = {name: getattr(known, name) for name in kept}
    record = Unit(**{**unit, **status})
    if record != known:
        ledger.record(UnitRegistered(unit=record))
    return record.id


def import_sites(ledger: Ledger, *, sites: Sequence[Mapping[str, Any]]) -> int:
    """Put a whole table on file, all or nothing; answers how many rows were news."""
    before = [ledger.get(Site, site["id"]) for site in sites]
    keys = [register_site(ledger, site=site) for site in sites]
    return sum(ledger.get(Site, key) != old for key, old in zip(keys, before, strict=True))


def import_units(ledger: Ledger, *, units: Sequence[Mapping[str, Any]]) -> int:
    """Put a whole table on file, all or nothing; answers how many rows were news."""
    before = [ledger.get(Unit, unit["id"]) for unit in units]
    keys = [register_unit(ledger, unit=unit) for unit in units]
    return sum(ledger.get(Unit, key) != old for key, old in zip(keys, before, strict=True))
