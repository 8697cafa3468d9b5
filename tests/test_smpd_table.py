"""`make smpd`: from files in the layout of SMPD's image track to its table and the files to submit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark import PROJECT
from benchmark.finding.discovery import discover
from benchmark.run.plan import choose
from tools.tables.smpd import MODELS, REFERENCES, main

POSTS = 300


def test_its_table_is_of_four_models_with_lightgbm_and_the_references() -> None:
    names = {name.partition(":")[0] for name in MODELS}
    four = {"clip_adapter", "temporal_fusion_transformer", "category_embedding", "lstm"}
    assert names == four | {"lightgbm"}
    known = discover()
    for spec in (*MODELS, *REFERENCES):
        name, _, variant = spec.partition(":")
        assert len(choose(variant, known[name]).variants) >= 1


@pytest.mark.slow
def test_from_the_unpacked_files_come_a_table_and_a_file_to_submit(tmp_path: Path) -> None:
    script = PROJECT / "datasets" / "demo_flickr" / "generate.py"
    made = [sys.executable, str(script), "--out", str(tmp_path / "smpd_image"), "--posts", str(POSTS)]
    subprocess.run([*made, "--no-images"], check=True)
    models = ["-b", "lightgbm:+history", "-b", "bag_of_words"]
    out = tmp_path / "out"
    at = ["--raw", str(tmp_path), "--home", str(tmp_path / "home"), "--out", str(out)]
    main([*at, *models, "--jobs", "2"])  # a thread a cell: two would wait for each other on a busy machine

    table = (out / "table.md").read_text()
    assert all(name in table for name in ("lightgbm", "bag_of_words", "recent_median"))
    assert {path.name for path in out.iterdir()} == {
        *("table.md", "table.tex", "table.csv"),
        *("submission_lightgbm.json", "submission_bag_of_words.json"),
    }
    told = json.loads((out / "submission_lightgbm.json").read_text())
    test = json.loads((tmp_path / "smpd_image" / "test_allmetadata_json" / "test_category.json").read_text())
    (rows,) = (value for value in told.values() if isinstance(value, list))
    assert sorted(str(row["post_id"]) for row in rows) == sorted(f"post{row['Pid']}" for row in test)
