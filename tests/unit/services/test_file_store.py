"""Files are taken by content, size and name."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jieti.domain.errors import Invalid
from jieti.services.attachments_files import FileStore, clean_filename

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\0" * 200
HTML = b"<html><script>alert(1)</script></html>"


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name in names:
            out.writestr(name, "x")
    return buffer.getvalue()


DOCX = archive("[Content_Types].xml", "word/document.xml")


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "uploads", 1024)


def refused(store: FileStore, name: str, content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        store.store("attachment", name, io.BytesIO(content))
    return caught.value.problems[0].code


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("图纸.pdf", PDF, "application/pdf"),
        ("照片.PNG", PNG, "image/png"),
        ("照片.jpeg", JPEG, "image/jpeg"),
        ("方案.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (
            "表.xlsx",
            archive("[Content_Types].xml", "xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
def test_what_is_what_it_says_is_kept(
    store: FileStore, tmp_path: Path, name: str, content: bytes, media_type: str
) -> None:
    kept = store.store("attachment", name, io.BytesIO(content))
    assert (kept.filename, kept.media_type, kept.size) == (name, media_type, len(content))
    place = store.open(kept.path)
    assert place.read_bytes() == content and place.is_relative_to(tmp_path / "uploads")
    assert name.rpartition(".")[0] not in kept.path, "stored by a random name"
    assert place.stat().st_mode & 0o177 == 0, "no program, nobody else's"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("图纸.pdf", EXE, "file_disguised"),
        ("图纸.pdf", HTML, "file_disguised"),
        ("照片.png", JPEG, "file_disguised"),
        ("方案.docx", archive("evil.exe"), "file_disguised"),
        ("方案.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "file_disguised"),
        ("表.xlsx", DOCX, "file_disguised"),
        ("方案.docx", b"PK\x03\x04broken", "file_disguised"),
        ("图纸.pdf", b"", "file_empty"),
        ("图纸.pdf", PDF + b"x" * 1024, "file_too_large"),
        ("压缩.zip", archive("a"), "file_type"),
        ("网页.html", HTML, "file_type"),
        ("图纸.pdf.exe", EXE, "file_type"),
        ("图.svg", b"<svg/>", "file_type"),
        ("没有扩展名", PDF, "file_name"),
        (".pdf", PDF, "file_name"),
    ],
)
def test_what_is_not_is_refused_and_leaves_nothing(
    store: FileStore, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    assert refused(store, name, content) == code
    assert [p for p in (tmp_path / "uploads").rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\图纸.pdf", "图纸.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("图\u202efdp.exe.pdf", "图fdp.exe.pdf"),
        ('"><script>.pdf', "script.pdf"),
        ("é.pdf", "é.pdf"),
        ("很" * 200 + ".pdf", "很" * 116 + ".pdf"),
    ],
)
def test_names(sent: str, kept: str) -> None:
    assert clean_filename(sent) == kept


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_name_is_made_harmless(name: str) -> None:
    kept = clean_filename(name)
    assert len(kept) <= 121 and not set(kept) & set('/\\:*?"<>|\r\n\0')
    assert clean_filename(kept) == kept


@pytest.mark.parametrize("path", ["../secret_key", "/etc/passwd", "nothing/here", ""])
def test_nothing_outside_the_folder_is_opened(store: FileStore, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret_key").write_text("x")
    with pytest.raises(FileNotFoundError):
        store.open(path)
