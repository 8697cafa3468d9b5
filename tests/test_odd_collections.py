"""Whatever a collected file holds in place of what is expected: it is read, or refused by name."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from collected import gallery_dl_file, phone_node, tweet_file, web_node
from hypothesis import given
from hypothesis import strategies as st
from reddit_dumps import comment, submission
from table_sets import table_card

from benchmark.errors import DataError
from benchmark.readers import read

ODD: list[Any] = [
    *(None, "", "x", "\x00", "\ud83d", "-5", "[deleted]", True, -1, 10**30, 10**400, 1e400, float("nan")),
    *([], {}, [1], [None], [[]], {"a": 1}, [{"id": {}}]),
]


def told(reader: str) -> list[dict[str, Any]]:
    if reader == "reddit":
        return [submission(1, _meta={"retrieved_2nd_on": 5}), comment(1)]
    if reader == "instaloader":
        wrapped = {"version": "4.14", "node_type": "Post"}
        return [{"node": node, "instaloader": wrapped} for node in (web_node("C"), phone_node("C", 4))]
    with tempfile.TemporaryDirectory() as folder:
        written = gallery_dl_file(Path(folder), 1), tweet_file(Path(folder), 1)
        return [json.loads(path.read_text()) for path in written]


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a document there is something to replace."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield (*above, key)
        yield from places(below, (*above, key))


def replaced(document: dict[str, Any], place: tuple[Any, ...], odd: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    at: Any = changed
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = odd
    return changed


@pytest.mark.slow
@pytest.mark.parametrize("reader", ["gallery_dl", "instaloader", "reddit"])
@given(data=st.data())
def test_whatever_stands_in_a_field_is_read_or_refused_by_the_name_of_the_file(
    reader: str, data: st.DataObject
) -> None:
    document = data.draw(st.sampled_from(told(reader)))
    place = data.draw(st.sampled_from(list(places(document))))
    odd = replaced(document, place, data.draw(st.sampled_from(ODD)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("odd.jsonl" if reader == "reddit" else "odd.json")
        path.write_text(json.dumps(odd))
        try:
            frame = read(table_card(Path(folder), reader=reader), Path(folder)).frame
        except DataError as refused:
            assert "odd.json" in str(refused) or folder in str(refused)
        else:
            assert len(frame) <= 1, "what claims to be a retweet is dropped"
