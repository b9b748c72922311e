"""Commands on the register of sites 点位: look one up, and enter the one an unknown account belongs to."""

from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import prepare
from console.domain.alarm import Alarm
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.site import Site
from console.services.site_search import find_sites


def _show(context: Context, args: Sequence[str]) -> Prepared:
    """The site of the words, else the one of the alarm or incident in sight, else the search."""
    text, state = words.rest(args), context.desk.picture.state
    if text:
        found = find_sites(state.where(Site), text)
        if not found:
            raise UserError(f"查无此点位：{text}")
        return _opening(context, found[0])
    alarm = state.get(Alarm, context.focus.alarm)
    incident = state.get(Incident, context.focus.incident)
    for key in (alarm.site if alarm is not None else "", incident.site if incident is not None else ""):
        site = state.get(Site, key)
        if site is not None:
            return _opening(context, site)
    return prepare(context, "查找点位", done="", then=partial(context.surface.show_site, ""))


def _opening(context: Context, site: Site) -> Prepared:
    return prepare(context, f"打开点位 {site.name}", done="", then=partial(context.surface.show_site, site.id))


def _register(context: Context, args: Sequence[str]) -> Prepared:
    """The alarm in sight whose account nobody has registered."""
    words.no_more(args)
    alarm = words.alarm(context)
    site = context.desk.picture.site(alarm.site)
    if site is not None:
        raise UserError(f"账号 {alarm.account} 已登记为{site.name}")
    if not alarm.account:
        raise UserError("这条报警没有账号，无法登记点位")
    echo = f"登记点位：账号 {alarm.account}（线路{alarm.line}）"
    return prepare(context, echo, done="", then=partial(context.surface.register_alarm, alarm.id))


_entry = partial(entry, "点位")

COMMANDS = (
    _entry("site.register", "登记点位", "登记", _register, "F4"),
    _entry("site.show", "点位", "点位 [词语]", _show, "Shift+F4"),
)
