"""Profiles: which encoder answers for which encoding, and how users choose models of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from worlds import World, write_baseline

from benchmark.encoders import encoder, offers
from benchmark.encoders.interface import Encoder
from benchmark.encoders.profiles import (
    ENCODERS,
    PROFILES,
    ProfileError,
    Source,
    chosen_profile,
    encoder_class,
)
from benchmark.errors import SmpbenchError, UnknownName


@pytest.fixture(autouse=True)
def profiles_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.encoders.profiles.PROFILES", dict(PROFILES))
    monkeypatch.setattr("benchmark.encoders.PROFILES", chosen_profile.__globals__["PROFILES"])


def write(folder: Path, text: str) -> str:
    (folder / "mine.toml").write_text(text)
    return str(folder / "mine.toml")


# What there is


def test_every_encoder_of_every_profile_answers_for_the_kind_it_is_named_for() -> None:
    for profile, encodings in PROFILES.items():
        for encoding in encodings:
            assert encoder(profile, encoding).encoding == encoding


def test_every_encoder_has_a_name_and_a_file() -> None:
    assert all(issubclass(encoder_class(name), Encoder) for name in ENCODERS)


def test_all_that_the_bundled_profile_needs_is_installed() -> None:
    for encoding in PROFILES["bundled"]:
        assert encoder("bundled", encoding).unavailable() is None


def test_a_kind_of_another_profile_is_not_offered_and_a_kind_of_none_is_an_error() -> None:
    assert offers("hub", "clip_text")
    assert not offers("bundled", "clip_text")
    with pytest.raises(UnknownName, match=r"encoding 'emotoin'; did you mean 'emotion'"):
        offers("bundled", "emotoin")


def test_an_encoder_of_a_modality_that_posts_do_not_have_is_refused_and_is_none_of_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ear(Encoder):
        name, modality, encoding, dim = "ear", "sound", "melody", 3  # type: ignore[assignment]

        def files(self) -> list[Path]:
            return []

        def encode(self, items: Any) -> Any:
            pytest.fail("it was given something to encode")

    monkeypatch.setattr("benchmark.encoders.encoder_class", lambda name: Ear)
    monkeypatch.setitem(PROFILES["bundled"], "melody", Source("ear"))
    told = "encoder 'ear' reads 'sound', which posts do not have; known: image, text"
    with pytest.raises(SmpbenchError, match=told):
        encoder("bundled", "melody")
    world = World.make(tmp_path, posts=60).with_only("one", "frozen")
    with pytest.raises(SmpbenchError, match=told):
        world.run(write_baseline(tmp_path, "listener", "", "wants = {'melody'}"))
    assert not (world.home / "runs").exists(), "nothing has started"


# Profiles of one's own


def test_a_file_makes_a_profile_with_its_own_name(tmp_path: Path) -> None:
    name = chosen_profile(
        write(
            tmp_path,
            """
            name = "mine"
            [encodings.text]
            encoder = "embedding"
            model = "./my model"
            pooling = "cls"
            [encodings.image]
            encoder = "clip_image"
            model = "ViT-B-32:../weights.safetensors"
            [encodings.irony]
            encoder = "classifier"
            model = "owner/irony"
            [encodings.sentiment]
            encoder = "vader"
            """,
        )
    )
    assert name == "mine"
    text: Any = encoder("mine", "text")
    image: Any = encoder("mine", "image")
    assert (text.model, text.pooling, text.name) == (f"{tmp_path}/my model", "cls", "text_my-model")
    assert image.source == f"{tmp_path.parent}/weights.safetensors"
    assert encoder("mine", "irony").encoding == "irony"
    assert encoder("mine", "sentiment").name == "vader"
    with pytest.raises(UnknownName, match=r"in profile 'mine' 'topics'"):
        encoder("mine", "topics")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = 'mine'", "names no encodings"),
        ("name = 'My Profile'\nencodings.text.encoder = 'minilm'", "is no name: at most 64 small letters"),
        ("name = 'bundled'\nencodings.text.encoder = 'minilm'", "there is a profile 'bundled' already"),
        ("name = 'mine'\nencoding.text.encoder = 'minilm'", "'encoding' is no part of a profile"),
        ("name = 'mine'\nencodings.text.encoder = 'minlm'", "unknown encoder 'minlm'; did you mean 'minilm'"),
        ("name = 'mine'\nencodings.text.model = 'a/b'", "encodings.text: `encoder` is missing"),
        ("name = 'mine'\nencodings.text.encoder = 'embedding'", "encoder 'embedding' needs `model`"),
        ("name = 'mine'\nencodings.image.encoder = 'minilm'", "answers for 'text', not for 'image'"),
        (
            "name = 'mine'\nencodings.text = {encoder = 'embedding', model = 'a/b', poling = 'cls'}",
            "setting of encoder 'embedding' 'poling'; did you mean 'pooling'",
        ),
        (
            "name = 'mine'\nencodings.text = {encoder = 'embedding', model = 'a/b', pooling = 'max'}",
            "pooling = 'max': Input should be 'cls' or 'mean'",
        ),
        (
            "name = 'mine'\nencodings.text = {encoder = 'embedding', model = 3}",
            "model = 3: Input should be a valid str",
        ),
        ("name = ", "not valid TOML"),
    ],
)
def test_what_is_wrong_with_a_profile_is_said(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SmpbenchError) as error:
        chosen_profile(write(tmp_path, text))
    assert told in str(error.value)


def test_an_unknown_profile_and_a_missing_file_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"profile 'bundle'; did you mean 'bundled'"):
        chosen_profile("bundle")
    with pytest.raises(ProfileError, match=r"mine\.toml: cannot be read: No such file"):
        chosen_profile(str(tmp_path / "mine.toml"))


# Runs


@pytest.mark.slow
def test_a_kind_that_the_profile_lacks_skips_who_needs_it_and_not_who_wants_it(tmp_path: Path) -> None:
    world = World.make(tmp_path / "world", posts=120).with_only("one", "frozen")
    needs = write_baseline(tmp_path, "needing", "", 'needs = {"clip_text"}')
    wants = write_baseline(tmp_path, "wanting", "", 'wants = {"clip_text", "profanity"}')
    world.run(needs, wants)
    results = {stored.about.baseline: stored for stored in world.results().values()}
    assert results["needing"].run.told == "skipped: needs clip_text"
    assert (results["wanting"].run.status, results["wanting"].about.profile) == ("ok", "bundled")
    assert [folder.name.split("-")[0] for folder in (world.home / "features").iterdir()] == [
        "profanity_check"
    ]


@pytest.mark.slow
def test_the_name_of_a_users_profile_stands_in_the_row(tmp_path: Path) -> None:
    profile = chosen_profile(write(tmp_path, "name = 'mine'\nencodings.sentiment.encoder = 'vader'"))
    world = World.make(tmp_path / "world", posts=120).with_only("one", "frozen")
    world.run(write_baseline(tmp_path, "needing", "", 'needs = {"sentiment"}'), profile=profile)
    (stored,) = world.results().values()
    assert (stored.run.status, stored.about.profile) == ("ok", "mine")


def test_an_encoder_that_cannot_be_used_stops_a_run_before_the_data_are_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {"text": Source("embedding", {"model": str(tmp_path / "nowhere")})}
    monkeypatch.setitem(chosen_profile.__globals__["PROFILES"], "broken", broken)
    world = World.make(tmp_path / "world", posts=120).with_only("one", "frozen")
    wants = write_baseline(tmp_path, "wanting", "", 'wants = {"text"}')
    with pytest.raises(SmpbenchError, match=r"'text' of profile 'broken' .*nowhere': there is no such"):
        world.run(wants, profile="broken")
    assert not (world.home / "prepared").exists()
