"""Uploading through the pages: without script, by the script's own request, too large, disguised; who may download."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from jieti.persistence.models import Attachment, Event, User
from tests.integration.posting import CONTACT, hidden, new, review_page, send, submitted, text_of, token
from tests.unit.services.test_file_store import EXE, PDF
from tests.world import World

ClientOf = Callable[[User], FlaskClient]


def upload(client: FlaskClient, base: str, field: str, name: str, content: bytes) -> TestResponse:
    values = MultiDict(token(client, f"{base}/edit/contact"))
    values.add(field, FileStorage(io.BytesIO(content), filename=name))
    # Encoded here: the test client would put a large body into a temporary file that it never closes.
    boundary, body = encode_multipart(values)
    return client.post(f"{base}/files", data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def download(client: FlaskClient, ref: str) -> tuple[int, bytes, Headers]:
    answer = client.get(f"/attachments/{ref}")
    content = answer.get_data()
    answer.close()
    return answer.status_code, content, answer.headers


def rows(world: World) -> list[Attachment]:
    with world.database.session(read=True) as session:
        return list(session.scalars(select(Attachment).order_by(Attachment.id)))


def test_without_script_the_form_carries_the_file(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    page = f"{new(client)}/edit/contact"
    answer = send(
        client, page, {**CONTACT, "attachment": (io.BytesIO(PDF), "图纸.pdf")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303
    assert "已上传1个文件" in text_of(client.get(page)) and rows(world)[0].filename == "图纸.pdf"
    ref = rows(world)[0].ref
    send(client, page, {**CONTACT, "remove_file": ref})
    shown = text_of(client.get(page))
    assert "已移除" in shown and "撤销" in shown and rows(world)[0].removed_at is not None
    send(client, page, {**CONTACT, "restore_file": ref})
    assert rows(world)[0].removed_at is None


def test_a_disguised_file_is_refused_and_what_was_typed_stays(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    page = f"{new(client)}/edit/contact"
    answer = send(
        client, page, {**CONTACT, "attachment": (io.BytesIO(EXE), "图纸.pdf")}, content_type="multipart/form-data"
    )
    shown = text_of(answer)
    assert answer.status_code == 422 and "文件内容与扩展名不符，没有上传。请换一个。" in shown
    assert CONTACT["contact_phone"] in shown and rows(world) == []


def test_the_scripts_upload_answers_with_the_item_or_the_sentence(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = new(client)
    good = upload(client, base, "attachment", "图纸.pdf", PDF)
    assert good.status_code == 200 and "图纸.pdf" in text_of(good) and "移除" in text_of(good)
    again = upload(client, base, "attachment", "图纸.pdf", PDF)
    assert again.status_code == 200 and len(rows(world)) == 1, "the same file twice is one"
    bad = upload(client, base, "attachment", "图纸.pdf", EXE)
    assert bad.status_code == 422 and bad.mimetype == "text/plain" and "扩展名不符" in text_of(bad)
    none = client.post(f"{base}/files", data=token(client, f"{base}/edit/contact"))
    assert none.status_code == 422


def test_two_gigabytes_are_refused_before_they_are_read(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = new(client)

    class TwoGigabytes(io.RawIOBase):
        taken = position = 0

        def readable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            TwoGigabytes.position = (2 << 30) if whence == 2 else offset
            return TwoGigabytes.position

        def tell(self) -> int:
            return TwoGigabytes.position

        def readinto(self, buffer: memoryview) -> int:
            TwoGigabytes.taken += len(buffer)
            return len(buffer)

    answer = client.post(
        f"{base}/files",
        input_stream=TwoGigabytes(),
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413 and "太大" in text_of(answer)
    assert TwoGigabytes.taken < 1 << 20 and rows(world) == []


def test_over_the_limit_of_a_file(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    answer = upload(client, new(client), "attachment", "图纸.pdf", PDF + b"\0" * (20 * 1024 * 1024))
    assert answer.status_code == 422 and "文件超过20 MB" in text_of(answer)


def test_at_most_ten(world: World, client_of: ClientOf) -> None:
    client = client_of(world.enterprise())
    base = new(client)
    codes = [upload(client, base, "attachment", f"{n}.pdf", PDF + bytes([n])).status_code for n in range(11)]
    assert codes == [200] * 10 + [422]


def test_who_may_download(world: World, client_of: ClientOf) -> None:
    owner, officer = world.enterprise(), world.officer()
    client = client_of(owner)
    base = submitted(client)
    client.post(f"{base}/move", data={**token(client, base), "verb": "recall"})
    upload(client, base, "attachment", "公开 图纸.pdf", PDF)
    upload(client, base, "sealed_attachment", "密封.pdf", PDF)
    send(client, f"{base}/edit/check", {})
    public, sealed = rows(world)
    assert (public.sealed, sealed.sealed) == (False, True)
    researcher, broker = client_of(world.researcher()), client_of(world.broker())
    assert download(researcher, public.ref)[0] == 404, "not out yet"
    send(client_of(officer), review_page(base), {"decision": "approve"})
    status, content, headers = download(researcher, public.ref)
    assert status == 200 and content == PDF
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in headers["Content-Security-Policy"]
    assert download(researcher, sealed.ref)[0] == 404
    assert "密封.pdf" not in text_of(researcher.get(base))
    for reader in (client, broker, client_of(officer)):
        assert download(reader, sealed.ref)[:2] == (200, PDF)
    with world.database.session(read=True) as session:
        viewed = session.scalars(select(Event).where(Event.name == "challenge.sealed_view")).all()
    assert [e.data.get("attachment") for e in viewed if "attachment" in e.data] == [sealed.ref] * 2
    fields = hidden(client, f"{base}/edit/contact")
    client.post(f"{base}/edit/contact", data={**fields, **CONTACT, "remove_file": public.ref})
    assert download(researcher, public.ref)[0] == 404


def test_a_file_of_another_listing_is_not_removed(world: World, client_of: ClientOf) -> None:
    one, other = client_of(world.enterprise()), client_of(world.enterprise())
    base = new(one)
    upload(one, base, "attachment", "图纸.pdf", PDF)
    theirs = new(other)
    answer = send(other, f"{theirs}/edit/contact", {**CONTACT, "remove_file": rows(world)[0].ref})
    assert answer.status_code == 404 and rows(world)[0].removed_at is None
