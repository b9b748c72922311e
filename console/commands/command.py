"""What a desk command is: one entry of the one table.

Key, menu, command line, key card and tests all enter through `prepare`: it says in words what Enter will do
(the echo) and hands over the deed, or raises UserError with the reason why not.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from console.domain.plan import Proposal
from console.domain.recommend import Candidate
from console.services.desk import Desk
from console.services.queue_filter import QueueFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """What the person has before them at the moment of the key; '' = nothing.

    `held` is an alarm that this seat has acknowledged and that still stands on the strip for its unit.
    `suggested` are up to eight agencies in the order of their keys (F5…F8, Shift+F5…F8). `best` is the
    recommended unit for an incident number, `ranked` every unit judged for it, the best first. `channel` is how
    the next handoff is to be delivered (slip, or phone: 电话代录 is ticked). `question` is the one the card asks.
    `silent_since` answers since when (ISO, UTC) no seat of a person has been heard, '' while one has. `plan` is the
    tick list of an incident and a wave (0: the next one).
    """

    incident: str = ""
    unit: str = ""
    alarm: str = ""
    held: str = ""
    suggested: tuple[str, ...] = ()
    channel: str = "slip"
    question: str = ""
    best: Callable[[str], Candidate | None] = lambda _: None
    ranked: Callable[[str], Sequence[Candidate]] = lambda _: ()
    silent_since: Callable[[str], str] = lambda _: ""
    plan: Callable[[str, int], Proposal | None] = lambda _number, _wave: None


class Surface(Protocol):
    """What a command may ask of the window it was given in."""

    def new_incident(self) -> None: ...
    def return_call(self) -> None:
        """Begin the form for the caller who was missed; nothing where there is none."""

    def show_incident(self, number: str) -> None: ...
    def offer_linkage(self, number: str, agencies: tuple[str, ...]) -> None:
        """Put a site's own agencies on the first handoff buttons of an incident."""

    def show_plan(self, number: str, wave: int) -> None:
        """Open the response plan of an incident in its column; wave 0: the next one."""

    def choose_agency(self) -> None: ...
    def choose_main_incident(self) -> None: ...
    def test_sound(self) -> None:
        """Play the sounds, or say that they were heard; UserError without a device."""

    def move_pane(self, name: str) -> None:
        """A pane ('queue', 'map', 'roster') to a window of its own, or home."""

    def reset_layout(self) -> None: ...
    def undo_layout(self) -> None:
        """The layout before the last change; UserError where nothing was changed."""

    def map_back(self) -> None:
        """The map as it was before an emergency took it away."""

    def take_duplicate(self, place: int) -> None:
        """What is in the column is the same event as the possible duplicate at this place (0–2); UserError if none."""

    def change_language(self, language: str) -> None:
        """The window in another language; '' = the other one."""

    def focus_command_line(self) -> None: ...
    def show_questions(self, *, back: bool = False) -> None:
        """The question card takes the keys; `back`: with the question before the one it asks."""

    def focus_search(self) -> None: ...
    def begin_line(self, text: str) -> None:
        """The command line takes the keys and begins with `text`, for what the command still needs."""

    def find(self, text: str) -> None: ...
    def narrow_queue(self, only: QueueFilter | None) -> None:
        """Show what the filter lets through; None opens the menu to choose it from."""

    def dress_queue(self, look: str) -> None:
        """A word of `queue_filter.LINES`, or of `COLUMNS`, then shown or no more; '' opens the menu."""

    def show_tab(self, tab: str) -> None: ...
    def turn_queue(self, by: int) -> None: ...
    def show_key_card(self) -> None: ...
    def show_seats(self) -> None: ...
    def lock(self) -> None: ...
    def hand_over(self) -> None: ...
    def sign_off(self) -> None: ...
    def show_approvals(self) -> None: ...
    def show_technical(self) -> None: ...
    def show_bulletins(self, kind: str, text: str) -> None:
        """布控通播: the list, or with a kind the form, begun with what was typed."""

    def declare_major(self, number: str, reason: str) -> None:
        """Name who will be told that an incident is a major one; nothing is sent before Enter there."""

    def show_site(self, site: str) -> None:
        """The register's form for a site; '' = to look one up."""

    def register_alarm(self, alarm: str) -> None:
        """The register's form, begun with what is known of the alarm's account."""

    def reveal(self, number: str, reason: str) -> None:
        """Unmask an incident's personal data; without a reason ask for one."""

    def print_slip(self, handoff: str) -> Awaitable[str]:
        """Make the slip and answer its file name."""

    def print_sheet(self) -> Awaitable[str]:
        """Print 断网续接单 and answer its file name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything a command is prepared from."""

    desk: Desk
    focus: Focus
    surface: Surface


Deed = Callable[[], Awaitable[str]]
"""Does it and answers the sentence that tells so ('' = the window shows it by itself)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What Enter will do, in words, and the deed itself.

    `about` are the keys of the incident, unit, alarm or handoff it touches: if one of them changed a moment
    before Enter, the person is asked again (see `seen`). `warning`: what the tables advise against; it stands in the
    echo too, and where no echo was read (a key, a menu) the person is asked once.
    """

    echo: str
    deed: Deed
    about: tuple[str, ...] = ()
    warning: str = ""


Prepare = Callable[[Context, Sequence[str]], Prepared]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One entry. `id` is stable; `title` is the button's and menu's word; `verbs` start a command line.

    `grammar` is the first verb and the words it takes, `[ ]` optional, `|` a choice; completion reads it (see
    `slots`). `group` orders the menu and the key card; `hint` is the short word beside the key in the bar.
    Keys are Qt's names. A key with F, Ctrl or Alt works anywhere, any other (`?`) only outside text fields.
    """

    id: str
    title: str
    group: str
    prepare: Prepare
    keys: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    grammar: str = ""
    hint: str = ""

    @property
    def slots(self) -> tuple[str, ...]:
        """The words after the verb as the grammar writes them: ('呼号', '[警情号]')."""
        return tuple(self.grammar.split()[1:])

    @property
    def needs_words(self) -> bool:
        """Whether the verb alone is not enough."""
        return any(not slot.startswith("[") for slot in self.slots)


def entry(
    group: str,
    id_: str,
    title: str,
    grammar: str,
    prepare: Prepare,
    *keys: str,
    also: tuple[str, ...] = (),
    hint: str = "",
) -> Command:
    """An entry as the tables write it: the grammar's first word is its verb, `also` are others for the same.

    Without a grammar it has keys only.
    """
    verbs = (*grammar.split()[:1], *also)
    return Command(
        id=id_, title=title, group=group, prepare=prepare, keys=keys, verbs=verbs, grammar=grammar, hint=hint
    )
