"""Words of the review pages: reasons to choose from, cautions."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from jieti.services.reviews_warnings import Caution
from jieti.web.locale import LOCALES
from jieti.web.posting.desk import page_url
from jieti.web.posting.labels import FIELD_LABELS

REASONS: dict[str, Any] = {
    "unclear": _l("问题没有说清，专家无法判断能不能解"),
    "no_indicators": _l("缺少可检验的技术指标"),
    "secrets": _l("公开内容含企业秘密或联系方式，请移到密封内容或联系人"),
    "budget": _l("投入资金或价格与内容不相称"),
    "duplicate": _l("与已发布的内容重复"),
    "not_technical": _l("不属于技术需求或科技成果"),
    "ownership": _l("权属不清"),
    "other": _l("其他（请在下面写明）"),
}


def full_reason(code: str, words: str) -> str:
    """The chosen reason and the words added to it, as the owner will read them: kept in Chinese, whatever the reviewer's language."""
    with force_locale(LOCALES["zh"]):
        chosen = str(REASONS[code]) if code in REASONS and code != "other" else ""
    return "；".join(part for part in (chosen, words.strip()) if part)


def worded(kind: str, caution: Caution) -> dict[str, Any]:
    """Text and, where there is one, a page to look at."""
    label = FIELD_LABELS[kind].get(caution.field, "")
    sentences = {
        "uscc": _("单位的统一社会信用代码校验不符：%(code)s，请核对营业执照。", code=caution.excerpt),
        "unverified": _("单位还没有核验。"),
        "rejected_organisation": _("单位核验未通过。"),
        "duplicate": _("和“%(title)s”内容重复。", title=caution.excerpt),
        "similar": _("和“%(title)s”内容相似，请看是不是同一件事。", title=caution.excerpt),
        "like_title": _("和“%(title)s”名称很像，请看是不是重复。", title=caution.excerpt),
        "phone": _("“%(field)s”里有电话号码 %(found)s，公开后谁都能看到。", field=label, found=caution.excerpt),
        "mail": _("“%(field)s”里有邮箱 %(found)s，公开后谁都能看到。", field=label, found=caution.excerpt),
        "secret_word": _("“%(field)s”里出现“%(found)s”，请看是不是该密封。", field=label, found=caution.excerpt),
    }
    url = None
    if caution.code in {"unverified", "rejected_organisation"}:
        url = page_url("organisations.verify", ref=caution.ref) or page_url("organisations.show", ref=caution.ref)
    elif caution.code in {"duplicate", "similar", "like_title"}:
        url = url_for(f"{kind}s.show", ref=caution.ref)
    return {"text": sentences[caution.code], "url": url}
