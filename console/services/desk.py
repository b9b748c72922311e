"""The desk: one seat's way to act. Every act of a person, a line or the clock goes through `do`.

The journal comes first. When it does not answer, the act is checked against the picture, fsynced into this
machine's spool and shown at once as 本机暂存; it reaches the journal later under the same `act_id`
(DESIGN sections 4 and 5).
"""
