"""The search contract, writing: versions, removal, refusals, rebuilds, several readers and writers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from search.ports import Document, Kind, Query, Rebuild, SearchEngine
from tests.contract.search_documents import DIMENSIONS, HOUSE, NYLON, PUBLIC, VISION, WATER, direction, result

Open = Callable[[], SearchEngine]
ALL = Query(Kind.RESULT, PUBLIC, size=100)


def titles(engine: SearchEngine, text: str = "") -> dict[str, str]:
    page = engine.search(replace(ALL, text=text))
    return {hit.ref: "".join(span.text for span in hit.title) for hit in page.hits}


def test_a_put_replaces_all_of_a_document(empty: SearchEngine) -> None:
    empty.put([result("a", "旧的阀门", "铸造", facets={"county": ("330281",)}, vector=NYLON, amount=Decimal(3))])
    empty.put([result("a", "新的水泵", "焊接", version=2, facets={"county": ("331082",)}, vector=WATER)])
    assert titles(empty) == {"a": "新的水泵"}
    assert titles(empty, "阀门") == titles(empty, "铸造") == {}
    assert empty.search(replace(ALL, filters={"county": ("330281",)})).total == 0
    assert empty.search(replace(ALL, vector=NYLON)).total == 0
    assert empty.search(replace(ALL, vector=WATER)).total == 1
    assert list(empty.suggest([Kind.RESULT], "阀", PUBLIC)) == []
    assert empty.count(Kind.RESULT) == 1
    assert dict(empty.versions(Kind.RESULT)) == {"a": 2}


def test_a_document_may_lose_its_vector_and_its_readers(empty: SearchEngine) -> None:
    empty.put([result("a", "阀门", vector=NYLON)])
    empty.put([result("a", "阀门", version=2)])
    assert empty.vectors(Kind.RESULT, ["a"]) == {}
    assert empty.search(replace(ALL, vector=NYLON)).total == 0
    empty.put([result("a", "阀门", version=3, audience=frozenset())])
    assert titles(empty, "阀门") == {}
    assert dict(empty.versions(Kind.RESULT)) == {"a": 3}


def test_an_older_version_that_arrives_late_is_no_failure_and_changes_nothing(empty: SearchEngine) -> None:
    empty.put([result("a", "第五版", version=5)])
    assert empty.put([result("a", "第四版", version=4)]) == []
    assert titles(empty) == {"a": "第五版"}
    assert empty.put([result("a", "第五版再来", version=5)]) == []  # the same version again: taken
    assert titles(empty) == {"a": "第五版再来"}


def test_within_a_batch_the_newest_version_wins(empty: SearchEngine) -> None:
    empty.put([result("a", "二", version=2), result("a", "三", version=3), result("a", "一", version=1)])
    assert titles(empty) == {"a": "三"}


def test_what_was_removed_stays_removed(empty: SearchEngine) -> None:
    empty.put([result("a", "阀门", version=3, vector=NYLON)])
    empty.remove(Kind.RESULT, "a", 2)  # late: something newer is there
    assert titles(empty) == {"a": "阀门"}
    empty.remove(Kind.RESULT, "a", 4)
    assert titles(empty) == {}
    assert empty.search(replace(ALL, vector=NYLON)).total == 0
    assert empty.count(Kind.RESULT) == 0 and list(empty.versions(Kind.RESULT)) == []
    assert empty.vectors(Kind.RESULT, ["a"]) == {}
    assert list(empty.suggest([Kind.RESULT], "阀", PUBLIC)) == []
    assert empty.put([result("a", "阀门", version=3)]) == []
    assert titles(empty) == {}
    empty.put([result("a", "又回来了", version=5)])
    assert titles(empty) == {"a": "又回来了"}


def test_removing_what_never_was_is_no_error_and_holds(empty: SearchEngine) -> None:
    empty.remove(Kind.EXPERT, "ghost", 7)
    empty.remove(Kind.EXPERT, "ghost", 7)
    empty.put([Document(Kind.EXPERT, "ghost", 6, "幽灵", "", PUBLIC)])
    assert empty.count(Kind.EXPERT) == 0


BAD = {
    "dimensions": result("bad", "坏", vector=np.ones(DIMENSIONS + 1, np.float32)),
    "length": result("bad", "坏", vector=np.full(DIMENSIONS, 0.1, np.float32)),
    "not a number": result("bad", "坏", vector=np.full(DIMENSIONS, np.nan, np.float32)),
    "facet": result("bad", "坏", facets={"colour": ("red",)}),
    "facet text": result("bad", "坏", facets={"county": "331082"}),  # type: ignore[dict-item]
    "version": result("bad", "坏", version=-1),
    "amount": result("bad", "坏", amount=Decimal("NaN")),
    "huge amount": result("bad", "坏", amount=Decimal("1e300")),
    "empty ref": result("", "坏"),
    "long ref": result("长" * 200, "坏"),
    "surrogate in ref": result("\ud800", "坏"),
    "long token": result("bad", "坏", audience=frozenset({"x" * 300})),
}


@pytest.mark.parametrize("bad", list(BAD.values()), ids=list(BAD))
def test_a_refused_document_is_named_and_the_others_are_stored(empty: SearchEngine, bad: Document) -> None:
    (failure,) = empty.put([result("before", "前"), bad, result("after", "后")])
    assert (failure.kind, failure.ref) == (Kind.RESULT, bad.ref)
    assert failure.reason
    assert titles(empty) == {"before": "前", "after": "后"}


def test_odd_texts_are_stored_and_come_back_whole(empty: SearchEngine) -> None:
    odd = {
        "emoji": "😀高强度钢👷‍♀️",
        "script": "<script>alert(1)</script>高强度钢",
        "wide": "ＡＢＣ１２３　高强度钢",
        "accents": "Kármán e\u0301 高强度钢",
        "quotes": "\"'`;--%_\\ 高强度钢",
    }
    assert empty.put([result(ref, title) for ref, title in odd.items()]) == []
    assert titles(empty, "高强度钢") == odd
    assert empty.put([result("nul", "高\x00强\ud800度钢")]) == []
    assert titles(empty)["nul"] == "高 强 度钢"


def test_a_body_of_ten_megabytes_is_clipped(empty: SearchEngine) -> None:
    assert empty.put([result("big", "大文本", "阀门，" + "很长的一段说明文字。" * 1_000_000 + "水泵")]) == []
    assert titles(empty, "阀门") == {"big": "大文本"}
    assert titles(empty, "水泵") == {}


def test_many_documents_in_one_put(empty: SearchEngine) -> None:
    made = (
        result(f"r{number}", f"第{number}号零件", vector=direction(30, number % 7, number % 11, number % 13))
        for number in range(1203)
    )
    assert empty.put(made) == []
    assert empty.count(Kind.RESULT) == 1203
    assert dict(empty.versions(Kind.RESULT)) == {f"r{number}": 1 for number in range(1203)}
    assert empty.search(replace(ALL, vector=NYLON)).total == 100  # neighbours are the nearest hundred


def test_another_process_sees_what_was_put(empty: SearchEngine, open_another: Open) -> None:
    other = open_another()
    assert titles(other) == {}
    empty.put([result("a", "阀门", vector=NYLON)])
    assert titles(other, "阀门") == {"a": "阀门"}
    other.put([result("a", "水泵", version=2, vector=WATER), result("b", "风机")])
    assert titles(empty) == {"a": "水泵", "b": "风机"}
    np.testing.assert_allclose(empty.vectors(Kind.RESULT, ["a"])["a"], WATER, atol=1e-6)


# -- rebuild


def fill(rebuild: Rebuild, prefix: str, number: int = 3) -> None:
    assert rebuild.add([result(f"{prefix}{one}", f"{prefix}水泵", vector=VISION) for one in range(number)]) == []


def test_a_rebuild_is_invisible_until_it_is_committed(filled: SearchEngine, open_another: Open) -> None:
    before = titles(filled)
    rebuild = filled.rebuild(Kind.RESULT)
    assert isinstance(rebuild, Rebuild)
    fill(rebuild, "新")
    assert titles(filled) == before
    assert rebuild.commit() == 3
    other = open_another()
    for engine in (filled, other):
        assert titles(engine) == {f"新{one}": "新水泵" for one in range(3)}
        assert engine.count(Kind.RESULT) == 3
        assert engine.search(replace(ALL, vector=NYLON)).total == 0
        assert engine.search(replace(ALL, vector=VISION)).total == 3


def test_a_rebuild_may_be_the_first_thing(empty: SearchEngine) -> None:
    rebuild = empty.rebuild(Kind.CHALLENGE)
    assert rebuild.commit() == 0
    assert empty.search(replace(ALL, kind=Kind.CHALLENGE)).total == 0
    empty.put([Document(Kind.CHALLENGE, "c", 1, "求一种阀门", "", PUBLIC)])
    assert empty.count(Kind.CHALLENGE) == 1


def test_an_aborted_rebuild_leaves_nothing(filled: SearchEngine) -> None:
    before = titles(filled)
    rebuild = filled.rebuild(Kind.RESULT)
    fill(rebuild, "废")
    rebuild.abort()
    assert titles(filled) == before
    filled.put([result("later", "之后的泵")])
    assert titles(filled) == before | {"later": "之后的泵"}
    again = filled.rebuild(Kind.RESULT)
    fill(again, "新")
    assert again.commit() == 3


def test_a_rebuild_left_behind_gives_way_to_the_next(filled: SearchEngine, open_another: Open) -> None:
    left = filled.rebuild(Kind.RESULT)
    fill(left, "废")
    rebuild = open_another().rebuild(Kind.RESULT)
    fill(rebuild, "新")
    assert rebuild.commit() == 3
    with pytest.raises(Exception, match=r"."):
        left.commit()
    assert set(titles(filled)) == {"新0", "新1", "新2"}


def test_what_changes_during_a_rebuild_is_kept(filled: SearchEngine, open_another: Open) -> None:
    """Puts and removals reach both generations, and versions make their order against the rebuild's irrelevant."""
    rebuild = filled.rebuild(Kind.RESULT)
    rebuild.add([document for document in HOUSE if document.ref == "nylon"])
    other = open_another()
    other.put([replace(HOUSE[0], version=9, title="改了的尼龙"), result("fresh", "新来的尼龙")])
    other.remove(Kind.RESULT, "gear", 9)
    rebuild.add(HOUSE)  # read from the truth before those changes
    rebuild.commit()
    assert titles(filled, "尼龙") == {"nylon": "改了的尼龙", "fresh": "新来的尼龙"}
    assert "gear" not in dict(filled.versions(Kind.RESULT))


def test_a_rebuild_refuses_bad_documents_and_other_kinds(empty: SearchEngine) -> None:
    rebuild = empty.rebuild(Kind.RESULT)
    failures = rebuild.add([result("good", "好"), BAD["dimensions"], replace(HOUSE[1], kind=Kind.EXPERT)])
    assert {failure.ref for failure in failures} == {"bad", "gear"}
    assert rebuild.commit() == 1


def test_three_rebuilds_in_a_row_keep_searches_right(empty: SearchEngine) -> None:
    for prefix in ("一", "二", "三", "四"):
        rebuild = empty.rebuild(Kind.RESULT)
        fill(rebuild, prefix, 2)
        rebuild.commit()
        assert set(titles(empty)) == {f"{prefix}0", f"{prefix}1"}


def test_searches_go_on_while_an_index_is_rebuilt(filled: SearchEngine, open_another: Open) -> None:
    """Every search sees one generation whole: never none, never a mixture, never an error."""
    for name in ("旧", "新"):
        rebuild = filled.rebuild(Kind.RESULT)
        fill(rebuild, name, 30)
        if name == "旧":
            rebuild.commit()
    searcher = open_another()
    seen: list[set[str]] = []
    errors: list[BaseException] = []
    stop = threading.Event()

    def go_on() -> None:
        try:
            while not stop.is_set():
                page = searcher.search(replace(ALL, text="水泵", vector=VISION))
                seen.append({hit.ref[0] for hit in page.hits} | {str(page.total)})
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=go_on)
    thread.start()
    while len(seen) < 3 and thread.is_alive():
        stop.wait(0.01)
    rebuild.commit()
    after = len(seen)
    while len(seen) < after + 3 and thread.is_alive():
        stop.wait(0.01)
    stop.set()
    thread.join()
    assert not errors
    assert {frozenset(one) for one in seen} == {frozenset({"旧", "30"}), frozenset({"新", "30"})}


def test_readers_and_writers_in_threads(empty: SearchEngine, open_another: Open) -> None:
    """Two writers over the same refs and two readers: no error, and the newest version of each at the end."""
    errors: list[BaseException] = []
    empty.put([result("r0", "零件", vector=NYLON)])

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                errors.append(error)

        return run

    def write(engine: SearchEngine, odd: int) -> Callable[[], None]:
        def work() -> None:
            for version in range(1 + odd, 13, 2):
                engine.put([result(f"r{one}", f"零件第{version}版", version=version, vector=NYLON) for one in range(6)])

        return guarded(work)

    def read(engine: SearchEngine) -> Callable[[], None]:
        def work() -> None:
            for _ in range(25):
                page = engine.search(replace(ALL, text="零件", vector=NYLON))
                assert 1 <= page.total <= 6 and len(page.hits) == page.total

        return guarded(work)

    other = open_another()
    threads = [threading.Thread(target=one) for one in (write(empty, 0), write(other, 1), read(empty), read(other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert dict(empty.versions(Kind.RESULT)) == {f"r{one}": 12 for one in range(6)}
    assert set(titles(other).values()) == {"零件第12版"}
