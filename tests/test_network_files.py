"""Edge lists of strangers: what is read, and what is said of a file that cannot be."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_layouts import write_csv
from table_sets import rows, table_card

from benchmark.data.prepare import prepare
from benchmark.errors import DataError
from network.build.alone import network_of
from network.build.build import build
from network.build.files import read_edges
from network.build.rows import EdgeFile
from network.build.soundness import unsound
from network.network import Network

START = 1_614_556_800_000


def written(folder: Path, text: str, name: str = "edges.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def network(path: Path, **how: Any) -> Network:
    edges, notes = read_edges(path, EdgeFile(**how))
    return network_of(path.name, [edges], notes)


def pairs(found: Network) -> list[tuple[str, str]]:
    names = found.graph.names
    ends = zip(names[found.graph.source].tolist(), names[found.graph.target].tolist(), strict=True)
    return sorted(ends)


def test_a_csv_with_a_header_is_read_by_its_words(tmp_path: Path) -> None:
    text = "Target,From,at,Weight\nbob,ann,2021-03-02T00:00:00Z,2.5\ncleo,ann,2021-03-01,1\n"
    found = network(written(tmp_path, text))
    assert pairs(found) == [("ann", "bob"), ("ann", "cleo")]
    assert found.graph.kinds == ("follow",)
    assert found.graph.known_at.tolist() == [START, START + 86_400_000]
    assert found.graph.weight.tolist() == [1, 2.5]
    assert len(found.published) == 0 and found.card.title == "edges.csv"


@pytest.mark.parametrize("time", ["1614556800", "1614556800000", "2021-03-01T01:00:00+01:00"])
def test_times_are_seconds_milliseconds_or_iso(tmp_path: Path, time: str) -> None:
    found = network(written(tmp_path, f"source,target,time\na,b,{time}\n"))
    assert found.graph.known_at.tolist() == [START]


def test_other_headers_are_named(tmp_path: Path) -> None:
    text = "who;whom;since;x\nann;bob;01.03.2021;9\n"
    found = network(
        written(tmp_path, text), source="who", target="whom", time="since", time_format="%d.%m.%Y"
    )
    assert pairs(found) == [("ann", "bob")] and found.graph.known_at.tolist() == [START]


def test_the_text_of_snap_is_read_with_its_comments(tmp_path: Path) -> None:
    text = "# Directed graph: x\n# FromNodeId\tToNodeId\n0\t4\n0\t5\n# between\n4\t0\n"
    assert pairs(network(written(tmp_path, text, "x.txt"))) == [("0", "4"), ("0", "5"), ("4", "0")]


def test_white_space_of_any_length_is_read(tmp_path: Path) -> None:
    text = "# x\n0   4\n0 5\n\n 4 \t 0  \n# y z\n"
    assert pairs(network(written(tmp_path, text, "x.txt"))) == [("0", "4"), ("0", "5"), ("4", "0")]


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"source,target\na,b\n"))
    assert pairs(network(path)) == [("a", "b")]


def test_what_is_said_to_be_undirected_is_a_tie_and_holds_both_ways(tmp_path: Path) -> None:
    found = network(written(tmp_path, "# Undirected graph\n1\t0\n0\t1\n1\t2\n", "x.txt"))
    assert found.graph.kinds == ("tie",)
    assert pairs(found) == [("0", "1"), ("1", "2")]
    matrix = found.graph.matrix("pairs").toarray()
    assert (matrix == matrix.T).all() and matrix.sum() == 4


GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="node" attr.name="label" attr.type="string"/>
  <key id="d1" for="edge" attr.name="weight" attr.type="double"/>
  <graph edgedefault="directed">
    <node id="n0"><data key="d0">ann</data></node>
    <node id="n1"><data key="d0">bob &amp; co</data></node>
    <edge source="n0" target="n1"><data key="d1">{weight}</data></edge>
    <edge source="{end}" target="n0"><data key="d1">1</data></edge>
  </graph>
</graphml>
"""


def test_graphml_is_read_by_the_labels_of_its_nodes(tmp_path: Path) -> None:
    found = network(written(tmp_path, GRAPHML.format(weight=3, end="n1"), "x.graphml"))
    assert pairs(found) == [("ann", "bob & co"), ("bob & co", "ann")]
    assert sorted(found.graph.weight.tolist()) == [1, 3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GRAPHML.format(weight=-3, end="n1"),
            r"x.graphml, row 8, column 'weight', value '-3': a weight below 0",
        ),
        (GRAPHML.format(weight=3, end="n7"), "row 9, value 'n7': an edge to no node"),
        (GRAPHML.format(weight=3, end="n1")[:-20], "no XML that can be read"),
        ("<?xml version='1.0'?><gexf></gexf>", "no <graphml> in the file"),
        (
            '<!DOCTYPE g [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><graphml><graph>&b;</graph></graphml>',
            "row 1: a document type is declared",
        ),
        ("<graphml><graph><data key='x'>" + "y" * 20_000 + "</data></graph></graphml>", "more than 10,000"),
        ("<graphml><graph></graph></graphml>", "no edge in the file"),
    ],
)
def test_what_is_wrong_with_graphml_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        network(written(tmp_path, text, "x.graphml"))


def test_loops_and_repeated_edges_are_counted_and_the_weights_of_undated_events_added(tmp_path: Path) -> None:
    text = "source,target,weight\na,b,1\na,b,2\nb,b,1\nb,a,1\n"
    events = network(written(tmp_path, text), kind_of_all="mention")
    assert pairs(events) == [("a", "b"), ("b", "a")]
    assert sorted(events.graph.weight.tolist()) == [1, 3]
    assert "edges from an account to itself, left out: 1" in events.notes
    assert any(note.startswith("edges that stand there again") for note in events.notes)
    follows = network(written(tmp_path, text))
    assert follows.graph.weight.tolist() == [1, 1], "who follows twice follows"


def test_ids_that_became_floats_are_whole_again(tmp_path: Path) -> None:
    found = network(written(tmp_path, "source,target\n12.0,7.0\n12,8.0\n"))
    assert pairs(found) == [("12", "7"), ("12", "8")]
    assert any("numbers with a point" in note for note in found.notes)


@pytest.mark.parametrize("bad", ["1.23e+17", "123456789012345678.0"])
def test_ids_that_lost_digits_are_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(DataError, match=r"row 3, column 'target', value '.+': an id that was rounded"):
        network(written(tmp_path, f"source,target\n12,7\n13,{bad}\n"))


def test_ends_that_are_missing_are_left_out_and_counted(tmp_path: Path) -> None:
    found = network(written(tmp_path, "source,target\na,\nNULL,b\na,b\n"))
    assert pairs(found) == [("a", "b")]
    assert "edges.csv: edges with an end that is missing, left out: 2" in found.notes


def test_a_weight_of_nothing_is_no_edge(tmp_path: Path) -> None:
    found = network(written(tmp_path, "source,target,weight\na,b,0\nb,c,1\n"))
    assert pairs(found) == [("b", "c")]
    assert "edges.csv: edges of weight 0, left out: 1" in found.notes


@pytest.mark.parametrize(
    ("text", "how", "said"),
    [
        ("", {}, "the file is empty"),
        ("# nothing\n", {}, "no edge in the file"),
        ("source,target\n", {}, "no edge in the file"),
        ("source,target\n,\n", {}, "no edge in the file"),
        (
            "source,target,weight\na,b,1\n\na,c,-2\n",
            {},
            "row 4, column 'weight', value '-2': a weight below 0",
        ),
        ("source,target,weight\na,b,many\n", {}, "row 2, column 'weight', value 'many': no weight"),
        ("source,target,weight\na,b,nan\n", {}, "no weight: not a finite number"),
        ("source,target,time\na,b,2021-03-01\na,c,soon\n", {}, "row 3, column 'time', value 'soon': no time"),
        ("source,target\na,b\na,b,c\n", {}, "row 3, value 'a,b,c': 3 columns, and others have 2"),
        ("a b\nb c d\n", {}, "row 2, value 'b c d': 3 columns, and others have 2"),
        ("a b\n\n# x\nb\n", {}, "row 4, value 'b': 1 columns, and others have 2"),
        ("a\nb\n", {}, "one column, and an edge has two ends"),
        ("1,2,3\n", {}, "3 columns, and no header that says which is which"),
        ("Ego,Alter\n1,2\n", {}, "looks like a header, and its words are not known"),
        (
            "who,whom\na,b\n",
            {"source": "woh", "target": "whom"},
            "no column 'woh' in the file; did you mean 'who'",
        ),
        ("who,whom\na,b\n", {"source": "who"}, "which column is the target"),
        ("source,source\na,b\n", {"source": "source", "target": "source"}, "two columns have the same name"),
        ("a,b,c\n", {"names": ("source", "target")}, "3 columns, and 2 names are given for them"),
        ("a\0b,c\n", {}, "this is no text"),
        ("source,target,kind\na,b,\n", {}, "row 2: no kind is told"),
        ("source,target\n" + "x" * 300 + ",b\n", {}, "has 300 characters, and at most 200"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, how: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        network(written(tmp_path, text), **how)


def test_a_file_that_is_not_utf_8_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("source,target\njosé,ann\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"not UTF-8\. Save it as UTF-8"):
        network(path)


def test_what_is_no_file_is_called_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(DataError, match=r"cannot be read: .+ Give a file"):
            network(path)


def test_too_many_edges_are_refused_before_they_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("network.build.lines.MOST_EDGES", 2)
    for text in ("source,target\na,b\nb,c\nc,d\n", "a b\nb c\nc d\n"):
        with pytest.raises(DataError, match=r"more than .+ edges"):
            network(written(tmp_path, text))


def test_a_damaged_archive_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    for content in (
        gzip.compress(b"source,target\n" + bytes(range(97, 122)) * 99)[:60],
        b"source,target\na,b\n",
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"x\.csv\.gz: cannot be read"):
            network(path)


def test_too_many_kinds_are_no_kinds(tmp_path: Path) -> None:
    lines = "".join(f"a,b,k{n}\n" for n in range(101))
    with pytest.raises(DataError, match="row 102, value 'k100': 101 kinds of edges"):
        network(written(tmp_path, f"source,target,kind\n{lines}"))


def test_a_dump_of_followers_is_no_base_for_influence(tmp_path: Path) -> None:
    found = network(written(tmp_path, "follower,followed\n" + "".join(f"u{n},star\n" for n in range(50))))
    assert "'star' is an end of 50 of 50 pairs: a star: no base for influence" in unsound(found.graph)[0]


def test_a_file_beside_a_data_set_is_joined_with_what_its_posts_tell(tmp_path: Path) -> None:
    write_csv(tmp_path / "raw" / "mine.csv", rows())
    prepared = prepare(table_card(tmp_path), tmp_path / "home", [])
    edges, _ = read_edges(written(tmp_path, "follower,followed\nU0,u1\nu2,fan\n"))
    found = build(prepared, others=[edges])
    assert pairs(found) == [("u0", "u1"), ("u2", "fan")]
    last = int(found.published.times.max())
    assert found.graph.known_at.tolist() == [last + 1] * 2, (
        "nothing undated is known while posts are foretold"
    )
    assert "edges of no moment, taken to be known after the last post: 2" in found.notes
    dated, _ = read_edges(tmp_path / "edges.csv", EdgeFile(collected=START))
    assert build(prepared, others=[dated]).graph.known_at.tolist() == [START] * 2


NAMES = st.text(st.characters(codec="ascii", min_codepoint=97, max_codepoint=102), min_size=1, max_size=3)


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=30))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str, str]]
) -> None:
    wanted = sorted({pair for pair in told if pair[0] != pair[1] and "nan" not in pair and "na" not in pair})
    folder = tmp_path_factory.mktemp("edges")
    path = written(folder, "source,target\n" + "".join(f"{one},{other}\n" for one, other in told))
    if not any("na" not in pair and "nan" not in pair for pair in told):
        return
    found = network(path)
    assert pairs(found) == wanted
    assert np.all(np.diff(found.graph.known_at) >= 0)
