from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_layouts import ROOT

from benchmark.data.cards import load_card
from benchmark.data.download import download
from benchmark.declared.card import Card, Download
from benchmark.errors import DataUnavailable

CONTENT = {"BarackObama.csv": b"one", "realDonaldTrump.csv": b"two"}


class Server(http.server.BaseHTTPRequestHandler):
    served: dict[str, bytes] = {}

    def do_GET(self) -> None:
        body = self.served.get(self.path.rpartition("/")[2])
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    """The card of twitter_ratio with its files on a server of this machine."""
    monkeypatch.setattr("benchmark.data.download._RETRIES", 0)
    monkeypatch.setenv("NO_PROXY", "*")
    Server.served = dict(CONTENT)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    items = tuple(
        # Not validated: a card takes HTTPS only.
        Download.model_construct(
            url=f"http://127.0.0.1:{server.server_port}/{name}",
            sha256=hashlib.sha256(body).hexdigest(),
            file=name,
        )
        for name, body in CONTENT.items()
    )
    yield load_card(ROOT / "datasets" / "twitter_ratio" / "card.toml").model_copy(update={"downloads": items})
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_all_files_arrive_in_the_raw_folder(card: Card, tmp_path: Path) -> None:
    folder = download(card, tmp_path)
    assert folder == tmp_path / "raw" / "twitter_ratio"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENT


@pytest.mark.slow
def test_what_is_there_is_not_fetched_again(card: Card, tmp_path: Path) -> None:
    download(card, tmp_path)
    Server.served.clear()
    assert download(card, tmp_path).is_dir()


@pytest.mark.slow
@pytest.mark.parametrize("served", [b"tampered", None])
def test_a_file_that_is_not_what_the_card_pins_leaves_no_raw_folder(
    card: Card, tmp_path: Path, served: bytes | None
) -> None:
    Server.served.pop("realDonaldTrump.csv")
    if served is not None:
        Server.served["realDonaldTrump.csv"] = served
    with pytest.raises(DataUnavailable, match=r"realDonaldTrump\.csv could not be fetched"):
        download(card, tmp_path)
    assert not (tmp_path / "raw" / "twitter_ratio").exists()


@pytest.mark.slow
def test_a_second_attempt_completes_the_first(card: Card, tmp_path: Path) -> None:
    second = Server.served.pop("realDonaldTrump.csv")
    with pytest.raises(DataUnavailable):
        download(card, tmp_path)
    Server.served = {"realDonaldTrump.csv": second}
    assert len(list(download(card, tmp_path).iterdir())) == 2


def test_a_set_that_may_not_be_downloaded_says_how_to_obtain_it(tmp_path: Path) -> None:
    card = load_card(ROOT / "datasets" / "smpd_image" / "card.toml")
    with pytest.raises(DataUnavailable, match=r"Register at https://smp-challenge\.com"):
        download(card, tmp_path)


@pytest.mark.slow
def test_a_file_name_that_climbs_out_is_refused(card: Card, tmp_path: Path) -> None:
    item = card.downloads[0].model_copy(update={"file": "../x.csv"})
    with pytest.raises(DataUnavailable, match="no plain file name"):
        download(card.model_copy(update={"downloads": (item,)}), tmp_path)
