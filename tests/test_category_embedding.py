"""Category embedding: what a category borrows from its parent, and a user from the categories posted in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from handing import handed_over
from worlds import World

from baselines.category_embedding import CategoryEmbedding, _levels
from baselines.parts.category_map import draw_map, learnt
from baselines.parts.hierarchy import Levels, Tree
from benchmark import Array, Posts
from benchmark.data.prepare import prepare

TOP = np.array(["Fashion", "Fashion", "Fashion", "Sport", "Sport", None], object)
BELOW = np.array(["Shoes", "Shoes", "Hats", "Shoes", None, "Hats"], object)


def tree(*levels: np.ndarray, nested: bool = True) -> Tree:
    return Tree(nested=nested).fit(levels, len(levels[0]))


def paths(grown: Tree, *posts: tuple[str | None, ...]) -> list[list[str]]:
    """The names on the way down to each post's group."""
    levels = [np.array(values, object) for values in zip(*posts, strict=True)]
    found = grown.paths(levels, len(posts))
    return [[grown.path_name(node) for node in path if node] for path in found]


def test_the_same_name_below_two_parents_is_two_groups() -> None:
    grown = tree(TOP, BELOW)
    assert [grown.path_name(node) for node in range(1, len(grown.counts))] == [
        "Fashion",
        "Sport",
        "Fashion > Hats",
        "Fashion > Shoes",
        "Sport > Shoes",
    ]
    assert grown.counts.tolist() == [6, 3, 2, 1, 2, 1]
    assert grown.levels.tolist() == [0, 1, 1, 2, 2, 2]


def test_an_unseen_group_ends_at_its_parent_and_one_with_an_unseen_parent_at_the_root() -> None:
    grown = tree(TOP, BELOW)
    assert paths(grown, ("Sport", "Shoes")) == [["Sport", "Sport > Shoes"]]
    assert paths(grown, ("Sport", "Hats"), ("Sport", "Gloves"), ("Sport", None)) == [["Sport"]] * 3
    assert paths(grown, ("Food", "Shoes"), (None, "Hats"), (None, None)) == [[]] * 3


def test_levels_that_are_not_nested_are_each_by_themselves() -> None:
    grown = tree(TOP, BELOW, nested=False)
    assert grown.names == ["all", "Fashion", "Sport", "Hats", "Shoes"]
    assert paths(grown, ("Food", "Shoes"), ("Sport", "Gloves")) == [["Shoes"], ["Sport"]]
    assert grown.counts.tolist() == [6, 3, 2, 2, 3]


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_paths_and_counts_match_a_naive_loop_at_any_depth(depth: int) -> None:
    rng = np.random.default_rng(depth)
    posts = [tuple(rng.choice(["a", "b", "c", None], depth)) for _ in range(120)]
    train, levels = posts[:80], [np.array(values, object) for values in zip(*posts, strict=True)]
    grown = Tree().fit([values[:80] for values in levels], 80)
    prefixes = [post[:i] for post in train for i in range(1, depth + 1) if None not in post[:i]]
    expected = [
        [" > ".join(post[:i]) for i in range(1, depth + 1) if None not in post[:i] and post[:i] in prefixes]
        for post in posts
    ]
    assert paths(grown, *posts) == expected
    names = [" > ".join(prefix) for prefix in prefixes]
    assert grown.counts[1:].tolist() == [names.count(grown.path_name(i)) for i in range(1, len(grown.counts))]


def test_a_tree_may_have_no_level_and_a_level_no_group() -> None:
    assert Tree().fit([], 4).paths([], 3).shape == (3, 0)
    nothing = np.array([None, None], object)
    assert tree(nothing, nothing).paths([TOP[:2], BELOW[:2]], 2).tolist() == [[0, 0], [0, 0]]


def test_the_way_to_a_node_is_the_path_of_its_posts() -> None:
    grown = tree(TOP, BELOW)
    found = grown.paths([TOP, BELOW], len(TOP))
    for path in found[found[:, 1] > 0]:
        assert grown.ways()[path[1]].tolist() == path.tolist()


@pytest.mark.slow
def test_an_unseen_child_has_the_vector_of_its_parent_and_an_unseen_parent_that_of_the_root() -> None:
    import torch

    from baselines.networks.category import Offsets

    grown = tree(TOP, BELOW)
    offsets = Offsets(grown.counts, kappa=2.0, pace=1.0, dim=3)
    torch.nn.init.normal_(offsets.moved)
    posts = [np.array(["Sport", "Sport", "Food"], object), np.array(["Shoes", "Gloves", "Shoes"], object)]
    known, unseen, nothing = offsets(torch.from_numpy(grown.paths(posts, 3)))
    own = offsets.moved * torch.tensor([0, 3 / 5, 1 / 2, 1 / 3, 1 / 2, 1 / 3]).unsqueeze(1)
    assert torch.allclose(known, own[2] + own[5])
    assert torch.allclose(unseen, own[2])
    assert not nothing.any()


@pytest.mark.slow
@pytest.mark.parametrize("kappa", [0.0, 5.0])
def test_a_group_of_n_posts_is_drawn_to_its_parent_by_kappa_of_n_plus_kappa(kappa: float) -> None:
    labels = np.repeat([3.0, -1.0], [2, 20]).astype(np.float32)
    levels = [np.repeat(["rare", "frequent"], [2, 20])]
    means = fitted_means(levels, labels, kappa, steps=600)
    assert means[[0, -1]] == pytest.approx([3 * 2 / (2 + kappa), -20 / (20 + kappa)], abs=0.02)


@pytest.mark.slow
def test_partial_pooling_finds_rare_groups_better_than_free_vectors() -> None:
    """Of 1 to 9 posts each, 20 around every parent."""
    rng = np.random.default_rng(0)
    child = np.repeat(np.arange(200), rng.integers(1, 10, 200))
    levels = [(child // 20).astype(str), child.astype(str)]
    truth = rng.normal(0, 1, 10)[child // 20] + rng.normal(0, 0.3, 200)[child]
    noisy = (truth + rng.normal(0, 1, len(truth))).astype(np.float32)
    pooled, free = (
        np.abs(fitted_means(levels, noisy, kappa, steps=300) - truth).mean() for kappa in (10.0, 0.0)
    )
    assert pooled < 0.8 * free


def fitted_means(levels: Levels, y: Array, kappa: float, *, steps: int) -> Array:
    """What `Offsets` of size 1 give for each post once trained on y [n] with half the squared error."""
    import torch

    from baselines.networks.category import Offsets

    grown = tree(*levels)
    offsets, at = Offsets(grown.counts, kappa, 1.0, 1), torch.from_numpy(grown.paths(levels, len(y)))
    optimizer, label = torch.optim.Adam(offsets.parameters(), 0.03), torch.from_numpy(y)
    for _ in range(steps):
        optimizer.zero_grad()
        ((offsets(at)[:, 0] - label).square() / 2).mean().backward()
        optimizer.step()
    found: Array = offsets(at)[:, 0].detach().numpy()
    return found


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Posts, Posts]:
    world = World.make(tmp_path_factory.mktemp("world"))
    return handed_over(prepare(world.card, world.home, ()))


def labels(posts: Posts) -> Array:
    return np.random.default_rng(0).normal(size=(len(posts), 3)).astype(np.float32)


@pytest.fixture(scope="module")
def fitted(posts: tuple[Posts, Posts]) -> CategoryEmbedding:
    train, _ = posts
    baseline = CategoryEmbedding(epochs=3)
    baseline.fit(train, labels(train))
    return baseline


@pytest.mark.slow
def test_a_user_never_seen_is_the_mean_of_the_categories_posted_in_so_far(
    fitted: CategoryEmbedding, posts: tuple[Posts, Posts]
) -> None:
    import torch

    train, test = posts
    new = np.flatnonzero(~np.isin(test.users, train.users))
    batch = fitted.tensors(test, fitted.aim.base(test)).batch(torch.from_numpy(new))
    with torch.inference_mode():
        own = fitted.net.first.categories(batch["path"])
        users = fitted.net.first.user_vector(batch, own)
        every = fitted.net.first.categories(torch.from_numpy(fitted._paths(test)))
    seen = test.users[new]
    for place, vector in zip(new, users, strict=True):
        so_far = new[(seen == test.users[place]) & (test.times[new] <= test.times[place])]
        assert torch.allclose(vector, every[so_far].mean(dim=0), atol=1e-5)
    first = np.flatnonzero([user not in seen[:i] for i, user in enumerate(seen)])
    assert torch.allclose(users[first], own[first])


@pytest.mark.slow
def test_one_hot_ties_no_user_to_the_categories(posts: tuple[Posts, Posts]) -> None:
    train, test = posts
    baseline = CategoryEmbedding(epochs=2, **CategoryEmbedding.variants["one_hot"])
    baseline.fit(train, labels(train))
    assert "paths" not in baseline.tensors(test, baseline.aim.base(test)).own
    assert np.isfinite(baseline.predict(test)).all()


def test_without_category_columns_the_topic_of_the_text_is_the_category_and_without_text_there_is_none() -> (
    None
):
    class Texts:
        kinds = ("topics",)

        def with_role(self, role: str) -> list[str]:
            return []

        def has(self, kind: str) -> bool:
            return kind in self.kinds

        def encode(self, kind: str) -> Array:
            return np.eye(19, dtype=np.float32)[[11, 16, 0]]

        def encoded(self, kind: str) -> Array:
            return np.array([True, True, False])

    texts = Texts()
    assert [level.tolist() for level in _levels(texts)] == [["music", "sports", None]]  # type: ignore[arg-type]
    texts.kinds = ()  # type: ignore[assignment]
    assert _levels(texts) == []  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_post_alone_is_predicted_as_among_others(
    fitted: CategoryEmbedding, posts: tuple[Posts, Posts]
) -> None:
    test = posts[1]
    together = fitted.predict(test)
    alone = np.concatenate([fitted.predict(test.take(np.array([i]))) for i in range(0, len(test), 7)])
    assert np.abs(together[::7] - alone).max() < 1e-4


@pytest.mark.slow
def test_what_was_learnt_is_a_table_of_every_category_and_a_map_of_the_top_level(
    fitted: CategoryEmbedding, posts: tuple[Posts, Posts], tmp_path: Path
) -> None:
    import pandas as pd

    fitted.artefacts(tmp_path)
    table = pd.read_csv(tmp_path / "categories.csv")
    train = posts[0]
    top = table[table["level"] == 1].set_index("name")["training_posts"]
    assert top.to_dict() == train.column("category").value_counts().to_dict()
    below = train.column("category") + " > " + train.column("topic")
    assert set(table["name"]) == {*top.index, *below.dropna()}
    assert {path.name for path in tmp_path.glob("*.png")} >= {
        "learning_curve.png",
        "category_map.png",
        "category_effects.png",
    }


@pytest.mark.slow
def test_the_map_of_one_category_and_of_none_can_be_made(tmp_path: Path) -> None:
    for levels in ([np.array(["only"] * 4, object)], []):
        grown = Tree().fit(levels, 4)
        nodes = len(grown.counts)
        table = learnt(grown, np.ones((nodes, 5), np.float32), grown.paths(levels, 4), np.ones(4, np.float32))
        assert len(table) == nodes - 1
        if len(table):
            draw_map(tmp_path / "map.png", table)
            assert table["correction"].tolist() == [1.0]
