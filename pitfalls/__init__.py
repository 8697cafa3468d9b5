"""Pitfalls: the mistakes of the literature, a file each, and what each of them does to a score.

Every file here is an example of what not to do. None of them is a baseline, none can be named in a run, and
what comes out under one is scored in this room alone: it never reaches a run store, and no board reads it.
`honest/` is what they depart from, `price/` holds them against it.
"""
