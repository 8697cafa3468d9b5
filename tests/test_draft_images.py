"""Images of drafts, and folders of them: what is taken, what is refused, and that nothing leads elsewhere."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from draft_files import picture, read, table
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import DataError
from desk.drafts import images, limits


def refusal(tmp_path: Path, text: str) -> str:
    """Of the one draft of a table."""
    found = read(table(tmp_path, text))
    assert not found.drafts
    return found.refused[0].reason


# Images


def test_images_lie_with_the_drafts_and_nowhere_else(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "sub").mkdir(parents=True)
    picture(tmp_path / "secret.jpg")
    picture(home / "sub" / "in.jpg")
    (home / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (home / "round.jpg").symlink_to(home / "round.jpg")
    (home / "link.jpg").symlink_to("sub/in.jpg")
    out = images._OUT
    for told, reason in {
        "sub/in.jpg": None,
        "sub\\in.jpg": None,
        " sub/in.jpg ": None,
        "link.jpg": None,
        str(home / "sub" / "in.jpg"): None,
        "../secret.jpg": out,
        "sub/../sub/in.jpg": out,
        "..\\secret.jpg": out,
        str(tmp_path / "secret.jpg"): out,
        "/etc/hostname": out,
        "/nowhere/at/all.jpg": out,
        "out.jpg": out,
        "C:\\secret.jpg": out,
        "round.jpg": "cannot be read",
        "sub": "no regular file",
        "https://example.org/a.jpg": "is an address",
        "//server/a.jpg": "is an address",
        "data:image/png;base64,AA==": "is an address",
        "a\nb.jpg": "control character",
        "x" * 5000: "cannot be read",
    }.items():
        found = images.file_inside(home, told)
        if reason is None:
            assert found == (home / "sub" / "in.jpg").resolve(), told
        else:
            assert isinstance(found, str) and reason in found, told


def test_an_accent_is_one_accent_whichever_system_wrote_it(tmp_path: Path) -> None:
    picture(tmp_path / "cafe\u0301.jpg")
    (draft,) = read(table(tmp_path, "image\ncaf\u00e9.jpg\n")).drafts
    assert draft.image == "caf\u00e9.jpg"


@pytest.mark.parametrize("format", images.FORMATS)
def test_an_image_is_known_by_its_content(tmp_path: Path, format: str) -> None:
    assert images.image_problem(picture(tmp_path / "a.dat", format=format)) == ""


def bomb(path: Path, width: int, height: int) -> Path:
    """A PNG of a few bytes that says it has many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )
    return path


def test_what_is_no_image_is_refused_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = picture(tmp_path / "a.jpg", (400, 300))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "a damaged image" in images.image_problem(path)
    path.write_bytes(b"")
    assert images.image_problem(path) == "the file is empty"
    path.write_text("<svg onload=alert(1)>")
    assert images.image_problem(path).startswith("no image of JPEG, PNG, WEBP or GIF")
    assert images.image_problem(picture(path, format="BMP")).startswith("no image of JPEG")
    assert "8,000 x 8,000 pixels, and an image has at most 50 million" in images.image_problem(
        bomb(path, 8000, 8000)
    )
    assert "too many pixels, and an image" in images.image_problem(bomb(path, 60_000, 60_000))
    assert "a damaged image" in images.image_problem(bomb(path, 100, 100))
    monkeypatch.setattr(images, "LARGEST_IMAGE", 100)
    assert "MB, and an image has at most" in images.image_problem(picture(path, (50, 50)))


@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_a_sentence(content: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(content)
        file.flush()
        assert images.image_problem(Path(file.name))


def test_a_broken_image_refuses_its_draft_even_with_a_text(tmp_path: Path) -> None:
    table(tmp_path, b"no image", "a.jpg")
    reason = refusal(tmp_path, "text,image\nGood,a.jpg\n")
    assert reason.startswith("drafts.csv, row 2, column 'image', value 'a.jpg': no image of JPEG")


# Folders


def test_a_folder_of_images_is_a_draft_each_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("10.jpg", "2.JPG", "b.png"):
        picture(tmp_path / name)
    picture(tmp_path / "new.heic", format="PNG").rename(tmp_path / "old.heic")
    table(tmp_path, b"", "c.gif")
    table(tmp_path, "Ten of them\n", "10.txt")
    table(tmp_path, " \n", "b.txt")
    table(tmp_path, "of nothing", "alone.txt")
    table(tmp_path, "x", "report.pdf")
    table(tmp_path, "x", ".DS_Store")
    found = read(tmp_path)
    assert [(draft.name, draft.text) for draft in found.drafts] == [
        ("2.JPG", ""), ("10.jpg", "Ten of them"), ("b.png", ""), ("old.heic", ""),
    ]  # fmt: skip
    assert [draft.number for draft in found.drafts] == [1, 2, 3, 5]
    assert [(one.number, one.name) for one in found.refused] == [(4, "c.gif")]
    assert "files that are no image and no caption of one, left out: alone.txt, report.pdf" in found.notes


def test_captions_of_a_folder_may_have_any_column_of_drafts(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        picture(tmp_path / name)
    table(tmp_path, "file,caption,account\nB.jpg,Second,me\nb.jpg,Bee,me\na.jpg,,you\n", "Captions.csv")
    table(tmp_path, "beside", "a.txt")
    table(tmp_path, "beside", "b.txt")
    found = read(tmp_path)
    assert [(draft.name, draft.text, draft.account) for draft in found.drafts] == [
        ("b.jpg", "Bee", "me"), ("a.jpg", "beside", "you"), ("c.jpg", "", None),
    ]  # fmt: skip
    assert "Captions.csv, row 2, column 'file', value 'B.jpg': no such file" in found.refused[0].reason
    assert "captions in Captions.csv are taken in place of b.txt" in " ".join(found.notes)


def test_nothing_in_a_folder_leads_out_of_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    picture(tmp_path / "secret.jpg")
    table(tmp_path, "secret", "secret.txt")
    (home / "a.jpg").symlink_to(tmp_path / "secret.jpg")
    picture(home / "b.jpg")
    (home / "b.txt").symlink_to(tmp_path / "secret.txt")
    found = read(home)
    assert not found.drafts
    assert all(images._OUT in one.reason for one in found.refused)
    (home / "captions.csv").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(DataError, match="leads out of the folder"):
        read(home)


def test_a_caption_that_is_no_text_refuses_its_draft(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    table(tmp_path, b"PK\x03\x04", "a.txt")
    assert "a.txt: is a zip archive" in read(tmp_path).refused[0].reason
    table(tmp_path, b"x" * (4 * limits.LONGEST_TEXT + 1), "a.txt")
    assert "a caption of 400,001 bytes" in read(tmp_path).refused[0].reason
