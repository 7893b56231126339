"""Reading needs, results, pairs and judgements from files; a bad line is refused by its number and reason."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from matcher.types import Need, Offer

Item = TypeVar("Item", Need, Offer)
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class BadLine:
    file: str
    line: int
    reason: str


class BadInput(Exception):
    """Some lines cannot be read; `lines` says which and why. Nothing of the file is to be used."""

    def __init__(self, lines: list[BadLine]) -> None:
        super().__init__(f"{len(lines)} bad lines")
        self.lines = lines


def read_needs(path: Path) -> list[Need]:
    """{"id", "title", "body"?, "keywords"?} a line. Raises BadInput, OSError."""
    return _read(path, _need)


def read_results(path: Path) -> list[Offer]:
    """{"id", "title"?, "title_terms"?, "body"?, "keywords"?} a line, some text among them. Raises BadInput, OSError."""
    return _read(path, _result)


def each_result(path: Path) -> Iterator[tuple[int, Offer]]:
    """As `read_results` without keeping them: (byte offset of the line, result). BadInput comes after the last line:
    until then, nothing of the file is to be used."""
    return _each(path, _result)


def result_at(stream: BinaryIO, offset: int) -> Offer:
    """The result whose line begins there. Raises ValueError where it is none (any more)."""
    stream.seek(offset)
    return _result(_object(stream.readline()))


def read_pairs(path: Path, needs: set[str], results: set[str]) -> list[tuple[str, str]]:
    """Columns need_id and result_id of a tab-separated file with a header. Raises BadInput, OSError."""
    pairs, bad = [], []
    for number, row in _rows(path, ("need_id", "result_id")):
        if isinstance(row, str):
            bad.append(BadLine(path.name, number, row))
        elif row["need_id"] not in needs:
            bad.append(BadLine(path.name, number, f"no need {row['need_id']!r}"))
        elif row["result_id"] not in results:
            bad.append(BadLine(path.name, number, f"no result {row['result_id']!r}"))
        else:
            pairs.append((row["need_id"], row["result_id"]))
    if bad:
        raise BadInput(bad)
    return list(dict.fromkeys(pairs))


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """need id → result id → level, from columns need_id, result_id, level. Raises BadInput, OSError."""
    return _judged(path, "level", range(1, 5))


def read_scores(path: Path) -> dict[str, dict[str, int]]:
    """need id → result id → score from 0 to 9, from columns need_id, result_id, score. Raises BadInput, OSError."""
    return _judged(path, "score", range(10))


def _judged(path: Path, column: str, allowed: range) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = {}
    bad = []
    values = {str(value): value for value in allowed}
    for number, row in _rows(path, ("need_id", "result_id", column)):
        if isinstance(row, str):
            bad.append(BadLine(path.name, number, row))
        elif row[column] not in values:
            bad.append(BadLine(path.name, number, f"{column} {row[column]!r} is not {allowed[0]} to {allowed[-1]}"))
        else:
            judged.setdefault(row["need_id"], {})[row["result_id"]] = values[row[column]]
    if bad:
        raise BadInput(bad)
    return judged


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str] | str]]:
    """(line number, row or the reason why it is none)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput([BadLine(path.name, 0, f"not UTF-8 ({error.reason})")]) from error
    reader = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise BadInput([BadLine(path.name, 1, f"header lacks {', '.join(missing)}")])
    rows: list[tuple[int, dict[str, str] | str]] = []
    for row in reader:
        empty = [column for column in columns if not row.get(column)]
        rows.append((reader.line_num, f"{', '.join(empty)} is empty" if empty else row))
    return rows


def _read(path: Path, make: Callable[[dict[str, Any]], Item]) -> list[Item]:
    return [item for _offset, item in _each(path, make)]


def _each(path: Path, make: Callable[[dict[str, Any]], Item]) -> Iterator[tuple[int, Item]]:
    """(byte offset of the line, item); BadInput, after the last line, where any was bad."""
    bad: list[BadLine] = []
    seen: set[str] = set()
    offset = 0
    with path.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            start, offset = offset, offset + len(raw)
            if not raw.strip():
                continue
            try:
                item = make(_object(raw))
                if item.id in seen:
                    raise ValueError(f"id {item.id!r} occurs twice")
            except ValueError as error:
                bad.append(BadLine(path.name, number, str(error)))
                continue
            seen.add(item.id)
            yield start, item
    if bad:
        raise BadInput(bad)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg}, column {error.colno})") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _text(value: dict[str, Any], key: str) -> str:
    text = value.get(key)
    if text is None:
        return ""
    if not isinstance(text, str):
        raise ValueError(f"{key} is not a text")
    if _HALF.search(text):
        raise ValueError(f"{key} holds half a character (a lone surrogate)")
    return text.replace("\x00", " ")


def _id(value: dict[str, Any]) -> str:
    name = value.get("id")
    if isinstance(name, int) and not isinstance(name, bool):
        return str(name)
    if not isinstance(name, str) or not name.strip():
        raise ValueError("id is missing or empty")
    if set(name) & set("\t\r\n"):
        raise ValueError("id holds a tab or a line end")
    return name


def _keywords(value: dict[str, Any]) -> tuple[str, ...]:
    words = value.get("keywords") or []
    if isinstance(words, str):
        return tuple(word for word in words.replace("，", ",").replace("；", ",").replace("、", ",").split(",") if word)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("keywords is neither a list of texts nor a text")
    return tuple(words)


def _need(value: dict[str, Any]) -> Need:
    need = Need(_id(value), _text(value, "title"), _text(value, "body"), _keywords(value))
    if not (need.title.strip() or need.body.strip() or need.keywords):
        raise ValueError("no title and no body")
    return need


def _result(value: dict[str, Any]) -> Offer:
    title = _text(value, "title") or _text(value, "title_terms")
    offer = Offer(_id(value), title, _text(value, "body"), _keywords(value))
    if not (offer.title.strip() or offer.body.strip() or offer.keywords):
        raise ValueError("no title, title_terms, body or keywords")
    return offer
