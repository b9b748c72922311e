"""The demo: a quarter of an hour of an evening, played over the real station.

Panels send real bytes over a pseudo-terminal; units and agencies act through the same acts as people. The
script is data (resources/reference/demo/evening.json); this package only plays it.
"""
