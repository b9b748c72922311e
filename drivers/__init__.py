"""Drivers of one-key alarm equipment: a library of its own, without Qt, SQL or knowledge of the console.

Codecs (report, codec, contact_id, surgard) turn bytes into reports and touch nothing else; streams, port and
link keep a wire open and read it; simulator and capture stand in for equipment that is not there.
"""
