"""The desk's rules: what exists, what may happen to it, and what follows.

Standard library only. States are immutable values, life cycles are transition tables, rules are pure
functions of (state, now) that answer with reasons.
"""
