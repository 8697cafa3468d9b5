"""The network of a data set: which edges there are, and which names are one account."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_layouts import write_csv
from table_sets import table_card

from benchmark.data.prepare import prepare
from benchmark.declared.card import Card
from benchmark.errors import DataError, SmpbenchError, UnknownName
from network.build.alike import Alikeness
from network.build.backbone import backbone, significance
from network.build.build import build
from network.build.shared import Uses, shared
from network.build.soundness import star, unsound
from network.build.windows import span, windows, windows_of_days
from network.graph import Graph
from network.network import Network

DAY = 86_400_000
START = 1_614_556_800_000
"""2021-03-01."""
COLUMNS: dict[str, Any] = {
    "post_id": {"role": "id"},
    "user_id": {"role": "user"},
    "time": {"role": "time"},
    "text": {"role": "text"},
    "tags": {"role": "tags"},
    "mentions": {"role": "tags"},
    "reply_to": {"role": "categorical"},
    "person": {"role": "categorical"},
    "language": {"role": "categorical"},
    "is_bot": {"role": "categorical"},
}
NAMED = {"of": {"mention": "mentions", "reply": "reply_to"}}


def post(number: int, user: str, day: int = 1, **told: str) -> dict[str, Any]:
    empty = dict.fromkeys(COLUMNS, "")
    moment = f"2021-03-{day:02}T00:00:00"
    return empty | {"post_id": f"p{number}", "user_id": user, "time": moment, "likes": number} | told


def card_in(folder: Path, **changed: Any) -> Card:
    declared: dict[str, Any] = {"columns": COLUMNS, "facts": {"named": NAMED}} | changed
    return table_card(folder, **declared)


def built(
    folder: Path, posts: list[dict[str, Any]], *args: Any, card: Card | None = None, **how: Any
) -> Network:
    """The network of these posts, and of five by nobody in particular."""
    rest = [post(900 + day, "filler", day) for day in (3, 9, 15, 22, 28)]
    write_csv(folder / "raw" / "mine.csv", posts + rest)
    return build(prepare(card or card_in(folder), folder / "home", []), *args, **how)


def edges(network: Network) -> list[tuple[str, str, str]]:
    graph = network.graph
    ends = zip(graph.names[graph.source], graph.names[graph.target], graph.kind, strict=True)
    return [(str(one), str(other), graph.kinds[kind]) for one, other, kind in ends]


def test_an_edge_leads_from_the_author_to_the_named_and_knows_its_post(tmp_path: Path) -> None:
    found = built(tmp_path, [post(1, "ann", 5, mentions="bob"), post(2, "bob", 4, mentions="ann cleo")])
    assert edges(found) == [("bob", "ann", "mention"), ("bob", "cleo", "mention"), ("ann", "bob", "mention")]
    assert found.graph.known_at.tolist() == [START + 3 * DAY, START + 3 * DAY, START + 4 * DAY]
    assert [found.published.table["post_id"][row].as_py() for row in found.graph.post] == ["p2", "p2", "p1"]
    assert found.graph.names[found.published.author].tolist().count("filler") == 5
    assert "accounts without posts here, only named or followed: 1 of 4" in found.notes


def test_whoever_names_itself_makes_no_edge_and_is_counted(tmp_path: Path) -> None:
    found = built(tmp_path, [post(1, "ann", mentions="ann bob")])
    assert edges(found) == [("ann", "bob", "mention")]
    assert "edges from an account to itself, left out: 1" in found.notes


def test_an_account_named_in_several_ways_by_a_post_is_named_once_in_the_strongest(tmp_path: Path) -> None:
    found = built(tmp_path, [post(1, "ann", mentions="bob cleo", reply_to="bob")])
    assert sorted(edges(found)) == [("ann", "bob", "reply"), ("ann", "cleo", "mention")]
    assert "times a post names an account in a further way, of which the strongest counts: 1" in found.notes


def test_one_kind_asked_for_is_the_same_as_among_all(tmp_path: Path) -> None:
    posts = [post(1, "ann", mentions="bob cleo", reply_to="bob")]
    assert edges(built(tmp_path, posts, ["mention"])) == [("ann", "cleo", "mention")]


def test_a_handle_in_other_letters_is_the_account_that_publishes_under_it(tmp_path: Path) -> None:
    found = built(
        tmp_path, [post(1, "Ann", mentions="BOB"), post(2, "bob", mentions="@aNN cleo @cleo @cleo @")]
    )
    assert sorted(edges(found)) == [
        ("Ann", "bob", "mention"),
        ("bob", "@", "mention"),
        ("bob", "@cleo", "mention"),
        ("bob", "Ann", "mention"),
    ]
    assert any(note.startswith("names that are another but for case or an @") for note in found.notes)


def test_spellings_of_nobody_who_publishes_are_the_most_frequent_of_them(tmp_path: Path) -> None:
    posts = [
        post(1, "ann", mentions="NASA"),
        post(2, "bob", mentions="Nasa"),
        post(3, "cleo", mentions="NASA"),
    ]
    assert {target for _, target, _ in edges(built(tmp_path, posts))} == {"NASA"}


def test_accounts_that_publish_and_differ_by_case_stay_apart(tmp_path: Path) -> None:
    posts = [post(1, "bob", mentions="BOB"), post(2, "BOB"), post(3, "ann", mentions="Bob bob")]
    found = built(tmp_path, posts)
    assert sorted(edges(found)) == [
        ("ann", "Bob", "mention"),
        ("ann", "bob", "mention"),
        ("bob", "BOB", "mention"),
    ]
    assert any("stay apart: 1" in note for note in found.notes)


PERSONS = [
    post(1, "ann", person="Ann", mentions="bob"),
    post(2, "ann_private", person="Ann", mentions="bob ann"),
    post(3, "ann_private", 2, person="Ann"),
    post(4, "shared", person="Ann"),
    post(5, "shared", person="Bob"),
]


def test_a_person_with_two_accounts_is_reported(tmp_path: Path) -> None:
    found = built(tmp_path, PERSONS)
    assert len(edges(found)) == 3
    assert any("ann_private, ann); each stays an account" in note for note in found.notes)


def test_a_person_with_two_accounts_is_one_when_asked(tmp_path: Path) -> None:
    found = built(tmp_path, PERSONS, join_persons=True)
    assert edges(found) == [("ann_private", "bob", "mention")] * 2
    assert "ann" not in found.graph.names
    assert "shared" in found.graph.names, "an account of two persons is nobody's"


def test_bots_are_counted_and_left_out_when_asked(tmp_path: Path) -> None:
    posts = [post(1, "ann", mentions="bob", is_bot="false"), post(2, "bob", mentions="cleo", is_bot="true")]
    assert "bots among those with posts: 1 of 3" in built(tmp_path, posts).notes
    found = built(tmp_path, [*posts, post(3, "ann", mentions="cleo")], leave_out_bots=True)
    assert edges(found) == [("ann", "cleo", "mention")]


QUOTED = {
    "raw": "quoted.csv",
    "columns": {
        "known_at": {"role": "known_at"},
        "post": {"role": "post"},
        "who": {"role": "user"},
        "whom": {"role": "user"},
    },
}


def test_edges_of_posts_that_are_not_there_stay_and_quotes_may_go_round(tmp_path: Path) -> None:
    rows = [("p1", "ann", "bob"), ("gone", "bob", "ann"), ("gone", "cleo", "cleo")]
    moment = "2021-03-30T00:00:00"
    told = [dict(zip(("known_at", "post", "who", "whom"), (moment, *row), strict=True)) for row in rows]
    write_csv(tmp_path / "raw" / "quoted.csv", told)
    card = card_in(tmp_path, facts={"quotes": QUOTED})
    found = built(tmp_path, [post(1, "ann")], card=card)
    assert sorted(edges(found)) == [("ann", "bob", "quote"), ("bob", "ann", "quote")]
    assert sorted(found.graph.post.tolist()) == [-1, 0]
    assert "edges of posts that are not in the data: 1" in found.notes


def test_a_follow_that_is_told_again_is_the_first_one(tmp_path: Path) -> None:
    times = ("2021-03-05T00:00:00", "2021-03-04T00:00:00")
    columns = {name: QUOTED["columns"][name] for name in ("known_at", "who", "whom")}  # type: ignore[index]
    write_csv(tmp_path / "raw" / "f.csv", [{"known_at": one, "who": "ann", "whom": "bob"} for one in times])
    card = card_in(tmp_path, facts={"follows": {"raw": "f.csv", "columns": columns}})
    found = built(tmp_path, [post(1, "ann")], card=card)
    assert edges(found) == [("ann", "bob", "follow")]
    assert found.graph.known_at.tolist() == [START + 3 * DAY]


def test_a_window_has_its_edges_and_all_posts(tmp_path: Path) -> None:
    posts = [post(day, "ann", day, mentions=f"friend{day}") for day in range(1, 9)]
    found = built(tmp_path, posts, since=START + 2 * DAY, until=START + 4 * DAY)
    assert [target for _, target, _ in edges(found)] == ["friend3", "friend4"]
    assert len(found.published) == 13


def test_an_empty_window_says_when_edges_are_known(tmp_path: Path) -> None:
    with pytest.raises(SmpbenchError, match=r"from 2022-03-01.*known from 2021-03-01.* to 2021-03-01"):
        built(tmp_path, [post(1, "ann", mentions="bob")], since=START + 365 * DAY)


def test_a_set_in_which_nobody_names_anybody_has_no_edges(tmp_path: Path) -> None:
    found = built(tmp_path, [post(1, "ann")])
    assert (found.graph.n, len(found.graph), found.graph.kinds) == (2, 0, ())
    assert unsound(found.graph) == ["there are no edges: no base for influence"]


def test_an_unknown_kind_is_answered_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="unknown kind of edges 'menton'; did you mean 'mention'"):
        built(tmp_path, [post(1, "ann", mentions="bob")], ["menton"])


def test_a_kind_that_the_data_cannot_tell_says_what_is_lacking(tmp_path: Path) -> None:
    columns = {name: column for name, column in COLUMNS.items() if name != "tags"}
    with pytest.raises(SmpbenchError, match="'co_tag' can be made, for want of a column of role 'tags'"):
        built(tmp_path, [post(1, "ann", mentions="bob")], ["co_tag"], card=card_in(tmp_path, columns=columns))


def test_a_name_as_long_as_a_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has 201 characters, and at most 200"):
        built(tmp_path, [post(1, "ann", mentions="x" * 201)])


def camps() -> list[dict[str, Any]]:
    """Two camps of ten, tags of their own shared by two each, and one tag that all use."""
    posts = []
    for who in range(20):
        camp, place = divmod(who, 10)
        tags = f"all camp{camp}x{place // 2} CAMP{camp}x{place // 2} ring{camp}x{(place + 1) % 10 // 2}"
        posts.append(post(who, f"u{who:02}", 1 + who, tags=tags, language="pt" if camp else "es"))
    return posts


def test_accounts_that_share_rare_tags_are_tied_and_not_all_with_all(tmp_path: Path) -> None:
    found = built(tmp_path, camps(), ["co_tag"])
    pairs = edges(found)
    assert {kind for _, _, kind in pairs} == {"co_tag"}
    assert 0 < len(pairs) <= 20
    assert all(int(one[1:]) // 10 == int(other[1:]) // 10 and one < other for one, other, _ in pairs)
    assert any("of 190 pairs that share tags the backbone keeps" in note for note in found.notes)
    # Known from the later of both on.
    assert found.graph.known_at.tolist() == [START + int(other[1:]) * DAY for _, other, _ in pairs]


def test_shared_tags_are_made_by_default_where_there_are_any(tmp_path: Path) -> None:
    assert "co_tag" in built(tmp_path, camps()).graph.kinds


def test_derived_edges_of_a_window_know_nothing_of_later_posts(tmp_path: Path) -> None:
    until = START + 6 * DAY
    early = built(tmp_path / "a", [one for one in camps() if one["time"] < "2021-03-07"], ["co_tag"])
    window = built(tmp_path / "b", camps(), ["co_tag"], until=until)
    assert edges(early) == edges(window)
    assert window.graph.known_at.max() < until


def test_of_one_language_is_a_kind_of_its_own(tmp_path: Path) -> None:
    found = built(tmp_path, camps(), ["co_language"])
    assert any("of 90 pairs that share values of language" in note for note in found.notes)


def test_accounts_that_name_the_same_accounts_are_tied(tmp_path: Path) -> None:
    posts = [post(n, f"u{n}", mentions=f"star c{n // 2} d{n // 2} e{n // 2}") for n in range(12)]
    found = built(tmp_path, posts, ["co_mention"])
    assert edges(found) == [(f"u{n}", f"u{n + 1}", "co_mention") for n in (0, 10, 2, 4, 6, 8)]


def test_the_disparity_filter_is_that_of_its_paper() -> None:
    # An account with ties of 8, 1 and 1: (1 - 8/10)^2, (1 - 1/10)^2; the others have one tie each.
    source, target = np.array([0, 0, 0], np.int32), np.array([1, 2, 3], np.int32)
    found = significance(source, target, np.array([8.0, 1.0, 1.0]), 4)
    np.testing.assert_allclose(found, [0.04, 0.81, 0.81])
    assert backbone(source, target, np.array([8.0, 1.0, 1.0]), 4).tolist() == [True, False, False]


def test_a_tag_that_very_many_use_is_given_up_before_it_costs_memory() -> None:
    crowd = 2_000
    account = np.concatenate([np.arange(crowd), [0, 1]]).astype(np.int32)
    value = np.concatenate([np.zeros(crowd), [1, 1]]).astype(np.int64)
    names = np.array([f"u{n}" for n in range(crowd)], object)
    _, notes = shared(Uses(account, value, np.zeros(len(account), np.int64)), "co_tag", names, "tags", 1_000)
    assert notes[0] == "co_tag: 1 tags that more than 1,999 accounts use are left out"
    assert "of 1 pairs that share tags" in notes[1]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 9)), max_size=40))
def test_pairs_that_share_anything_are_those_of_a_loop(rows: list[tuple[int, int, int]]) -> None:
    names = np.array([f"u{n}" for n in range(6)], object)
    first: dict[tuple[int, int], int] = {}
    for account, value, moment in rows:
        first[account, value] = min(moment, first.get((account, value), moment))
    weight: dict[tuple[int, int], float] = {}
    known: dict[tuple[int, int], int] = {}
    for value in range(5):
        users = sorted(account for account, one in first if one == value)
        for place, one in enumerate(users):
            for other in users[place + 1 :]:
                pair = (one, other)
                weight[pair] = weight.get(pair, 0.0) + 1 / (len(users) - 1)
                moment = max(first[one, value], first[other, value])
                known[pair] = max(known.get(pair, 0), moment)
    table = np.array(rows, np.int64).reshape(-1, 3)
    codes, value = np.unique(table[:, 1], return_inverse=True)
    del codes
    uses = Uses(table[:, 0].astype(np.int32), value.astype(np.int64), table[:, 2])
    found, notes = shared(uses, "co_tag", names, "tags")
    assert notes[-1].startswith(f"co_tag: of {len(weight)} pairs" if weight else "co_tag: no two accounts")
    for one, other, much, moment in zip(
        found.source, found.target, found.weight, found.known_at, strict=True
    ):
        assert much == pytest.approx(weight[one, other])
        assert moment == known[one, other]


def graph_of_pairs(pairs: list[tuple[int, int, int]], n: int = 30) -> Graph:
    """(source, target, known_at) in any order."""
    table = np.array(sorted(pairs, key=lambda one: one[2]), np.int64).reshape(-1, 3)
    many = len(table)
    return Graph(
        names=np.array([f"u{place:02}" for place in range(n)]),
        source=table[:, 0].astype(np.int32),
        target=table[:, 1].astype(np.int32),
        known_at=table[:, 2],
        kind=np.zeros(many, np.int8),
        weight=np.ones(many, np.float32),
        post=np.full(many, -1),
        kinds=("follow",),
    )


PAIRS = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29), st.integers(0, 99)), max_size=60)


@given(PAIRS, st.integers(1, 7))
def test_windows_hold_every_edge_once(pairs: list[tuple[int, int, int]], count: int) -> None:
    graph = graph_of_pairs(pairs)
    if not pairs:
        with pytest.raises(SmpbenchError, match="without edges has no windows"):
            windows(graph, count)
        return
    cut = windows(graph, count)
    assert (cut[0][0], cut[-1][1]) == span(graph)
    assert sum(len(graph.between(*one)) for one in cut) == len(graph)
    assert all(one[1] == other[0] for one, other in pairwise(cut))


@given(PAIRS, st.sets(st.integers(0, 29)))
def test_among_some_accounts_are_their_edges_under_their_names(
    pairs: list[tuple[int, int, int]], some: set[int]
) -> None:
    graph = graph_of_pairs(pairs)
    part = graph.among(some)
    assert part.names.tolist() == [f"u{place:02}" for place in sorted(some)]
    inside = [one for one in pairs if one[0] in some and one[1] in some]
    told = zip(part.names[part.source], part.names[part.target], strict=True)
    assert sorted(told) == sorted((f"u{one:02}", f"u{other:02}") for one, other, _ in inside)
    assert part.matrix("events").sum() == sum(one != other for one, other, _ in inside)


def test_windows_of_days_end_with_the_last_edge() -> None:
    graph = graph_of_pairs([(0, 1, START), (1, 2, START + 15 * DAY)])
    assert windows_of_days(graph, 10) == (
        (START - 5 * DAY + 1, START + 5 * DAY + 1),
        (START + 5 * DAY + 1, START + 15 * DAY + 1),
    )
    for days in (0.0, -1.0, 0.001):
        with pytest.raises(SmpbenchError, match="at most 1,000 windows"):
            windows_of_days(graph, days)
    with pytest.raises(SmpbenchError, match="give a number from 1 to 1,000"):
        windows(graph, 0)


def test_a_dump_of_followers_is_called_a_star() -> None:
    followers = graph_of_pairs([(place, 0, 0) for place in range(1, 30)])
    found = star(followers)
    assert found is not None and (found.account, found.pairs, found.of) == ("u00", 29, 29)
    assert "a star: no base for influence" in unsound(followers)[0]


def test_a_graph_in_which_others_are_tied_as_well_is_no_star() -> None:
    spokes = [(place, 0, 0) for place in range(1, 15)]
    ring = [(place, place + 1, 0) for place in range(1, 15)]
    assert unsound(graph_of_pairs(spokes + ring)) == []


def test_accounts_that_write_alike_are_tied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = [post(n, f"u{n % 8}", 1 + n % 20) for n in range(80)]
    rng = np.random.default_rng(0)

    class Vectors:
        dim = 6

        def rows(self, index: Any) -> np.ndarray:
            """Accounts of even and of odd number write of different things."""
            of = np.array([int(author[place][1:]) % 2 if author[place] != "filler" else 0 for place in index])
            return 3 + np.eye(6)[2 * of] + 0.1 * rng.normal(size=(len(of), 6))

    found = built(tmp_path, posts)
    author = found.graph.names[found.published.author]
    vectors = (Vectors(), np.ones(len(author), bool))
    monkeypatch.setattr("network.build.alike._vectors", lambda *_: vectors)
    how = Alikeness(tmp_path, nearest=2, fewest=10)
    tied = built(tmp_path, posts, ["alike"], alikeness=how)
    pairs = edges(tied)
    assert len(pairs) >= 8
    assert all(int(one[1:]) % 2 == int(other[1:]) % 2 and one < other for one, other, _ in pairs)
    assert tied.graph.weight.min() > 0.5
    with pytest.raises(SmpbenchError, match="say in whose home their cache is"):
        built(tmp_path, posts, ["alike"])
