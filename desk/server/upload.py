"""Upload: the body of a request is read piece by piece; images go into a folder under names of our own.

A name that a client gives a file is text to show. It never becomes a path.
"""

from __future__ import annotations

import asyncio
import errno
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from desk.server.limits import Limits, Refusal, too_large

JSON, FORM = "application/json", "multipart/form-data"
DRAFTS = "drafts"
"""The part that describes the drafts."""


@dataclass
class Upload:
    told: bytes = b""
    """JSON: `{"drafts": [...]}`, or the list alone where it came as a part beside images."""
    images: dict[int, Path] = field(default_factory=dict)
    """Number of a draft -> its image, in the folder."""
    names: dict[int, str] = field(default_factory=dict)
    """What the client calls them, to be shown."""
    listed: bool = False
    """Whether `told` is the list alone."""


async def read(request: Request, folder: Path, limits: Limits) -> Upload:
    """The body of a request.

    Raises:
        Refusal: 400, cut off or not what it says it is; 408, too slow; 413, too large; 415, of another kind;
            503, no room on the disk.
    """
    kind = request.headers.get("content-type", "")
    media = kind.partition(";")[0].strip().lower()
    if media not in (JSON, FORM):
        raise Refusal(415, f"drafts come as {JSON}, or with images as {FORM}; this is '{media or 'nothing'}'")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "the request is compressed: send it as it is")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limits.request:
        raise too_large("the request", limits.request)
    pieces = _limited(request.stream(), limits)
    try:
        async with asyncio.timeout(limits.reading):
            if media == JSON:
                return Upload(await _whole(pieces, limits))
            return await _parts(pieces, kind, folder, limits)
    except TimeoutError:
        raise Refusal(408, f"the request had not arrived after {limits.reading:g} s") from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE):
            raise
        raise Refusal(503, f"no room for the images: {error.strerror}. Try again later", after=10) from None


async def _limited(stream: AsyncIterator[bytes], limits: Limits) -> AsyncIterator[bytes]:
    seen = 0
    async for piece in stream:
        seen += len(piece)
        if seen > limits.request:
            raise too_large("the request", limits.request)
        yield piece


async def _whole(pieces: AsyncIterator[bytes], limits: Limits) -> bytes:
    found = bytearray()
    async for piece in pieces:
        found += piece
        if len(found) > limits.told:
            raise too_large("the description of the drafts", limits.told)
    return bytes(found)


async def _parts(pieces: AsyncIterator[bytes], kind: str, folder: Path, limits: Limits) -> Upload:
    _, options = parse_options_header(kind)
    if not options.get(b"boundary"):
        raise Refusal(400, f"{FORM} without a boundary")
    form = _Form(folder, limits)
    try:
        parser = MultipartParser(options[b"boundary"], form.callbacks())  # type: ignore[arg-type]
        async for piece in pieces:
            parser.write(piece)
        parser.finalize()
    except FormParserError as error:
        raise Refusal(400, f"not {FORM}: {error}") from None
    finally:
        form.close()
    if not form.ended:
        raise Refusal(400, "the request ends before its last part does")
    if not form.told:
        raise Refusal(422, f"no part '{DRAFTS}' describes the drafts")
    return Upload(bytes(form.told), form.images, form.names, listed=True)


class _Form:
    """What the parser finds, part by part."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        self.told = bytearray()
        self.images: dict[int, Path] = {}
        self.names: dict[int, str] = {}
        self.ended = False
        self._seen: set[str] = set()
        self._header, self._value = b"", b""
        self._disposition = b""
        self._number = 0
        self._size = 0
        self._file: BinaryIO | None = None

    def callbacks(self) -> dict[str, object]:
        names = ("part_begin", "header_field", "header_value", "header_end", "headers_finished")
        return {f"on_{name}": getattr(self, name) for name in (*names, "part_data", "part_end", "end")}

    def part_begin(self) -> None:
        self._header, self._value, self._disposition = b"", b"", b""

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def headers_finished(self) -> None:
        try:
            _, options = parse_options_header(self._disposition)
        except Exception:  # it is read by a parser of mail, which says nothing of what it raises
            raise Refusal(400, "a part has a name that cannot be read") from None
        name = options.get(b"name", b"").decode(errors="replace")
        if name in self._seen:
            raise Refusal(422, f"two parts are called '{shown(name, 20)}'; a draft has one image")
        self._seen.add(name)
        self._size = 0
        self._number = 0
        if name == DRAFTS:
            return
        if not re.fullmatch(r"[1-9][0-9]{0,5}", name, re.ASCII):
            text = f"a part is called '{shown(name, 20)}': '{DRAFTS}' is known, and the number of a draft"
            raise Refusal(422, f"{text} for its image")
        if len(self.images) == self.limits.drafts:
            raise Refusal(413, f"more than {self.limits.drafts} images")
        if b"filename" not in options:
            raise Refusal(422, f"part '{name}' is no file")
        self._number = int(name)
        path = self.folder / f"image-{self._number}"
        self._file = path.open("xb")
        self.images[self._number] = path
        self.names[self._number] = shown(options[b"filename"].decode(errors="replace"), self.limits.name)

    def part_data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file is None:
            if self._size > self.limits.told:
                raise too_large("the description of the drafts", self.limits.told)
            self.told += data[start:end]
        elif self._size > self.limits.image:
            number = self._number
            raise too_large(f"draft {number}: its image", self.limits.image, number)
        else:
            self._file.write(data[start:end])

    def part_end(self) -> None:
        self.close()

    def end(self) -> None:
        self.ended = True

    def close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            file.close()


def shown(name: str, longest: int) -> str:
    """The last part of a file name, to be read by people."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(letter if letter.isprintable() else "\ufffd" for letter in last).strip()
    return plain[:longest] or "image"
