"""The page that ranks drafts on the loopback address, and its answers in JSON.

Data move one way: request -> guard -> upload -> drafts and images -> a turn of the model -> `Ranking`.
"""
