"""The desk: drafts are ranked before they are published, and each place in the order is explained.

Data move one way: model folder + drafts -> judged -> `Ranking` -> table, page, answer.
"""
