"""Sentences for the codes that services raise, and putting them beside the fields. New codes are added at the end of the table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from jieti.domain.errors import Problem

PROBLEMS: dict[str, Any] = {
    "required": _l("请填写这一项。"),
    "money_required": _l("请填写金额；未定请选“面议”。"),
    "money_unreadable": _l("请填数字，例如80或1,200.5，单位是万元。"),
    "money_too_fine": _l("请填到元为止（万元后最多四位小数）。"),
    "money_negative": _l("金额不能是负数。"),
    "money_absurd": _l("金额超过%(limit)s万元，请核对单位是不是万元。"),
    "money_zero": _l("金额为0请改选“面议”。"),
    "date_unreadable": _l("请按2026-12-31的样子填写日期。"),
    "date_past": _l("截止日期已过，请选今天以后的日期。"),
    "date_future": _l("这个日期还没到，请核对。"),
    "date_too_far": _l("截止日期在三年以后，请核对年份。"),
    "too_long": _l("最多%(limit)s字，已超%(over)s字。"),
    "too_many": _l("最多%(limit)s个，已超%(over)s个。"),
    "keyword_too_long": _l("“%(word)s”太长，每个关键词最多%(limit)s字。"),
    "unknown_choice": _l("请从列表里选一项。"),
    "number_unreadable": _l("请填数字，例如67、-40或1.2e3。"),
    "unit_required": _l("请写明单位，例如 MPa、℃、h。"),
    "range_order": _l("区间的上限不能小于下限。"),
    "tolerance_negative": _l("±后面的数不能是负数。"),
    "phone_unreadable": _l("请填电话号码，例如0572-8000000。"),
    "draft_too_large": _l("这份草稿太长（超过%(limit)s万字），没有保存。请删减，长材料请放到附件里。"),
    "file_name": _l("文件没有名称或扩展名，没有上传。请改名后再传。"),
    "file_type": _l("不能上传%(extension)s文件。请用PDF、Word、Excel、PowerPoint或图片。"),
    "file_empty": _l("文件是空的，没有上传。"),
    "file_too_large": _l("文件超过%(limit)s MB，没有上传。请压缩或分开上传。"),
    "file_disguised": _l("文件内容与扩展名不符，没有上传。请换一个。"),
    "too_many_files": _l("最多%(limit)s个附件，请先移除不用的。"),
    "reason_required": _l("请写明原因，对方会看到。"),
    "decision": _l("请选择怎么处理。"),
    "zero": _l("合同成交额要大于0。"),
    "tech_above_contract": _l("技术交易额不能大于合同成交额。"),
    "date_passed": _l("日期已过，请选今天以后的日期。"),
    "date_in_future": _l("签订日期不能晚于今天。"),
    "ends_before_start": _l("有效期的结束不能早于开始。"),
    "not_yours": _l("只能选您登记并已上架的成果。"),
    "evidence_missing": _l("选了“达到”，请写依据，例如检测报告、已有应用。"),
    "uscc_length": _l("统一社会信用代码是18位，现在是%(has)s位。"),
    "uscc_characters": _l("统一社会信用代码里不会有%(characters)s，请核对。"),
    "uscc_taken": _l("这个信用代码已登记为“%(name)s”，可以直接申请加入。"),
    "member_already": _l("%(name)s已经是成员。"),
    "email_taken": _l("这个邮箱已有账号，请登录后再打开邀请链接。"),
    "import_file_type": _l("不能导入%(found)s文件，请用%(expected)s。"),
    "file_encoding": _l("读不出文字编码。请另存为UTF-8的CSV，或直接上传Excel文件。"),
    "csv_broken": _l("CSV格式有误，读不下去：%(detail)s。"),
    "xlsx_broken": _l("打不开这个Excel文件。请用Excel另存为.xlsx再传。"),
    "xlsx_too_large": _l("这个Excel文件展开后超过%(limit)s MB，请分成几个文件。"),
    "merged_cells": _l("有合并的单元格（%(ranges)s），请取消合并、每行填全再传。"),
    "no_heads": _l("第一行没有“名称”列（看到的是：%(found)s）。可用的表头：%(expected)s。"),
    "unknown_heads": _l("不认识这些表头：%(unknown)s。可用的表头：%(expected)s；不需要的列请改名为“备注”。"),
    "double_heads": _l("这些表头重复指向同一项：%(heads)s。请只留一列。"),
    "import_empty": _l("表里没有数据行。"),
    "import_too_long": _l("有%(rows)s行，网页一次最多%(limit)s行。请分成几个文件，或请管理员用命令导入。"),
    "not_utf8": _l("这一行不是UTF-8编码。"),
    "json_broken": _l("这一行不是完整的JSON，第%(column)s个字符处读不下去。"),
    "json_no_object": _l("这一行不是JSON对象（应以{开头）。"),
    "too_many_cells": _l("这一行有%(cells)s格，表头只有%(heads)s格。"),
    "formula": _l("单元格%(cell)s是公式，请粘贴为数值。"),
    "already_answered": _l("这位专家已就这道题提交方案，不用再邀请。"),
    "too_many_invitations": _l("一天最多邀请%(limit)s次，请明天再邀请。"),
    "double_key": _l("编号“%(key)s”与第%(first)s行重复。"),
    "same_row": _l("与第%(first)s行重复。"),
    "similar_row": _l("与第%(first)s行相似，请核对。"),
    "same_listing": _l("与已有的“%(title)s”重复。"),
    "similar_listing": _l("与已有的“%(title)s”相似，请核对。"),
}


def sentence(problem: Problem) -> str:
    """The problem in words. A code without words is a fault of ours: it shows as itself, and a test looks for it."""
    words = PROBLEMS.get(problem.code)
    if words is None:
        return problem.code
    return str(words) % dict(problem.params) if problem.params else str(words)


def attach(form: Any, problems: Iterable[Problem]) -> None:
    """Put each problem beside its field (`indicators.2.unit`: the third row's unit), the rest over the form."""
    for problem in problems:
        target = _find(form, problem.field)
        if target is None:
            form.form_errors.append(sentence(problem))
        else:
            target.errors = [*target.errors, sentence(problem)]


def _find(form: Any, path: str) -> Any | None:
    head, _dot, rest = path.partition(".")
    field = form._fields.get(head)
    if field is None or not rest:
        return field
    position, _dot, part = rest.partition(".")
    entries = getattr(field, "entries", [])
    if not position.isdigit() or int(position) >= len(entries):
        return field
    return entries[int(position)].form._fields.get(part, field)


def count_sentence(count: int) -> str:
    return _("有%(n)s处需要修改。", n=count)
