"""Checking and storing uploaded files: by content, size and name. Stored by random name, outside the web root."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

import filetype

from jieti.domain.errors import Invalid, Problem

_PDF, _PNG, _JPEG = "application/pdf", "image/png", "image/jpeg"
_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    "pdf": _PDF,
    "docx": _OFFICE + "wordprocessingml.document",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "pptx": _OFFICE + "presentationml.presentation",
    "png": _PNG,
    "jpg": _JPEG,
    "jpeg": _JPEG,
}
_OFFICE_MEMBER = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_MACROS = "vbaProject.bin"
_LONGEST_NAME = 120
_CHUNK = 256 * 1024
_HEAD = 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`path` is relative to the upload folder."""

    filename: str
    media_type: str
    size: int
    sha256: str
    path: str


def clean_filename(name: str) -> str:
    """The last part of any path, NFC, without control, direction and forbidden characters; at most 120, extension kept."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    kept = "".join(
        c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C" and c not in '\\/:*?"<>|'
    )
    stem, dot, extension = kept.strip(" .").rpartition(".")
    if not dot:
        return kept.strip(" .")[:_LONGEST_NAME]
    return f"{stem.strip()[: _LONGEST_NAME - len(extension) - 1]}.{extension}"


class FileStore:
    """The upload folder. A file whose record is rolled back stays behind unnamed: harmless, and `doctor` may sweep it."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self.limit = limit

    def store(self, field: str, name: str, stream: IO[bytes]) -> StoredFile:
        """Copy, measure and check.

        Raises Invalid on `field`: `file_name`, `file_type`, `file_empty`, `file_too_large` (limit in MB), `file_disguised`.
        """
        filename = clean_filename(name)
        extension = filename.rpartition(".")[2].lower()
        if not filename.rpartition(".")[0]:
            raise Invalid([Problem(field, "file_name")])
        if extension not in MEDIA_TYPES:
            raise Invalid([Problem(field, "file_type", {"extension": extension[:20]})])
        relative = f"{secrets.token_hex(1)}/{secrets.token_hex(16)}"
        target = self._folder / relative
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            size, digest = self._copy(field, stream, target)
            if not holds(target, extension):
                raise Invalid([Problem(field, "file_disguised")])
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return StoredFile(filename, MEDIA_TYPES[extension], size, digest, relative)

    def open(self, relative: str) -> Path:
        """The file's place. Raises FileNotFoundError; a path that leaves the folder is not found either."""
        target = (self._folder / relative).resolve()
        if not target.is_relative_to(self._folder.resolve()) or not target.is_file():
            raise FileNotFoundError(relative)
        return target

    def _copy(self, field: str, stream: IO[bytes], target: Path) -> tuple[int, str]:
        size, digest = 0, hashlib.sha256()
        with target.open("xb") as out:
            target.chmod(0o600)
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > self.limit:
                    raise Invalid([Problem(field, "file_too_large", {"limit": self.limit // (1024 * 1024)})])
                digest.update(chunk)
                out.write(chunk)
        if not size:
            raise Invalid([Problem(field, "file_empty")])
        return size, digest.hexdigest()


def holds(path: Path, extension: str) -> bool:
    """Is the content what the extension says? Office files are looked into: a renamed archive, or macros, do not pass."""
    if extension in _OFFICE_MEMBER:
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, OSError):
            return False
        macros = any(PurePosixPath(name).name == _MACROS for name in names)
        return {"[Content_Types].xml", _OFFICE_MEMBER[extension]} <= set(names) and not macros
    with path.open("rb") as file:
        kind = filetype.guess(file.read(_HEAD))
    return kind is not None and kind.mime == MEDIA_TYPES[extension]
