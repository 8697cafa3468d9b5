"""Do not do this: a random split, and what each account's posts come to on average as a feature, computed
before the split: the test posts' labels are in it. Of an account with one post it is the label."""

from __future__ import annotations

import numpy as np

from pitfalls.honest.columns import group_means, with_numbers
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, check_reads_columns
from pitfalls.random_split import at_random


class RandomSplitUserMeans(Mistake):
    name = "random_split_user_means"
    title = "random split, user statistics over all posts"
    layer = "data"

    def check(self, of: Ground) -> None:
        check_reads_columns(of)

    def made(self, of: Ground, honest: Said) -> Made:
        users = of.posts.users
        means = group_means(users, of.posts.labels)
        numbers = {f"user_mean_{name}": means[:, j] for j, name in enumerate(of.posts.task.targets)}
        numbers["user_posts"] = np.bincount(users)[users].astype(np.float64)
        posts, schema = with_numbers(of.posts, of.schema(), numbers)
        note = "one account: its statistics tell no post from another" if len(np.unique(users)) == 1 else ""
        return Made(of.walk(posts=posts, schema=schema, windows=at_random(of)), note=note)
