"""What may be asked of the server of the desk: images, forms, JSON, and how much of it."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from judges import LengthJudge
from PIL import Image
from served import picture
from serving_requests import client, form, refused, texts

from desk.ranking import Ranking
from desk.server.limits import Limits

pytestmark = pytest.mark.usefixtures("temporary")


def small(**limits: Any) -> Limits:
    return Limits(**limits)


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
