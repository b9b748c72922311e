"""Property tests here give the same examples on every run and have no deadline: shared machines are slow."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")
