"""Bench: the figures this desk promises, each measured beside what the bare machine can do in the same run.

A package of the composition: it may know every room. Each job runs in a process of its own, so that none
disturbs the next; windows are loaded only by the jobs that measure them.
"""

from console.bench.command import run

__all__ = ["run"]
