"""Due tests: which sites have not shown within their interval that their button reaches the desk.

A site's `test_days` count from its last passed test run, before the first one from its registration (GB/T 29315-2022,
practice in Yiwu: each quarter). Read from any state: the picture for windows, the ledger for acts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.site import Site
from console.domain.state import State
from console.domain.test_run import RunState, TestRun

AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTest:
    """A site whose test is due at `due`; `last` is the run it counts from, None = its registration."""

    site: Site
    last: TestRun | None
    due: datetime

    def days_late(self, now: datetime) -> int:
        """Whole days since it was due; negative before."""
        return (now - self.due).days


def last_passed(state: State, site: str) -> TestRun | None:
    """The last run the site passed."""
    passed = [run for run in state.where(TestRun, site=site) if run.state is RunState.PASSED]
    return max(passed, key=_ended, default=None)


def _ended(run: TestRun) -> datetime:
    return run.ended_at or run.started_at


def due_test(state: State, site: Site) -> DueTest | None:
    """When the site is to be tested; None if it need not be, or nobody knows since when."""
    if site.test_days is None:
        return None
    last = last_passed(state, site.id)
    since = _ended(last) if last is not None else site.registered_at
    return DueTest(site=site, last=last, due=since + timedelta(days=site.test_days)) if since is not None else None


def due_tests(state: State, now: datetime, soon: timedelta = AT_ONCE) -> list[DueTest]:
    """Every site whose test is due, or will be within `soon`; the longest overdue first."""
    found = [due for site in state.where(Site) if (due := due_test(state, site)) is not None and due.due <= now + soon]
    return sorted(found, key=lambda due: (due.due, due.site.id))
