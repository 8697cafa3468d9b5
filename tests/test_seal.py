"""The seal: what the process of a cell can reach, in whatever way it tries, and what is left when it ends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from waiting import FOR_EVER, wait_until
from worlds import BASELINES, World, write_baseline

from benchmark.processes.workers import Spawned
from benchmark.sealing import landlock, namespaces
from benchmark.sealing.seal import SWITCH, Seal, put_on

pytestmark = pytest.mark.usefixtures("preloaded")
by_kernel = pytest.mark.skipif(not landlock.version(), reason="this system has no Landlock")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path / "world", posts=120).with_only("one", "frozen")


def printed(world: World, name: str) -> str:
    (folder,) = {stored.folder for stored in world.results().values() if stored.about.baseline == name}
    return (folder / "log.txt").read_text()


TRIES = {
    "python": "open(path, 'rb').read(9)",
    "os.open": "os.open(path, os.O_RDONLY)",
    "pyarrow": "__import__('pyarrow.parquet').parquet.read_schema(path)",
    "libc": "__import__('ctypes').CDLL(None).open(path.encode(), 0)",
    "a program": "subprocess.run(['cat', path], capture_output=True).returncode or None",
    "a link": "(os.symlink(path, 'link'), open('link', 'rb').read(9))[1]",
    "a hard link": "(os.link(path, 'hard'), open('hard', 'rb').read(9))[1]",
    "the parent's folder": "open(f'/proc/{os.getppid()}/root{path}', 'rb').read(9)",
    "a thread": "__import__('concurrent.futures').futures.ThreadPoolExecutor().submit(open, path).result()",
    "a copy elsewhere": "__import__('shutil').copy(path, '.')",
}


@pytest.mark.slow
@by_kernel
@pytest.mark.parametrize("way", TRIES)
def test_no_way_leads_to_labels_raw_files_truth_or_what_other_cells_have_predicted(
    way: str, world: World, tmp_path: Path
) -> None:
    world.run(BASELINES / "global_median.py")
    rival = next(world.home.glob("runs/**/predictions.parquet"))
    places = [
        *world.home.glob("prepared/*/*.parquet"),
        *world.home.glob("runs/**/truth.parquet"),
        rival,
        world.card.folder / "raw" / "posts.csv",
    ]
    body = f"""
    def predict(self, posts):
        import json, subprocess
        for path in {list(map(str, places))!r}:
            try:
                got = {TRIES[way]}
            except OSError as error:
                got = None
            print(json.dumps([path, got is None or got == -1 or isinstance(got, int) and way == "a program"]))
        return np.zeros((len(posts), 1))
    """.replace('and way == "a program"', f"and {way == 'a program'}")
    assert world.run(write_baseline(tmp_path / "mine", "thief", body)).counts == {"ok": 1}
    told = [json.loads(line) for line in printed(world, "thief").splitlines()]
    assert [path for path, refused in told] == list(map(str, places))
    assert [path for path, refused in told if not refused] == []


@pytest.mark.slow
@by_kernel
def test_what_a_cell_was_handed_its_own_file_and_modules_beside_it_are_there(
    world: World, tmp_path: Path, made_up_encoders: None
) -> None:
    mine = write_baseline(
        tmp_path / "mine",
        "honest",
        """
        def predict(self, posts):
            import tempfile
            from beside import HALF
            with tempfile.TemporaryFile() as file:
                file.write(b"anything")
            read = (Path(__file__).parent / "words.txt").read_text()
            assert posts.encode("text").shape[1] > 0
            images = [path.read_bytes() for path in posts.image_paths() if path and path.exists()]
            print(read, HALF, len(images) > 0)
            return np.zeros((len(posts), 1))
        """,
        'needs = {"text"}\nfiles = ("words.txt",)\nopens_images = True',
    )
    (tmp_path / "mine" / "beside.py").write_text("HALF = 0.5\n")
    (tmp_path / "mine" / "words.txt").write_text("of mine")
    assert world.run(mine).problems == []
    assert printed(world, "honest").strip() == "of mine 0.5 True"
    assert all(stored.run.sealed for stored in world.results().values())
    (tmp_path / "mine" / "words.txt").write_text("other words")
    assert world.run(mine).counts == {"ok": 1}, "what is in them is part of the key"


@pytest.mark.slow
@by_kernel
def test_a_file_that_is_not_declared_is_refused_with_what_may_be_read(world: World, tmp_path: Path) -> None:
    body = "def predict(self, posts):\n    (Path(__file__).parent / 'words.txt').read_text()"
    mine = write_baseline(tmp_path / "mine", "undeclared", body)
    (tmp_path / "mine" / "words.txt").write_text("of mine")
    (problem,) = world.run(mine).problems
    assert "Permission denied" in problem
    assert "the files that it names in `files`" in problem


@pytest.mark.slow
@pytest.mark.parametrize("named", ["../secret.txt", "/etc/passwd", "absent.txt", ".", "out"])
def test_files_that_do_not_lie_beside_the_baseline_are_refused(
    named: str, world: World, tmp_path: Path
) -> None:
    mine = write_baseline(tmp_path / "mine", "climbs", "", f"files = ({named!r},)")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "mine" / "out").symlink_to(tmp_path / "secret.txt")
    (problem,) = world.run(mine).problems
    assert f"`files` names '{named}', which is not in" in problem


@pytest.mark.slow
@pytest.mark.parametrize("named", ["posts.csv", "raw", "data", "data/prepared"])
def test_a_baseline_beside_the_data_cannot_name_them_as_its_files(named: str, world: World) -> None:
    (world.card.folder / "posts.csv").symlink_to(world.card.folder / "raw" / "posts.csv")
    world.run(BASELINES / "global_median.py")
    mine = write_baseline(world.card.folder, "beside", "", f"files = ({named!r},)")
    (problem,) = world.run(mine).problems
    assert "holds data, which it may not read" in problem


@pytest.mark.slow
@by_kernel
def test_nothing_is_passed_from_one_cell_to_the_next(world: World, tmp_path: Path) -> None:
    body = """
    def predict(self, posts):
        import tempfile
        left = Path(tempfile.gettempdir(), "a"), Path.home() / "b", Path("c"), Path("/dev/shm/smpbench-left")
        for path in left:
            print("found" if path.exists() else "nothing")
            try:
                path.write_text("labels")
            except PermissionError:
                print("refused")
        for place in (Path("/tmp/left"), Path("/var/tmp/left"), Path(__file__).parent / "left"):
            try:
                place.write_text("labels")
                print("written")
            except PermissionError:
                pass
        return np.zeros((len(posts), 1))
    """
    mine = write_baseline(tmp_path / "mine", "leaves", body)
    assert world.run(mine, seeds=2, jobs=1).counts == {"ok": 2}
    logs = [(stored.folder / "log.txt").read_text() for stored in world.results().values()]
    assert len(logs) == 2
    assert all("found" not in log and "written" not in log for log in logs)


@pytest.mark.slow
@pytest.mark.skipif(landlock.version() < 6, reason="needs a kernel that knows of TCP and of signals")
def test_a_cell_has_no_network_and_signals_nobody_outside(world: World, tmp_path: Path) -> None:
    outside = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({FOR_EVER})"])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        body = f"""
        def predict(self, posts):
            import socket
            for act in (
                lambda: socket.create_connection(("127.0.0.1", {listening.getsockname()[1]}), timeout=5),
                lambda: socket.create_server(("127.0.0.1", 0)),
                lambda: os.kill({outside.pid}, 9),
                lambda: os.kill(os.getppid(), 19),
            ):
                try:
                    act()
                    print("done")
                except OSError:
                    print("refused")
            return np.zeros((len(posts), 1))
        """
        try:
            assert world.run(write_baseline(tmp_path / "mine", "calls", body)).counts == {"ok": 1}
            assert outside.poll() is None
        finally:
            outside.kill()
            outside.wait()
    assert printed(world, "calls").split() == ["refused"] * 4


@pytest.mark.slow
def test_a_file_of_a_baseline_is_never_run_in_this_process(tmp_path: Path, world: World) -> None:
    mine = write_baseline(tmp_path / "mine", "marks", "")
    mine.write_text(f"import os, sys\nsys.marked = os.environ['MARKED'] = 'yes'\n{mine.read_text()}")
    assert world.run(mine).counts == {"ok": 1}
    assert not hasattr(sys, "marked")
    assert "MARKED" not in os.environ


@pytest.mark.slow
def test_what_one_baseline_does_at_import_reaches_no_other(tmp_path: Path, world: World) -> None:
    """Neither its own module that it asks to have loaded beforehand, nor what it changes in the project's."""
    poison = "import benchmark.posts, benchmark.worker\nbenchmark.posts.Posts.history = None\n"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "poison.py").write_text(poison)
    mine = write_baseline(tmp_path / "mine", "sabotage", "", 'preload = ("poison",)')
    mine.write_text(f"{poison}{mine.read_text()}")
    world.run(BASELINES / "recent_median.py")
    honest = world.predictions()["one frozen recent_median 0"]
    other = world.copied_to(tmp_path / "other")
    for stored in other.results().values():
        (stored.folder / "result.json").unlink()
    other.run(mine, BASELINES / "recent_median.py", jobs=1)
    assert other.predictions()["one frozen recent_median 0"].equals(honest)


ESCAPES = """
def fit(self, train, y):
    self.middle = np.median(y, axis=0)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            print(os.getpid(), flush=True)
            time.sleep(FOR_EVER)
        os._exit(0)
    time.sleep(0.5)
""".replace("FOR_EVER", str(FOR_EVER))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux alone")
def test_a_process_that_hides_ends_with_its_cell(world: World, tmp_path: Path) -> None:
    assert world.run(write_baseline(tmp_path / "mine", "escapes", ESCAPES)).counts == {"ok": 1}
    assert not psutil.pid_exists(int(printed(world, "escapes")))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux alone")
def test_when_the_run_is_killed_nothing_of_its_cells_is_left(tmp_path: Path) -> None:
    """Not even what holds the interpreter's lock for ever, ignores signals and has left its session."""
    body = ESCAPES.replace("time.sleep(0.5)", "import ctypes; ctypes.PyDLL(None).sleep(100000)")
    mine = write_baseline(tmp_path / "mine", "stays", body)
    world = World.make(tmp_path / "world", posts=120)
    command = [sys.executable, "-m", "smpbench", "run", "-d", str(world.card.folder / "card.toml")]
    command += ["-b", str(mine), "-p", "frozen", "--home", str(world.home), "--no-plots"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    running = psutil.Process(run.pid)

    def family() -> list[psutil.Process]:
        return running.children(recursive=True)

    wait_until(lambda: len(family()) >= 4, "the cell has started its own processes", run)
    members = family()
    run.kill()
    run.wait()
    wait_until(lambda: not any(_lives(one) for one in members), "all were gone")


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a system where workers cannot be forked."""
    for place in ("benchmark.run.runner.workers", "benchmark.finding.describing.describers"):
        monkeypatch.setattr(place, lambda *_: Spawned(1))
    yield


@pytest.mark.slow
def test_without_a_seal_a_cell_runs_and_its_row_says_so(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spawned: None
) -> None:
    monkeypatch.setenv(SWITCH, "off")
    labels = next(iter([world.home / "prepared" / "trial" / "targets.parquet"]))
    body = f"def predict(self, posts):\n    return open({str(labels)!r})"
    thief = write_baseline(tmp_path / "mine", "thief", body)
    summary = world.run(BASELINES / "global_median.py", thief)
    assert summary.counts == {"ok": 1, "failed": 1}
    assert "a baseline may not read labels" in summary.problems[0], "today's guard stays"
    (run,) = (stored.run for stored in world.results().values() if stored.run.status == "ok")
    assert (run.sealed, run.unsealed) == (False, f"switched off by {SWITCH}=off")


MEDDLING = {
    "a link to a file of others": "(place / 'predictions.parquet').symlink_to(victim)",
    "a folder in place of the result": "(place / 'result.json').mkdir()",
    "a pipe in place of the replicates": "os.mkfifo(place / 'replicates.npz')",
    "no folder at all": "__import__('shutil').rmtree(place)",
    "a link in place of the folder": "(__import__('shutil').rmtree(place), place.symlink_to(victim.parent))",
}


@pytest.mark.slow
@pytest.mark.usefixtures("unsealed")
@pytest.mark.parametrize("what", MEDDLING)
def test_without_a_seal_one_that_meddles_with_its_results_folder_has_failed_and_no_other(
    what: str, world: World, tmp_path: Path
) -> None:
    victim = tmp_path / "others" / "victim"
    victim.parent.mkdir()
    victim.write_text("theirs")
    body = f"""
    def predict(self, posts):
        (place,) = Path({str(world.home)!r}).glob("runs/*/*/*/meddles/*/seed-0/.*")
        victim = Path({str(victim)!r})
        {MEDDLING[what]}
        return np.zeros((len(posts), 1))
    """
    summary = world.run(write_baseline(tmp_path / "mine", "meddles", body), BASELINES / "global_median.py")
    assert summary.counts == {"failed": 1, "ok": 1}
    assert "it has changed the folder of its result" in summary.problems[0]
    assert [path.name for path in victim.parent.iterdir()] == ["victim"]
    assert victim.read_text() == "theirs"


@by_kernel
def test_a_home_among_the_libraries_cannot_be_sealed_off_and_the_row_says_so() -> None:
    sealed = put_on(Seal(keep_out=(f"{sys.prefix}/lib/data",)))
    assert not sealed.by_kernel
    assert "which libraries are read from" in sealed.why


@by_kernel
def test_a_path_that_is_not_there_is_passed_over_and_a_seal_cannot_be_taken_off() -> None:
    tried = """
    from benchmark.sealing import landlock
    landlock.restrict([("/nowhere", landlock.READ), ("/usr", landlock.READ)])
    for _ in range(2):
        try:
            open("/etc/hostname")
            print("read")
        except PermissionError:
            print("refused")
        landlock.restrict([("/", landlock.ALL)])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(tried)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["refused", "refused"]


@pytest.mark.slow
@pytest.mark.skipif(not namespaces.allowed(), reason="namespaces are not allowed here")
def test_a_cell_may_share_memory_with_what_it_starts(world: World, tmp_path: Path) -> None:
    body = """
    def predict(self, posts):
        from joblib import Parallel, delayed
        halves = Parallel(n_jobs=2)(delayed(np.sqrt)(x) for x in (4.0, 9.0))
        return np.full((len(posts), 1), sum(halves))
    """
    assert world.run(write_baseline(tmp_path / "mine", "parallel", body)).problems == []
    assert set(world.predictions()["one frozen parallel 0"]["likes"].to_pylist()) == {5.0}
