"""What names stand for: data sets, baselines, the folders that results and raw data lie in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark import PROJECT
from benchmark.errors import BaselineError, CardError, SmpbenchError, UnknownName, did_you_mean

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.declared.task import ProtocolName
    from benchmark.run.options import Options
    from benchmark.run.plan import Chosen
    from benchmark.run.progress import Progress

PROTOCOLS: tuple[ProtocolName, ...] = ("frozen", "rolling", "official")
DEFAULT_HOME = PROJECT / "data"


def require_checkout() -> None:
    """Refuse to go on where the package was installed without the checkout that it is used from.

    Raises:
        SmpbenchError: no data sets lie beside the package.
    """
    if not (PROJECT / "datasets").is_dir():
        raise SmpbenchError(
            f"no data sets lie beside the package in {PROJECT}: smpbench is used from its checkout. Clone "
            "the repository and run `make install` there"
        )


def home_folder(home: str | Path | None) -> Path:
    """Where prepared data, caches and results lie: as told, else SMPBENCH_HOME, else `data/` here."""
    return Path(home or os.environ.get("SMPBENCH_HOME") or DEFAULT_HOME).expanduser().resolve()


def raw_roots(raw: str | Path | None = None) -> tuple[Path, ...]:
    """Where raw data sets are looked for beside the home: as told, else SMPBENCH_RAW, else nowhere.

    Raises:
        CardError: there is no such folder.
    """
    raw = raw or os.environ.get("SMPBENCH_RAW")
    if not raw:
        return ()
    folder = Path(raw).expanduser()
    if not folder.is_dir():
        raise CardError(f"SMPBENCH_RAW: no folder at {raw}")
    return (folder.resolve(),)


def chosen_card(spec: str | Path) -> Card:
    """A data set by name, or by the path of its card.

    Raises:
        UnknownName: with the nearest known names.
        CardError: the card cannot be read.
    """
    from benchmark.data.cards import find_cards, load_card

    require_checkout()
    known = find_cards(PROJECT / "datasets")
    if str(spec) in known:
        return load_card(known[str(spec)])
    path = Path(spec)
    if path.suffix == ".toml":
        return load_card(path)
    if (path / "card.toml").is_file():
        return load_card(path / "card.toml")
    if path.exists():
        kind = "a folder without a card" if path.is_dir() else "a file, and no card"
        raise CardError(
            f"{spec} is {kind}. `smpbench new dataset {spec}` looks at it and writes a card.toml; then: -d "
            f"{(path if path.is_dir() else path.parent) / 'card.toml'}"
        )
    if path.suffix or len(path.parts) > 1:
        raise CardError(f"nothing is at {path.absolute()}{did_you_mean(path.stem, known, others=False)}")
    raise UnknownName("data set", str(spec), known)


def chosen_cards(specs: Sequence[str] | None) -> list[Card]:
    """Data sets by name or by the path of a card; all of the project's when none is named."""
    from benchmark.data.cards import find_cards

    cards = [chosen_card(spec) for spec in specs or find_cards(PROJECT / "datasets")]
    names = [card.name for card in cards]
    if len(set(names)) < len(names):
        raise CardError(f"two data sets of the same name: {', '.join(sorted(names))}")
    return cards


def chosen_baselines(specs: Sequence[str] | None, progress: Progress) -> list[Chosen]:
    """Baselines by name or file, with a variant or settings; all that are available when none is named."""
    from benchmark.finding.discovery import discover
    from benchmark.run.plan import choose

    if specs is not None:
        return [chosen_baseline(spec) for spec in specs]
    known = discover()
    for found in known.values():
        if found.described is None:
            progress.say(f"baseline '{found.name}' is unavailable: {found.unavailable}")
    return [choose("", found) for found in known.values() if found.described is not None]


def chosen_baseline(spec: str) -> Chosen:
    """`ridge`, `lightgbm:metadata`, `ridge:alpha=1`, `path/to/mine.py`.

    Raises:
        UnknownName: no such baseline, variant or setting.
        BaselineError: it is unavailable, or its file has the name of a baseline of the project.
    """
    from benchmark.finding.discovery import baseline_files, find
    from benchmark.run.plan import choose

    known = baseline_files()
    # A path may hold a colon only in front of `.py`; settings come after it.
    cut = spec.find(":", spec.rfind(".py") + 1)
    name, setting = (spec, "") if cut < 0 else (spec[:cut], spec[cut + 1 :])
    found = find(name, known)
    if found.name in known and known[found.name] != found.path:
        raise BaselineError(
            f"{found.path}: the project has a baseline '{found.name}' already, and rows go by name. "
            "Rename the file"
        )
    return choose(setting, found)


def known_names(names: Sequence[str] | None, known: Sequence[str], kind: str) -> list[str]:
    """The names, or all that are known when none is given."""
    for name in names or ():
        if name not in known:
            raise UnknownName(kind, name, known)
    return list(names or known)


def run_options(
    home: Path,
    raw: Path | None,
    *,
    tasks: tuple[str, ...] | None = None,
    protocols: Sequence[ProtocolName] = PROTOCOLS,
    seeds: int = 1,
    first_seed: int = 0,
    profile: str = "bundled",
    crawl: bool = False,
    retry_failed: bool = False,
    jobs: int = 1,
    seconds: float = 7200,
    memory_gb: float | None = None,
    plots: bool = True,
    named: bool = False,
    allow_generator: bool = False,
    threads: int | None = None,
) -> Options:
    """How a run goes.

    Args:
        profile: of encoders, by name or the path of a file. seconds, memory_gb: that a cell may take; by
            default 80% of the machine's memory, shared out among `jobs`.
        named: whether the data sets were asked for by name.
    """
    import psutil

    from benchmark.encoders.profiles import chosen_profile
    from benchmark.processes.talk import Budget
    from benchmark.run.options import Options, cores

    jobs = min(jobs, cores())
    memory_mb = memory_gb * 1000 if memory_gb else psutil.virtual_memory().total / 2**20 * 0.8 / jobs
    return Options(
        home=home.resolve(),
        raw_roots=raw_roots(raw),
        tasks=tasks,
        protocols=tuple(protocols),
        seeds=seeds,
        first_seed=first_seed,
        profile=chosen_profile(profile),
        crawl=crawl,
        retry_failed=retry_failed,
        jobs=jobs,
        budget=Budget(seconds, memory_mb),
        plots=plots,
        named=named,
        allow_generator=allow_generator,
        told_threads=threads,
    )
