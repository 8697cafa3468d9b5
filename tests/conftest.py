"""Fixtures that several test files share."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from browsers import ARGUMENTS, CHROMIUM

from benchmark.finding.discovery import discover
from benchmark.processes.workers import workers
from benchmark.sealing.seal import SWITCH

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("unhurried"), max_examples=20)


def pytest_configure(config: pytest.Config) -> None:
    """The quick part of the suite (`make test-fast`) tries fewer examples; the whole tries them all.

    A shell has what it starts in the background ignore Ctrl-C, and so whatever that starts: tests that send
    one would wait for ever.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    quick = config.option.markexpr == "not slow"
    hypothesis.settings.load_profile("quick" if quick else "unhurried")


@pytest.fixture(autouse=True, scope="session")
def _few_rounds_of_elo() -> Iterator[None]:
    """Each board that a test writes has an aggregate, and no test asks how wide the intervals of Elo are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("leaderboard.together.aggregate.ELO_ROUNDS", 20)
        yield


@pytest.fixture(autouse=True, scope="session")
def _nothing_published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Boards of tests hold what the tests have made; none of the rows that the project has published."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMPBENCH_PUBLISHED", str(tmp_path_factory.mktemp("published")))
        yield


@pytest.fixture(autouse=True)
def _published_by_no_other_test(
    _nothing_published: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each test publishes into a folder of its own."""
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(tmp_path_factory.mktemp("published")))


@pytest.fixture
def made_up_encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model is loaded: vectors are hashes."""
    from worlds import MadeUpEncoder

    for module in ("runner", "cells", "plan", "here"):
        made = f"benchmark.run.{module}.encoder"
        monkeypatch.setattr(made, lambda profile, encoding, languages: MadeUpEncoder(encoding))


@pytest.fixture
def made_up_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model is loaded for drafts either."""
    from worlds import MadeUpEncoder

    made = "desk.judging.judge.encoder"
    monkeypatch.setattr(made, lambda profile, encoding, languages, threads=None: MadeUpEncoder(encoding))


@pytest.fixture
def unsealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Baselines of the test leave notes in files, which those that are sealed cannot."""
    monkeypatch.setenv(SWITCH, "off")


@pytest.fixture(scope="session")
def preloaded(request: pytest.FixtureRequest) -> None:
    """The server that workers are forked from, started once with what the chosen tests will need."""
    slow = any(item.get_closest_marker("slow") for item in request.session.items)
    modules = {module for one in discover().values() if one.described for module in one.described.preload}
    workers(sorted(modules) if slow else [], threads=1)


@pytest.fixture(scope="module")
def browsers() -> Iterator[Any]:
    """What starts browsers, Chromium among them. Ended with the file: until then its loop of events is this
    process's own, and tests that run another could not."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with playwright.sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser_arguments() -> tuple[str, ...]:
    """A file whose pages need others has a fixture of this name."""
    return ARGUMENTS


@pytest.fixture(scope="module")
def _browser_of_the_file(browsers: Any, browser_arguments: tuple[str, ...]) -> Iterator[Any]:
    started = browsers.chromium.launch(executable_path=str(CHROMIUM), args=list(browser_arguments))
    yield started
    started.close()


@pytest.fixture
def browser(_browser_of_the_file: Any) -> Iterator[Any]:
    """Chromium. What a test has opened is closed after it: a page that stays open goes on drawing."""
    yield _browser_of_the_file
    for opened in _browser_of_the_file.contexts:
        opened.close()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go; a test that asks for it leaves it empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.rglob("*")) == []
