"""Which head of a table is which field: the Chinese heads of the usual 汇总表, the identifiers, and public data's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jieti.services.imports.errors import UnreadableFile
from jieti.services.listing_fields import FIELDS, FieldSpec, Reading

KEY = "import_key"

_COMMON = {
    "id": KEY,
    "编号": KEY,
    "序号": KEY,
    "title": "title",
    "标题": "title",
    "名称": "title",
    "keywords": "keywords",
    "关键词": "keywords",
    "field": "field",
    "技术领域": "field",
    "industry": "industry",
    "应用行业": "industry",
    "modes": "modes",
    "合作方式": "modes",
    "解决方式": "modes",
    "contact_name": "contact_name",
    "联系人": "contact_name",
    "contact_phone": "contact_phone",
    "联系电话": "contact_phone",
    "indicators": "indicators",
}
HEADS: dict[str, dict[str, str]] = {
    "challenge": _COMMON
    | {
        "需求名称": "title",
        "body": "main_problem",
        "main_problem": "main_problem",
        "主要问题": "main_problem",
        "需求描述": "main_problem",
        "tech_requirements": "tech_requirements",
        "技术关键": "tech_requirements",
        "技术要求": "tech_requirements",
        "expected_goal": "expected_goal",
        "预期目标": "expected_goal",
        "budget": "budget",
        "投入资金": "budget",
        "投入资金（万元）": "budget",  # the form's own word
        "拟投入资金": "budget",
        "拟投入资金（万元）": "budget",
        "拟投入资金(万元)": "budget",
        "deadline": "deadline",
        "需求时限": "deadline",
        "截止日期": "deadline",
        "trl_min": "trl_min",
        "ip_terms": "ip_terms",
        "产权归属": "ip_terms",
        "solver_conditions": "solver_conditions",
        "揭榜方条件": "solver_conditions",
        "intended_partner": "intended_partner",
        "意向单位": "intended_partner",
    },
    "result": _COMMON
    | {
        "成果名称": "title",
        "title_terms": "title",
        "summary": "summary",
        "一句话介绍": "summary",
        "body": "body",
        "abstract": "body",
        "简介": "body",
        "成果简介": "body",
        "advantages": "advantages",
        "创新点": "advantages",
        "market": "market",
        "trl": "trl",
        "成熟度": "trl",
        "price": "price",
        "价格": "price",
        "价格（万元）": "price",
        "completed_on": "completed_on",
        "完成时间": "completed_on",
        "awards": "awards",
        "获奖": "awards",
    },
}
IGNORED = frozenset({"discipline", "备注", ""})
"""Heads that are passed over knowingly; any other unknown head is refused, since a misspelt one would lose its column."""

IMPORT_LIMITS = {Reading.LINE: 200, Reading.TEXT: 10_000, Reading.TAGS: 40}
"""Collected texts are longer than what the form asks of a person: limits of an import, in characters (or entries)."""


def spec_of(kind: str, name: str) -> FieldSpec:
    """The field's rule with an import's limits; only the title is required."""
    spec = next(s for s in FIELDS[kind] if s.name == name)
    return replace(
        spec,
        limit=max(spec.limit, IMPORT_LIMITS.get(spec.reading, 0)),
        required=name == "title",
        future=False,
        entry_limit=60,
    )


def resolve(kind: str, heads: Sequence[str]) -> list[str | None]:
    """The field of each column, None for one that is passed over.

    Raises UnreadableFile: `no_heads` (no title among them), `unknown_heads`, `double_heads`.
    """
    known = HEADS[kind]
    names = [known.get(head.strip()) for head in heads]
    unknown = [
        head.strip() for head, name in zip(heads, names, strict=True) if name is None and head.strip() not in IGNORED
    ]
    if "title" not in names:
        raise UnreadableFile("no_heads", found="、".join(h for h in heads if h.strip())[:200], expected=_expected(kind))
    if unknown:
        raise UnreadableFile("unknown_heads", unknown="、".join(unknown)[:200], expected=_expected(kind))
    twice = {name for name in names if name is not None and names.count(name) > 1}
    if twice:
        raise UnreadableFile(
            "double_heads", heads="、".join(h for h, n in zip(heads, names, strict=True) if n in twice)[:200]
        )
    return names


def _expected(kind: str) -> str:
    return "、".join(head for head in HEADS[kind] if not head.isascii())
