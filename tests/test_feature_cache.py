"""The feature cache: encoded once, whole after any crash, and never another post's vector."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from waiting import PATIENCE

from benchmark.encoded import Features
from benchmark.encoders.cache import FeatureCache
from benchmark.encoders.interface import Encoded, Encoder
from benchmark.errors import SmpbenchError, StoreError

DIM = 6
TEXTS = [f"text {i % 13}" for i in range(30)] + ["", "broken"]
IDS = [f"p{i}" for i in range(len(TEXTS))]


class Digits(Encoder):
    """Stands in for a model: a vector that is a function of the text, and a record of what it was given."""

    name, modality, encoding, dim = "digits", "text", "text", DIM

    def __init__(self) -> None:
        super().__init__(precision="float32")
        self.seen: list[str] = []

    def files(self) -> list[Path]:
        return []

    def encode(self, items: Sequence[str]) -> Encoded:
        self.seen += items
        ok = np.array([item != "broken" for item in items])
        vectors = np.array([vector(item) for item in items], np.float16).reshape(-1, DIM)
        vectors[~ok] = 0
        return Encoded(vectors, ok, {"broken": int((~ok).sum())} if not ok.all() else {})


class Stops(Digits):
    """As after Ctrl-C, when so many shards are done."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def encode(self, items: Sequence[str]) -> Encoded:
        if not self.after:
            raise KeyboardInterrupt
        self.after -= 1
        return super().encode(items)


def vector(text: str) -> np.ndarray:
    return np.frombuffer(hashlib.sha256(text.encode()).digest()[:DIM], np.uint8).astype(np.float32)


def ensure(
    home: Path, encoder: Encoder | None = None, texts: Sequence[str] = TEXTS, ids: Sequence[str] | None = None
) -> Features:
    known = ids if ids is not None else [f"p{i}" for i in range(len(texts))]
    return FeatureCache(home, shard_rows=4).ensure(encoder or Digits(), "demo", "ab" * 32, known, texts)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != ".lock"}


def test_every_post_gets_the_vector_of_its_own_text_in_any_order(tmp_path: Path) -> None:
    features = ensure(tmp_path)
    index = np.array([29, 3, 3, 0, 17])
    rows = features.rows(index)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, [vector(TEXTS[i]) for i in index])


def test_however_many_files_hold_the_vectors_few_are_open_at_once(tmp_path: Path) -> None:
    texts = [f"text {i}" for i in range(4 * 80)]
    features = ensure(tmp_path, texts=texts)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/dev/fd").iterdir())) + 20, hard))
    try:
        rows = features.rows(np.arange(len(texts)))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    np.testing.assert_array_equal(rows, [vector(text) for text in texts])
    assert len(features.files()) == 81


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.sampled_from(["", " ", "a", "b", "ä", "broken", "c d", "e", "f"]), max_size=20), st.data())
def test_rows_agree_with_encoding_each_text_alone(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    features = ensure(tmp_path_factory.mktemp("home"), texts=texts)
    index = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=30) if texts else st.just([]))
    sound = [bool(texts[i].strip()) and texts[i] != "broken" for i in index]
    expected = [vector(texts[i]) if ok else np.zeros(DIM) for i, ok in zip(index, sound, strict=True)]
    np.testing.assert_array_equal(features.rows(index), np.reshape(expected, (-1, DIM)))
    np.testing.assert_array_equal(features.ok(index), np.array(sound, bool))


def test_blank_and_broken_items_are_zeros_not_ok_and_counted_by_reason(tmp_path: Path) -> None:
    features = ensure(tmp_path)
    assert not features.rows([30, 31]).any()
    assert features.ok([29, 30, 31]).tolist() == [True, False, False]
    assert features.reasons == {"nothing given": 1, "broken": 1}


def test_equal_texts_are_encoded_once(tmp_path: Path) -> None:
    encoder = Digits()
    ensure(tmp_path, encoder)
    assert sorted(encoder.seen) == sorted(set(TEXTS) - {""})


def test_a_second_run_encodes_nothing(tmp_path: Path) -> None:
    ensure(tmp_path)
    encoder = Digits()
    ensure(tmp_path, encoder)
    assert encoder.seen == []


def test_what_is_left_to_encode_is_known_without_reading_a_post(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path, shard_rows=4)

    def left(encoder: Encoder) -> int:
        return cache.left(encoder, "demo", "ab" * 32, len(TEXTS))

    assert left(Digits()) == len(TEXTS), "nothing is there yet: at most an item a post"
    stopped = Stops(after=2)
    with pytest.raises(KeyboardInterrupt):
        cache.ensure(stopped, "demo", "ab" * 32, IDS, TEXTS)
    assert left(stopped) == 14 - 2 * 4
    folder = cache.ensure(Digits(), "demo", "ab" * 32, IDS, TEXTS).folder
    assert left(Digits()) == 0
    for damaged in ("[1]", '{"shards": 3}', "{"):
        (folder / "manifest.json").write_text(damaged)
        assert left(Digits()) == len(TEXTS)


def test_progress_counts_distinct_items_up_to_the_last(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    cache = FeatureCache(tmp_path, shard_rows=4)
    cache.ensure(Digits(), "demo", "ab" * 32, IDS, TEXTS, progress=lambda *step: steps.append(step))
    assert steps == [(4, 14), (8, 14), (12, 14), (14, 14)]


def test_a_damaged_shard_is_noticed_and_it_alone_is_encoded_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = ensure(tmp_path).folder
    before = contents(folder)
    shard = folder / "shard-00001.npy"
    data = bytearray(shard.read_bytes())
    data[-3] ^= 1
    shard.write_bytes(data)
    encoder = Digits()
    ensure(tmp_path, encoder)
    assert encoder.seen == [f"text {i}" for i in range(4, 8)]
    assert "shard-00001.npy: damaged" in caplog.text
    assert contents(folder) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shard-00002.npy", "places.npy", "ids.json", "manifest.json"])
@pytest.mark.parametrize(
    "damage", ["removed", "emptied", "scribbled", "a pipe", "a link to nowhere", "a link to itself"]
)
def test_whatever_file_is_damaged_the_cache_comes_back_the_same(
    tmp_path: Path, name: str, damage: str
) -> None:
    folder = ensure(tmp_path).folder
    before = contents(folder)
    if damage in ("emptied", "scribbled"):
        (folder / name).write_bytes(b"" if damage == "emptied" else b"[1, 2")
    else:
        (folder / name).unlink()
        if damage == "a pipe":
            os.mkfifo(folder / name)
        elif damage != "removed":
            (folder / name).symlink_to("nowhere" if damage == "a link to nowhere" else name)
    ensure(tmp_path)
    assert contents(folder) == before


@pytest.mark.parametrize("name", ["shard-00002.npy", "places.npy", "manifest.json"])
def test_a_folder_in_place_of_a_file_is_named_and_left_alone(tmp_path: Path, name: str) -> None:
    path = ensure(tmp_path).folder / name
    path.unlink()
    path.mkdir()
    (path / "mine").touch()
    with pytest.raises(StoreError, match=rf"{name}: a folder lies where this file belongs\. Move it away"):
        ensure(tmp_path)
    assert (path / "mine").exists()


@pytest.mark.parametrize(
    "shards",
    [
        [],
        {"first": {}},
        {"0": None},
        {"0": {"sha256": "", "inputs": "", "reasons": 3}},
        {"0": {"sha256": ""}},
    ],
)
def test_a_manifest_that_is_json_and_no_manifest_is_written_anew(tmp_path: Path, shards: object) -> None:
    folder = ensure(tmp_path).folder
    before = contents(folder)
    told = json.loads(before["manifest.json"])
    (folder / "manifest.json").write_text(json.dumps(told | {"shards": shards}))
    encoder = Digits()
    ensure(tmp_path, encoder)
    assert encoder.seen and contents(folder) == before


def test_a_text_that_changed_under_the_same_fingerprint_is_encoded_again(tmp_path: Path) -> None:
    ensure(tmp_path)
    changed = ["new", *TEXTS[1:13], "text 0", *TEXTS[14:]]
    features = ensure(tmp_path, texts=changed)
    np.testing.assert_array_equal(features.rows(range(30)), [vector(text) for text in changed[:30]])


def test_other_posts_under_the_same_fingerprint_are_refused_naming_the_first_that_differs(
    tmp_path: Path,
) -> None:
    ensure(tmp_path)
    with pytest.raises(StoreError, match=r"post 3 is 'p2', but in the data it is 'other'"):
        ensure(tmp_path, ids=["p0", "p1", "other", *IDS[3:]])
    with pytest.raises(StoreError, match=r"holds 32 posts, but the data have 31"):
        ensure(tmp_path, texts=TEXTS[:-1])


def test_an_encoder_with_another_fingerprint_has_a_folder_of_its_own(tmp_path: Path) -> None:
    class Newer(Digits):
        version = 2

    first, second = ensure(tmp_path), ensure(tmp_path, Newer())
    assert first.folder != second.folder


def test_an_encoder_that_gives_the_wrong_shape_is_named_and_nothing_is_stored(tmp_path: Path) -> None:
    class Short(Digits):
        def encode(self, items: Sequence[str]) -> Encoded:
            vectors, ok, reasons = super().encode(items)
            return Encoded(vectors[:, 1:], ok, reasons)

    with pytest.raises(SmpbenchError, match=r"'digits' gave vectors \(4, 5\)"):
        ensure(tmp_path, Short())
    assert not list(tmp_path.rglob("shard-*"))


def test_an_encoder_whose_package_is_absent_is_refused_by_name(tmp_path: Path) -> None:
    class Absent(Digits):
        requires = ("no_such_package",)

    with pytest.raises(SmpbenchError, match=r"'digits' cannot be used: package no_such_package"):
        ensure(tmp_path, Absent())


@pytest.mark.parametrize("position", [-1, len(TEXTS)])
def test_a_position_outside_the_posts_is_an_error_and_never_wraps_around(
    tmp_path: Path, position: int
) -> None:
    features = ensure(tmp_path)
    with pytest.raises(IndexError):
        features.rows([0, position])


def test_features_stay_small_when_pickled_after_use(tmp_path: Path) -> None:
    features = ensure(tmp_path)
    unused = pickle.dumps(features)
    row = features.rows([5])
    used = pickle.dumps(features)
    assert len(used) == len(unused) < 1000
    np.testing.assert_array_equal(pickle.loads(used).rows([5]), row)  # noqa: S301  # made by this test


def test_a_child_process_reads_features_without_loading_torch(tmp_path: Path) -> None:
    features = ensure(tmp_path)
    script = (
        "import pickle, sys\n"
        "features = pickle.loads(bytes.fromhex(sys.argv[1]))\n"
        "print(features.rows([5]).sum())\n"
        "assert not {'torch', 'timm', 'transformers', 'PIL'} & set(sys.modules)\n"
    )
    child = subprocess.run(
        [sys.executable, "-c", script, pickle.dumps(features).hex()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(child.stdout) == vector("text 5").sum()


CHILD = """
import os, signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_feature_cache import Digits, ensure

class Watched(Digits):
    def encode(self, items):
        with open(sys.argv[3], "a") as file:
            file.writelines(f"{item}\\n" for item in items)
        if sys.argv[4] == "kill" and len(self.seen) >= 4 * int(sys.argv[5]):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.1)
        return super().encode(items)

ensure(Path(sys.argv[2]), Watched())
"""


def child(home: Path, journal: Path, *how: str) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).parent)
    return subprocess.Popen([sys.executable, "-c", CHILD, here, str(home), str(journal), *how])


def test_what_is_derived_from_another_encoders_vectors_encodes_nothing_twice(tmp_path: Path) -> None:
    class Halves(Digits):
        name, dim = "halves", 2

        def __init__(self) -> None:
            super().__init__()
            self.base = Digits()

        def derived(self, encoded: Encoded) -> Encoded:
            return Encoded(encoded.vectors[:, :2] / 2, encoded.ok, encoded.reasons)

        def encode(self, items: Sequence[str]) -> Encoded:
            pytest.fail("encoded what it could derive")

    encoder = Halves()
    features = ensure(tmp_path, encoder)
    assert encoder.base is not None
    np.testing.assert_array_equal(features.rows(range(30)), [vector(text)[:2] / 2 for text in TEXTS[:30]])
    assert features.ok([29, 30, 31]).tolist() == [True, False, False]
    assert features.reasons == {"nothing given": 1, "broken": 1}
    of_base = Digits()
    assert ensure(tmp_path, of_base).dim == DIM
    assert of_base.seen == []


@pytest.mark.slow
@pytest.mark.parametrize("shards", [0, 2])
def test_a_killed_run_keeps_its_finished_shards(tmp_path: Path, shards: int) -> None:
    killed = child(tmp_path / "home", tmp_path / "journal", "kill", str(shards))
    assert killed.wait(PATIENCE) == -signal.SIGKILL
    encoder = Digits()
    folder = ensure(tmp_path / "home", encoder).folder
    assert len(encoder.seen) == 14 - 4 * shards
    assert contents(folder) == contents(ensure(tmp_path / "fresh").folder)


@pytest.mark.slow
def test_two_processes_at_once_share_the_work_and_agree(tmp_path: Path) -> None:
    running = [child(tmp_path / "home", tmp_path / "journal", "run") for _ in range(2)]
    assert [process.wait(PATIENCE) for process in running] == [0, 0]
    encoded = (tmp_path / "journal").read_text().splitlines()
    assert len(encoded) == len(set(encoded)) == 14
    assert contents(ensure(tmp_path / "home").folder) == contents(ensure(tmp_path / "fresh").folder)


def test_images_are_known_by_name_so_that_their_folder_may_move(tmp_path: Path) -> None:
    class Names(Digits):
        modality = "image"

        def encode(self, items: Sequence[Path]) -> Encoded:  # type: ignore[override]
            return super().encode([item.name for item in items])

    def run(root: str, encoder: Names) -> Features:
        paths = [Path(root, "1.jpg"), None, Path(root, "2.jpg")]
        return FeatureCache(tmp_path).ensure(encoder, "demo", "ab" * 32, ["a", "b", "c"], paths)

    run("/here", Names())
    moved = Names()
    features = run("/there", moved)
    assert moved.seen == []
    assert features.ok([0, 1, 2]).tolist() == [True, False, True]


def test_the_manifest_says_what_the_folder_holds(tmp_path: Path) -> None:
    manifest = json.loads((ensure(tmp_path).folder / "manifest.json").read_text())
    assert (manifest["encoder"], manifest["dataset"], manifest["dim"]) == ("digits", "demo", DIM)
    assert list(manifest["shards"]) == ["0", "1", "2", "3"]
