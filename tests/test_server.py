"""The server of the desk: who may ask, how much, and that nothing but the answer is left."""

from __future__ import annotations

import http.client
import io
import json
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from judges import LengthJudge
from PIL import Image
from served import SECRET, picture, running
from starlette.testclient import TestClient
from waiting import PATIENCE, wait_until

from benchmark import PROJECT
from desk.ranking import Mark, Ranking
from desk.server.app import application
from desk.server.guard import POLICY, TOKEN
from desk.server.limits import Limits
from desk.server.serve import AddressError, bound, loopback, serve
from desk.server.site import SITE

HERE = "http://127.0.0.1:8765"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go; each test leaves it empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.rglob("*")) == []


def client(judge: LengthJudge | None = None, **settings: Any) -> TestClient:
    """One that sends the token, as the page does."""
    app = application(judge or LengthJudge(), token=SECRET, **settings)
    return TestClient(app, base_url=HERE, headers={TOKEN: SECRET}, follow_redirects=False)


def small(**limits: Any) -> Limits:
    return Limits(**limits)


def form(drafts: object, images: dict[str, tuple[str, bytes]] | None = None) -> dict[str, Any]:
    files = {name: (called, content, "image/jpeg") for name, (called, content) in (images or {}).items()}
    return {"files": {"drafts": (None, json.dumps(drafts)), **files}}


def texts(*told: str) -> dict[str, Any]:
    return {"json": {"drafts": [{"text": text} for text in told]}}


def refused(answer: Any, status: int) -> str:
    """The sentence of an answer, which has this status and no traceback."""
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told.keys() <= {"error", "draft"} and "Traceback" not in answer.text
    return str(told["error"])


# What is answered


def test_texts_are_ranked() -> None:
    answer = client().post("/api/rank", **texts("short", "a longer caption?"))
    assert answer.status_code == 200
    ranking = Ranking.model_validate_json(answer.content)
    assert [one.draft.number for one in ranking.drafts] == [2, 1]
    assert ranking.drafts[1].draft.name == "draft 1"
    assert ranking.drafts[0].reasons[0].text == "asks a question"


def test_everything_that_a_draft_may_tell_reaches_the_judge() -> None:
    judge = LengthJudge()
    told = {
        "name": "launch",
        "account": "ada",
        "text": "Grüße 🚀",
        "at": "2026-05-01T20:00:00+02:00",
        "values": {"followers": 120, "topic": "news"},
    }
    assert client(judge).post("/api/rank", json={"drafts": [told]}).status_code == 200
    ((draft,),) = judge.asked
    assert (draft.name, draft.account, draft.text) == ("launch", "ada", "Grüße 🚀")
    assert draft.at.isoformat() == "2026-05-01T18:00:00+00:00"
    assert draft.values == {"followers": 120.0, "topic": "news"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_images_reach_the_judge_whatever_they_are_called(kind: str) -> None:
    judge = LengthJudge()
    answer = client(judge).post(
        "/api/rank", **form([{"text": "a"}, {"text": "b"}], {"2": ("x.txt", picture(kind))})
    )
    assert answer.status_code == 200, answer.text
    assert judge.sizes == {2: (64, 48)}
    assert [draft.image for draft in judge.asked[0]] == [None, "x.txt"]
    assert [draft.name for draft in judge.asked[0]] == ["draft 1", "x.txt"]


def test_the_policy_of_a_client_marks_drafts() -> None:
    def policy(ranking: Ranking) -> Ranking:
        mark = Mark(rule="none_on_sundays", action="block", sentence="is planned for a Sunday")
        drafts = tuple(one.model_copy(update={"marks": (mark,)}) for one in ranking.drafts)
        return ranking.model_copy(update={"drafts": drafts})

    told = client(policy=policy).post("/api/rank", **texts("a")).json()
    assert told["drafts"][0]["marks"][0]["rule"] == "none_on_sundays"


def test_the_model_says_what_it_is_and_the_schema_what_may_be_asked() -> None:
    about = client().get("/api/model").json()
    assert about["model"]["baseline"] == "lightgbm:+history"
    assert about["columns"] == {"followers": "numeric", "topic": "category"}
    assert (about["limits"]["drafts"], about["policy"]) == (200, False)
    assert client().get("/healthz").json() == {"status": "ok"}
    told = client().get("/openapi.json").json()
    rank = told["paths"]["/api/rank"]["post"]
    body = rank["requestBody"]["content"]
    one = body["application/json"]["schema"]["properties"]["drafts"]["items"]
    assert one["properties"].keys() == {"name", "account", "text", "at", "values"}
    assert body["multipart/form-data"]["schema"]["required"] == ["drafts"]
    assert rank["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Ranking")
    assert {"400", "403", "413", "415", "422", "429", "503"} <= rank["responses"].keys()
    references = set(_references(told))
    assert references and all(name in told["components"]["schemas"] for name in references)


def _references(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        for name, value in told.items():
            if name == "$ref":
                yield str(value).removeprefix("#/components/schemas/")
            yield from _references(value)
    elif isinstance(told, list):
        for value in told:
            yield from _references(value)


# Who may ask


@pytest.mark.parametrize("path", ["/", "/site/page.js", "/api/model", "/nothing", "/api/rank"])
def test_every_answer_carries_the_headers(path: str) -> None:
    headers = client().get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert "default-src 'none'" in POLICY and "unsafe" not in POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert not [name for name in headers if name.startswith(("access-control", "set-cookie", "server"))]


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:9", "LOCALHOST", "[::1]:8765", "127.0.0.2"])
def test_it_answers_to_its_loopback_address(host: str) -> None:
    assert client().get("/healthz", headers={"host": host}).status_code == 200


HOSTS = [
    "evil.example",
    "evil.example:8765",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.0.0.1@evil.example",
    "192.168.1.7:8765",
    "0.0.0.0:8765",
    "[::]:8765",
    "127.0.0.1:",
    "127.0.0.1:x",
    "",
    "127.0.0.1:8765, evil.example",
    "localhost\u00ad",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/", "/healthz"])
def test_a_name_that_somebody_points_at_it_is_refused(host: str, path: str) -> None:
    answer = client().get(path, headers={"host": host.encode("latin-1")})
    assert "loopback" in refused(answer, 403)
    assert SECRET not in answer.text


def test_another_name_is_answered_where_it_was_asked_for() -> None:
    assert client(hosts=("desk.lan",)).get("/healthz", headers={"host": "desk.lan:80"}).status_code == 200
    anyone = client(hosts=("*",))
    assert anyone.get("/healthz", headers={"host": "192.168.1.7:8765"}).status_code == 200
    assert anyone.get("/healthz", headers={"host": "evil.example"}).status_code == 403, "numbers alone"


FOREIGN: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:3000"},
    {"origin": "https://127.0.0.1:8765"},
    {"origin": "http://localhost:8765"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": HERE, "sec-fetch-site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_requests_of_other_sites_are_refused(headers: dict[str, str]) -> None:
    judge = LengthJudge()
    assert "other sites" in refused(client(judge).post("/api/rank", **texts("a"), headers=headers), 403)
    assert "other sites" in refused(client().get("/api/model", headers=headers), 403)
    assert judge.asked == []


def test_a_link_to_the_page_is_followed_and_the_page_may_ask() -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client().get("/", headers=link).status_code == 200
    assert client().get("/api/model", headers=link).status_code == 403
    own = {"origin": HERE, "sec-fetch-site": "same-origin"}
    assert client().post("/api/rank", **texts("a"), headers=own).status_code == 200


@pytest.mark.parametrize("token", ["", "another", SECRET + "x", "é"])
def test_nothing_is_done_without_the_token_of_this_run(token: str) -> None:
    answer = client().post("/api/rank", **texts("a"), headers={TOKEN: token.encode("latin-1")})
    assert "token" in refused(answer, 403)
    assert SECRET in client().get("/").text, "the page has it"
    bare = TestClient(application(LengthJudge()), base_url=HERE)
    assert bare.post("/api/rank", **texts("a")).status_code == 403
    one, other = (application(LengthJudge()).state.token for _ in range(2))
    assert one != other and len(one) >= 32


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_refused_and_no_site_is_let_in(method: str) -> None:
    answer = client().request(method, "/api/rank")
    refused(answer, 405)
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect", "/site/", "/site/index.html"])
def test_there_is_nothing_else(path: str) -> None:
    refused(client().get(path), 404)


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "%2e%2e%2fapp.py", "/etc/passwd", "page.js%00", "page.js/"]
)
def test_no_path_is_made_of_what_is_asked_for(name: str) -> None:
    assert client().get(f"/site/{name}").status_code == 404


# What is asked


def test_images_that_are_none_are_refused_by_their_content() -> None:
    html = b"<!doctype html><script>alert(1)</script>"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    held = io.BytesIO()
    Image.new("RGB", (9, 9)).save(held, "BMP")
    for content in (html, svg, b"", b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n", held.getvalue(), b"\0" * 5000):
        answer = client().post("/api/rank", **form([{}, {"text": "a"}], {"2": ("holiday.jpg", content)}))
        assert "draft 2: its image is no JPEG, PNG, WEBP or GIF" in refused(answer, 415)
        assert answer.json()["draft"] == 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_an_image_that_ends_too_early_is_refused(kind: str) -> None:
    whole = picture(kind, (300, 200))
    answer = client().post("/api/rank", **form([{}], {"1": ("a.jpg", whole[: len(whole) // 2])}))
    assert "damaged or not whole" in refused(answer, 422)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is so large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9999))


@pytest.mark.parametrize(("width", "height"), [(8000, 8000), (60_000, 60_000), (2**31 - 1, 1)])
def test_an_image_of_too_many_pixels_is_refused_unread(width: int, height: int) -> None:
    answer = client().post("/api/rank", **form([{}], {"1": ("a.png", bomb(width, height))}))
    assert "pixels" in refused(answer, 413)


NAMES = ["../../etc/passwd", "..\\..\\passwd", "/etc/passwd", "C:\\passwd", "file:///etc/passwd"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_is_text_and_never_a_path(name: str, temporary: Path) -> None:
    judge = LengthJudge()
    answer = client(judge).post("/api/rank", **form([{}], {"1": (name, picture())}))
    assert answer.json()["drafts"][0]["draft"]["image"] == "passwd"
    (path,) = judge.paths
    assert path.parent.parent == temporary and path.name == "image-1"


def test_the_folder_of_a_request_is_its_owners_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []

    class Looking(LengthJudge):
        def rank(self, drafts: Any, images: Any) -> Ranking:
            modes.append(images[1].parent.stat().st_mode & 0o777)
            return super().rank(drafts, images)

    client(Looking()).post("/api/rank", **form([{}], {"1": ("a.jpg", picture())}))
    assert modes == [0o700]


PARTS = [
    ({"x": ("a.jpg", b"x")}, 422, "a part is called 'x'"),
    ({"0": ("a.jpg", b"x")}, 422, "a part is called '0'"),
    ({"1.5": ("a.jpg", b"x")}, 422, "a part is called '1.5'"),
    ({"../1": ("a.jpg", b"x")}, 422, "a part is called '1'"),
    ({"١": ("a.jpg", b"x")}, 422, "a part is called"),
    ({"2": ("a.jpg", b"x")}, 422, "an image for draft 2, and only 1 drafts"),
    ({"1" * 40: ("a.jpg", b"x")}, 422, "a part is called"),
]


@pytest.mark.parametrize(("images", "status", "told"), PARTS, ids=lambda part: str(part)[:20])
def test_parts_of_other_names_are_refused(
    images: dict[str, tuple[str, bytes]], status: int, told: str
) -> None:
    assert told in refused(client().post("/api/rank", **form([{}], images)), status)


def test_a_form_that_is_none_is_refused() -> None:
    kind = {"content-type": "multipart/form-data; boundary=b"}

    def posted(body: bytes, **headers: str) -> Any:
        return client().post("/api/rank", content=body, headers={**kind, **headers})

    part = b'--b\r\ncontent-disposition: form-data; name="drafts"\r\n\r\n[{}]\r\n'
    assert posted(part + b"--b--\r\n").status_code == 200
    assert "ends before" in refused(posted(part), 400)
    assert "ends before" in refused(posted(part[:30]), 400)
    assert "not multipart" in refused(posted(b"rubbish"), 400)
    assert "called 'drafts'" in refused(posted(part + part + b"--b--\r\n"), 422)
    assert "no part 'drafts'" in refused(posted(b"--b--\r\n"), 422)
    refused(posted(b""), 400)
    refused(posted(b"--b\r\nx: " + b"y" * 9999 + b"\r\n\r\n\r\n--b--\r\n"), 400)
    refused(posted(b"--b\r\n" + b"x: y\r\n" * 99 + b"\r\n\r\n--b--\r\n"), 400)
    nameless = b'--b\r\ncontent-disposition: form-data; name="1"\r\n\r\nx\r\n--b--\r\n'
    assert "is no file" in refused(posted(nameless), 422)
    for header in ("multipart/form-data", "multipart/form-data; boundary=", f"{FORM}{'b' * 999}"):
        refused(posted(part, **{"content-type": header}), 400)


FORM = "multipart/form-data; boundary="

WRONG: list[tuple[object, str]] = [
    ({"drafts": [{"txt": "a"}]}, "draft 1, txt: is unknown; did you mean 'text'?"),
    ({"drafts": [{"text": "a"}, {"text": 5}]}, "draft 2, text:"),
    ({"drafts": [{"text": None}]}, "draft 1, text:"),
    ({"drafts": ["a"]}, "draft 1: is no object"),
    ({"drafts": [{"at": "2026-05-01T18:00:00"}]}, "draft 1, at: has no time zone"),
    ({"drafts": [{"at": "tomorrow"}]}, "draft 1, at: is no date and time"),
    ({"drafts": [{"at": 5}]}, "draft 1, at:"),
    ({"drafts": [{"at": "99999-01-01T00:00:00Z"}]}, "draft 1, at:"),
    ({"drafts": [{"at": "0001-01-01T00:00:00+14:00"}]}, "draft 1, at:"),
    ({"drafts": [{"values": {"follower": 5}}]}, "did you mean 'followers'?"),
    ({"drafts": [{"values": {"followers": "many"}}]}, "draft 1, values.followers: is no number"),
    ({"drafts": [{"values": {"topic": ["a"]}}]}, "draft 1, values.topic:"),
    ({"drafts": [{"text": "a\0b"}]}, "draft 1, text: holds a NUL character"),
    ({"drafts": [{"account": "\0"}]}, "draft 1, account: holds a NUL character"),
    ({"drafts": [{"values": {"topic": "\0"}}]}, "draft 1, values.topic: holds a NUL character"),
    ({"drafts": []}, "there are no drafts"),
    ({"drafts": {}}, "'drafts' is no list"),
    ({"drafts": [{}], "model": "../x"}, "unknown field 'model'"),
    ([{}], "is no object"),
    ("drafts", "is no object"),
]


@pytest.mark.parametrize(("told", "sentence"), WRONG, ids=lambda part: str(part)[:40])
def test_what_is_wrong_with_a_draft_is_said(told: object, sentence: str) -> None:
    assert sentence in refused(client().post("/api/rank", json=told), 422)


RAW: list[tuple[bytes, int, str]] = [
    (b"", 400, "not JSON"),
    (b"{", 400, "not JSON"),
    (b"null", 422, "is no object"),
    (b"\xff\xfe", 400, "not in UTF-8"),
    (b"\0", 400, "not JSON"),
    (b'{"drafts": [{"values": {"followers": NaN}}]}', 400, "NaN is no number"),
    (b'{"drafts": [{"values": {"followers": 1e999}}]}', 422, "no finite number"),
    (b'{"drafts": [{"values": {"followers": ' + b"9" * 100_000 + b"}}]}", 422, "100,000 digits"),
    (b'{"drafts": [{"text": "a", "text": "b"}]}', 422, "told twice: 'text'"),
    (rb'{"drafts": [{"text": "\ud800"}]}', 422, "draft 1, text: holds half a character"),
    (rb'{"drafts": [{"\ud800": "a"}]}', 422, "is unknown"),
    (rb'{"drafts": [{"values": {"\ud800": "a"}}]}', 422, "draft 1, values"),
    (b"[" * 100_000, 400, "nested too deep"),
    (b'{"drafts":' * 100_000, 400, "nested too deep"),
    (b'{"drafts": [{"text": ' + b"[" * 900 + b"]" * 900 + b"}]}", 422, "draft 1, text"),
]


@pytest.mark.parametrize(("body", "status", "sentence"), RAW, ids=lambda part: str(part)[:30])
def test_json_that_is_none_or_means_nothing_is_refused(body: bytes, status: int, sentence: str) -> None:
    answer = client().post("/api/rank", content=body, headers={"content-type": "application/json"})
    assert sentence in refused(answer, status)


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "text/html"])
def test_other_kinds_of_body_are_refused(kind: str) -> None:
    answer = client().post("/api/rank", content=b'{"drafts": [{}]}', headers={"content-type": kind})
    assert "application/json" in refused(answer, 415)
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    refused(client().post("/api/rank", content=b"", headers=headers), 415)


@pytest.mark.slow
def test_more_than_the_limits_is_refused() -> None:
    many = {"drafts": [{}] * 10_001}
    assert "10,001 drafts; at most 200" in refused(client().post("/api/rank", json=many), 413)
    assert client().post("/api/rank", json={"drafts": [{}] * 200}).status_code == 200
    long = client().post("/api/rank", **texts("a", "x" * 100_001))
    assert "draft 2, text: has 100,001 characters; at most 100,000" in refused(long, 413)
    assert client().post("/api/rank", **texts("x" * 100_000)).status_code == 200
    named = client().post("/api/rank", json={"drafts": [{"account": "x" * 201}]})
    assert "draft 1, account: has 201 characters" in refused(named, 413)


def test_a_request_is_read_no_further_than_it_may_be_large() -> None:
    one = form([{}], {"1": ("a.jpg", picture(size=(400, 400)))})
    limits = small(image=9000)
    answer = client(limits=limits).post("/api/rank", **one)
    assert "draft 1: its image is larger than 0.009 MB" in refused(answer, 413)
    assert "the request is larger" in refused(
        client(limits=small(request=9000)).post("/api/rank", **one), 413
    )
    told = client(limits=small(told=50)).post("/api/rank", **texts("x" * 99))
    assert "description of the drafts is larger" in refused(told, 413)
    parts = client(limits=small(told=50)).post("/api/rank", **form([{"text": "x" * 99}]))
    assert "description of the drafts is larger" in refused(parts, 413)
    two = form([{}, {}], {"1": ("a", picture()), "2": ("b", picture())})
    assert "more than 1 images" in refused(client(limits=small(drafts=1)).post("/api/rank", **two), 413)

    def unsaid() -> Iterator[bytes]:
        yield from [b" " * 1000] * 20

    headers = {"content-type": "application/json"}
    answer = client(limits=small(request=9000)).post("/api/rank", content=unsaid(), headers=headers)
    assert "the request is larger" in refused(answer, 413), "though it does not say how large it is"


def test_what_a_judge_cannot_say_is_a_sentence_and_its_defects_are_for_the_terminal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert "unspeakable things" in refused(client().post("/api/rank", **texts("unspeakable")), 422)
    answer = client().post("/api/rank", **form([{"text": "defect"}], {"1": ("a.jpg", picture())}))
    told = refused(answer, 500)
    assert "ZeroDivisionError" in told and "secret" not in answer.text
    assert "a defect, and a secret" in caplog.text
    assert client().post("/api/rank", **texts("a")).status_code == 200


# Under load, on a port


def asked(port: int, body: bytes, kind: str = "application/json") -> tuple[int, dict[str, Any], str | None]:
    """Status, answer, and after how long to come again."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    line.request("POST", "/api/rank", body, {TOKEN: SECRET, "content-type": kind})
    answer = line.getresponse()
    told = json.loads(answer.read())
    line.close()
    return answer.status, told, answer.headers["retry-after"]


def several(images: int) -> tuple[bytes, str]:
    """A form with images, and its type."""
    files = {str(number): (f"{number}.jpg", picture()) for number in range(1, images + 1)}
    request = client().build_request("POST", "/api/rank", **form([{}] * images, files))
    return request.read(), request.headers["content-type"]


@pytest.mark.slow
def test_fifty_at_once_are_answered_or_told_to_come_again(temporary: Path) -> None:
    judge = LengthJudge(seconds=0.05)
    body, kind = several(images=3)
    with running(judge) as port, ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: asked(port, body, kind), range(50)))
        wait_until(lambda: not list(temporary.iterdir()), "no file is left")
    statuses = [status for status, *_ in answers]
    assert set(statuses) <= {200, 429}
    assert statuses.count(200) >= 9, "one is judged and eight wait"
    for status, told, after in answers:
        if status == 429:
            assert told["error"].startswith("busy:") and after is not None and int(after) >= 1
    assert len(judge.asked) == statuses.count(200)


def test_beyond_those_that_wait_one_is_told_to_come_again_and_later_is_answered(temporary: Path) -> None:
    go = Event()
    body = b'{"drafts": [{"text": "a"}]}'
    with running(LengthJudge(until=go), waiting=1) as port, ThreadPoolExecutor(9) as pool:
        first = [pool.submit(asked, port, body) for _ in range(2)]
        wait_until(lambda: len(list(temporary.iterdir())) == 2, "both seats are taken")
        status, told, after = asked(port, body)
        assert (status, after) == (429, "2") and "2 requests" in told["error"]
        go.set()
        assert [one.result()[0] for one in first] == [200, 200]
        assert asked(port, body)[0] == 200


@pytest.mark.slow
def test_one_whose_turn_does_not_come_is_sent_away() -> None:
    go = Event()
    body = b'{"drafts": [{"text": "a"}]}'
    judge = LengthJudge(until=go)
    with running(judge, patience=0.8) as port, ThreadPoolExecutor(2) as pool:
        first = pool.submit(asked, port, body)
        wait_until(lambda: len(judge.asked) == 1, "the first is judged")
        status, told, after = asked(port, body)
        assert (status, after) == (503, "10") and "busy" in told["error"]
        go.set()
        assert first.result()[0] == 200, "what has begun is ended, however long it takes"
    assert len(judge.asked) == 1


def test_one_that_goes_away_is_not_judged(temporary: Path) -> None:
    go = Event()
    judge = LengthJudge(until=go)
    body, kind = several(images=1)
    with running(judge) as port, ThreadPoolExecutor(1) as pool:
        first = pool.submit(asked, port, body, kind)
        wait_until(lambda: len(judge.asked) == 1, "the first is judged")
        line = http.client.HTTPConnection("127.0.0.1", port)
        line.request("POST", "/api/rank", body, {TOKEN: SECRET, "content-type": kind})
        wait_until(lambda: len(list(temporary.iterdir())) == 2, "the second waits")
        line.close()
        wait_until(lambda: len(list(temporary.iterdir())) == 1, "it has left nothing")
        go.set()
        assert first.result()[0] == 200
    assert len(judge.asked) == 1


@pytest.mark.slow
def test_one_that_stops_in_the_middle_of_its_images_leaves_nothing(temporary: Path) -> None:
    body, kind = several(images=2)
    with running(LengthJudge(), reading=0.3) as port:
        for patient in (True, False):
            line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            head = f"POST /api/rank HTTP/1.1\r\nHost: localhost:{port}\r\n{TOKEN}: {SECRET}\r\n"
            line.sendall(f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            line.sendall(body[: len(body) - 200])
            if patient:
                assert b" 408 " in line.recv(100)
            line.close()
            wait_until(lambda: not list(temporary.iterdir()), "no file is left")


# Where it listens


def test_only_addresses_that_no_other_machine_reaches_are_loopback() -> None:
    assert all(map(loopback, ("127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST")))
    others = ("0.0.0.0", "::", "10.0.0.1", "", "localhost.example.org", "127.0.0.1.example.org")
    assert not any(map(loopback, others))


def test_it_is_served_to_this_machine_alone_unless_anyone_may() -> None:
    for host in ("0.0.0.0", "192.168.1.7", "::", "example.org"):
        with pytest.raises(AddressError, match="may be reached by other machines"):
            serve(LengthJudge(), host=host)


def test_a_port_that_is_taken_is_said() -> None:
    with bound("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressError, match=f"port {port} of 127.0.0.1 cannot be had: .*or 0 for any"):
            serve(LengthJudge(), port=port)
    with pytest.raises(AddressError, match="port 70000 does not exist"):
        serve(LengthJudge(), port=70_000)


SERVE = """
import sys
sys.path[:0] = sys.argv[1:]
from judges import LengthJudge
from desk.server.serve import serve
serve(LengthJudge(seconds=SECONDS), port=0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 60], ids=["idle", "while it judges"])
def test_it_says_where_it_is_and_ctrl_c_ends_it(seconds: int) -> None:
    script = SERVE.replace("SECONDS", str(seconds))
    command = [sys.executable, "-c", script, str(PROJECT), str(PROJECT / "tests")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        told = process.stdout.readline()
        assert told.startswith("The desk is at http://127.0.0.1:") and "Ctrl-C" in told
        token = process.stdout.readline().split()[-1]
        port = int(told.split("/")[2].split(":")[1])
        line = http.client.HTTPConnection("127.0.0.1", port)
        headers = {TOKEN: token, "content-type": "application/json"}
        line.request("POST", "/api/rank", b'{"drafts": [{"text": "a"}]}', headers)
        if seconds:
            time.sleep(1)
        else:
            assert line.getresponse().status == 200
        process.send_signal(2)
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == ""
        # What is said of a request that was being judged is a line, and no traceback.
        assert len(process.stderr.read().splitlines()) == (1 if seconds else 0)


# The files of the page


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing_that_stands_in_it() -> None:
    text = client().get("/").text
    loaded = [part.split('"')[0] for part in text.replace("href=", "src=").split('src="')[1:]]
    assert [name for name in loaded if not name.startswith(("/site/", "data:,", "#"))] == []
    for name in (name for name in loaded if name.startswith("/site/")):
        assert client().get(name).status_code == 200, name
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    for path in SITE.iterdir():
        script = path.read_text(encoding="utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "localStorage"):
            assert word not in script, path.name
        for word in ("sessionStorage", "document.cookie", "indexedDB", "http://", "https://"):
            assert word not in script.replace("http://www.w3.org/2000/svg", ""), path.name
