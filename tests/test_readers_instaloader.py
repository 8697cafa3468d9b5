"""Reader `instaloader`: folders with a compressed JSON file a post."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from collected import NOON, instaloader_file, phone_node, picture, web_node
from table_sets import table_card

from benchmark.errors import DataError
from benchmark.readers import read
from benchmark.readers.collected.instaloader import captures
from benchmark.readers.raw import Raw

NAME = "2023-11-14_22-13-20_UTC"


def read_from(folder: Path) -> Raw:
    return read(table_card(folder, reader="instaloader"), folder)


@pytest.mark.parametrize("ending", [".json", ".json.xz"])
def test_a_post_of_the_web_pages_has_every_column(tmp_path: Path, ending: str) -> None:
    instaloader_file(tmp_path, f"ann/{NAME}{ending}", web_node("Cx1"))
    picture(tmp_path / "ann" / f"{NAME}.jpg")
    post = read_from(tmp_path).frame.iloc[0]
    assert (post["post_id"], post["user_id"], post["type"]) == ("Cx1", "ann", "GraphImage")
    assert post["time"] == pd.Timestamp(NOON, unit="s")
    assert (post["text"], post["tags"], post["n_mentions"]) == ("New #bread with @bob", "bread", 1)
    assert (post["location"], post["is_video"], post["n_files"]) == ("old-town", False, 1)
    assert post[["n_tagged", "width", "height", "likes", "comments"]].tolist() == [1, 1080, 1350, 40, 6]
    assert post["image"] == f"ann/{NAME}.jpg"


def test_a_post_of_the_application_has_them_too(tmp_path: Path) -> None:
    instaloader_file(tmp_path, f"ann/{NAME}.json.xz", phone_node("Cx1", likes=70))
    post = read_from(tmp_path).frame.iloc[0]
    assert (post["user_id"], post["text"], post["is_video"]) == ("ann", "A film", True)
    told = ["n_tagged", "width", "height", "duration", "views", "followers", "likes", "comments"]
    assert post[told].tolist() == [2, 720, 1280, 12.5, 800, 5000, 70, 6]


def test_the_files_of_a_sidecar_are_one_post_with_its_first_picture(tmp_path: Path) -> None:
    children = {"edges": [{"node": {"is_video": False}}] * 3}
    node = web_node("Cx1", __typename="GraphSidecar", edge_sidecar_to_children=children)
    instaloader_file(tmp_path, f"ann/{NAME}.json.xz", node)
    for n in (1, 2, 3):
        picture(tmp_path / "ann" / f"{NAME}_{n}.jpg")
    post = read_from(tmp_path).frame.iloc[0]
    assert (post["n_files"], post["image"]) == (3, f"ann/{NAME}_1.jpg")


@pytest.mark.parametrize(
    "node",
    [
        web_node("Cx1", edge_media_preview_like={"count": -1}),
        phone_node("Cx1", likes=-1),
        phone_node("Cx1", likes=3, like_and_view_counts_disabled=True),
    ],
)
def test_likes_that_the_owner_hides_are_no_label_and_counted(tmp_path: Path, node: dict[str, Any]) -> None:
    instaloader_file(tmp_path, f"ann/{NAME}.json", node)
    raw = read_from(tmp_path)
    assert np.isnan(raw.frame["likes"].iloc[0])
    assert raw.frame["comments"].tolist() == [6]
    assert raw.report.notes == ["1 captures whose owner hides the likes: unlabelled"]


def test_a_count_that_was_seen_although_it_is_hidden_from_others_is_a_label(tmp_path: Path) -> None:
    instaloader_file(tmp_path, "a.json", phone_node("Cx1", likes=900, like_and_view_counts_disabled=True))
    assert read_from(tmp_path).frame["likes"].tolist() == [900]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("edge_media_to_comment", {"count": 4}),
        ("edge_media_to_parent_comment", {"count": 4}),
        ("comments", 4),
    ],
)
def test_comments_are_found_wherever_instagram_has_put_them(tmp_path: Path, key: str, value: Any) -> None:
    node = web_node("Cx1")
    del node["edge_media_to_comment"]
    instaloader_file(tmp_path, "a.json", node | {key: value})
    assert read_from(tmp_path).frame["comments"].tolist() == [4]


def test_profiles_give_followers_and_names_and_the_tools_own_notes_are_passed_over(tmp_path: Path) -> None:
    nameless = web_node("Cx1", owner={"id": "17"})
    instaloader_file(tmp_path, f"ann/{NAME}.json.xz", nameless)
    profile = {"id": "17", "username": "ann", "edge_followed_by": {"count": 5000}}
    instaloader_file(tmp_path, "ann/ann_17.json.xz", profile, kind="Profile")
    instaloader_file(tmp_path, "ann/2023-11-14_23-00-00_UTC.json.xz", {"id": "3"}, kind="StoryItem")
    (tmp_path / "ann" / "iterator_AbC.json.xz").write_bytes(b"of the tool")
    (tmp_path / "ann" / "id").write_text("17")
    (tmp_path / "ann" / f"{NAME}.txt").write_text("New")
    (tmp_path / "ann" / f"{NAME}_comments.json").write_text("[]")
    raw = read_from(tmp_path)
    assert raw.frame[["user_id", "followers"]].to_numpy().tolist() == [["ann", 5000]]
    assert dict(raw.report.dropped) == {"StoryItem, which is no post": 1}


def test_a_post_of_an_old_version_is_not_wrapped(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(web_node("Cx1")))
    assert read_from(tmp_path).frame["post_id"].tolist() == ["Cx1"]


def test_two_collections_of_the_same_posts_give_the_newest_counts(tmp_path: Path) -> None:
    for day, likes in (("2023-11-20", 90), ("2023-11-15T0600", 50)):
        node = web_node("Cx1", edge_media_preview_like={"count": likes})
        instaloader_file(tmp_path, f"{day}/ann/{NAME}.json.xz", node)
    raw = read_from(tmp_path)
    assert raw.frame[["likes", "read_at"]].to_numpy().tolist() == [[90, pd.Timestamp("2023-11-21")]]
    assert dict(raw.report.dropped) == {"earlier capture of the same post": 1}
    assert captures(tmp_path)["likes"].tolist() == [50, 90]


@pytest.mark.parametrize("cut", [0, 3, 40, -1])
def test_a_compressed_file_that_is_cut_off_is_named(tmp_path: Path, cut: int) -> None:
    path = instaloader_file(tmp_path, "ann/x.json.xz", web_node("Cx1"))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"ann/x\.json\.xz"):
        read_from(tmp_path)


@pytest.mark.parametrize(
    "content", [b"not JSON", b'"text"', b"[" * 5000, b'{"a": ' * 300 + b"1" + b"}" * 300]
)
def test_a_compressed_file_of_something_else_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json.xz").write_bytes(lzma.compress(content))
    with pytest.raises(DataError, match=r"x\.json\.xz"):
        read_from(tmp_path)


def test_a_file_of_another_tool_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"rows": 3}')
    with pytest.raises(DataError, match=r"x\.json: not a file that instaloader wrote"):
        read_from(tmp_path)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"owner": None}, "column 'owner'"),
        ({"taken_at_timestamp": "soon"}, "column 'taken_at_timestamp'"),
        ({"shortcode": None}, "column 'shortcode'"),
        ({"edge_media_preview_like": {"count": "many"}}, "column 'likes'"),
    ],
)
def test_a_value_that_does_not_read_is_named_with_its_file(
    tmp_path: Path, more: dict[str, Any], told: str
) -> None:
    instaloader_file(tmp_path, "ann/a.json", web_node("Cx0"))
    instaloader_file(tmp_path, "ann/b.json", web_node("Cx1", **more))
    with pytest.raises(DataError, match=rf"ann/b\.json.*{told}"):
        read_from(tmp_path)


def test_what_macs_leave_beside_files_is_passed_over(tmp_path: Path) -> None:
    instaloader_file(tmp_path, "ann/a.json", web_node("Cx0"))
    for name in ("._a.json", "~$a.json.xz", ".DS_Store"):
        (tmp_path / "ann" / name).write_bytes(b"\x00\x05\x16\x07")
    assert len(read_from(tmp_path).frame) == 1
