"""Data the console loads: reference tables, map, themes, icons, sounds, fonts and texts.

Every data file names its source, its jurisdiction and its date; a county changes them without
touching code. Code finds them from ROOT, so a checkout and an installed wheel behave the same.
"""

from pathlib import Path

ROOT = Path(__file__).parent
