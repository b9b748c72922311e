"""Commands on the seat 席位: lock, hand over, sign off, decide on requests, look at personal data with a reason.

They act on the window; what a password, a second person or a reason must answer for is asked there.
"""

from collections.abc import Callable, Sequence
from functools import partial

from console.commands import words
from console.commands.command import Context, Prepared, Surface, entry
from console.commands.rehearsal import prepare
from console.domain.account import Account
from console.domain.errors import UserError
from console.services.handing_over import standing


def _signed_on(context: Context) -> None:
    if not context.desk.picture.state.all(Account):
        raise UserError("还没有账号，席位不需要登录；请安全管理员先导入账号")
    if not context.desk.actor:
        raise UserError("请先登录")


def _at_the_seat(context: Context, args: Sequence[str], *, echo: str, what: Callable[[Surface], None]) -> Prepared:
    words.no_more(args)
    _signed_on(context)
    return prepare(context, echo, done="", then=partial(what, context.surface))


def _sign_off(context: Context, args: Sequence[str]) -> Prepared:
    desk = context.desk
    left = standing(desk.picture, desk.health, desk.actor, desk.clock())
    if left.incidents:
        raise UserError(f"您还有 {len(left.incidents)} 起在办警情，请按 Shift+F12 交接班")
    return _at_the_seat(context, args, echo="退出登录，席位空出", what=lambda surface: surface.sign_off())


def _reveal(context: Context, args: Sequence[str]) -> Prepared:
    """Without a reason it is asked for where the masked fields are."""
    number, others = words.take_number(args)
    target = words.incident(context, number)
    reason = words.rest(others)
    echo = f"查看个人信息 {words.name(target)}" + (f"：{reason}" if reason else "（请写明理由）")
    return prepare(context, echo, done="", then=partial(context.surface.reveal, target.number, reason))


_lock = partial(_at_the_seat, echo="锁定席位", what=lambda surface: surface.lock())
_hand_over = partial(_at_the_seat, echo="交接班", what=lambda surface: surface.hand_over())
_approvals = partial(_at_the_seat, echo="打开待批", what=lambda surface: surface.show_approvals())

_entry = partial(entry, "席位")

COMMANDS = (
    _entry("seat.lock", "锁定席位", "锁定", _lock, "F12"),
    _entry("seat.hand_over", "交接班", "交接班", _hand_over, "Shift+F12"),
    _entry("seat.sign_off", "退出登录", "退出登录", _sign_off),
    _entry("seat.approvals", "待批", "待批", _approvals, "Ctrl+B"),
    _entry("seat.reveal", "查看个人信息", "查看 [警情号] [理由]", _reveal, "Ctrl+I"),
)
