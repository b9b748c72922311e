"""Commands on the seat 席位: lock, hand over, sign off, decide on requests, look at personal data with a reason.

They act on the window; what a password, a second person or a reason must answer for is asked there.
"""

from collections.abc import Callable, Sequence
from functools import partial

from console.commands import words
from console.commands.command import Command, Context, Prepared, Surface
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


COMMANDS = (
    Command(
        id="seat.lock",
        title="锁定席位",
        group="席位",
        keys=("F12",),
        verbs=("锁定",),
        grammar="锁定",
        prepare=partial(_at_the_seat, echo="锁定席位", what=lambda surface: surface.lock()),
    ),
    Command(
        id="seat.hand_over",
        title="交接班",
        group="席位",
        keys=("Shift+F12",),
        verbs=("交接班",),
        grammar="交接班",
        prepare=partial(_at_the_seat, echo="交接班", what=lambda surface: surface.hand_over()),
    ),
    Command(
        id="seat.sign_off",
        title="退出登录",
        group="席位",
        verbs=("退出登录",),
        grammar="退出登录",
        prepare=_sign_off,
    ),
    Command(
        id="seat.approvals",
        title="待批",
        group="席位",
        keys=("Ctrl+B",),
        verbs=("待批",),
        grammar="待批",
        prepare=partial(_at_the_seat, echo="打开待批", what=lambda surface: surface.show_approvals()),
    ),
    Command(
        id="seat.reveal",
        title="查看个人信息",
        group="席位",
        keys=("Ctrl+I",),
        verbs=("查看",),
        grammar="查看 [警情号] [理由]",
        prepare=_reveal,
    ),
)
