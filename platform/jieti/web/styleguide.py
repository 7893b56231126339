"""What the style guide page shows: every component with content as long and as awkward as in life. Debug and test only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import FileField, SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from jieti.web.filters import today
from jieti.web.pills import PILLS


def _choices(*pairs: tuple[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


class IndicatorRow(Form):
    name = StringField("名称")
    operator = SelectField("比较", choices=_choices((">=", "≥"), ("<=", "≤"), ("range", "范围"), ("=", "=")))
    value = StringField("值")
    value_to = StringField("至")
    unit = StringField("单位")
    condition = StringField("测试条件")


class SampleForm(FlaskForm):
    version = HiddenField(default="3")
    title = StringField("标题", validators=[DataRequired("请填写标题。"), Length(max=60)])
    body = TextAreaField("主要问题", validators=[DataRequired("请写明主要问题。")])
    budget = StringField("投入资金（万元）", validators=[DataRequired("请填写投入资金；未定请选“面议”。")])
    is_negotiable = BooleanField("面议")
    deadline = DateField("截止日期", validators=[DataRequired("请填写截止日期。")])
    kind = RadioField(
        "需求类型",
        choices=_choices(("new", "新技术研发"), ("improve", "工艺改进")),
        validators=[DataRequired("请选一种。")],
    )
    modes = SelectMultipleField(
        "合作方式",
        choices=_choices(
            ("transfer", "转让"),
            ("license", "许可"),
            ("entrust", "委托开发"),
            ("joint", "合作开发"),
            ("service", "技术服务"),
        ),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    county = SelectField("所在县（市、区）", choices=_choices(*((str(n), f"示例县{n}") for n in range(1, 21))))
    keywords = StringField("关键词")
    indicators = FieldList(FormField(IndicatorRow), label="技术指标", min_entries=2)
    attachment = FileField("附件")
    agree = BooleanField("我已核对，内容不含国家秘密")


def _challenge(**changes: Any) -> dict[str, Any]:
    return {
        "url": "#c1",
        "title": [("高流动性增韧", False), ("尼龙", True), ("66在新能源汽车充电枪外壳上的应用", False)],
        "status": "published",
        "organisation_name": None,
        "county": "德清县",
        "field": "新材料",
        "snippet": [
            ("现用 PA66/GF30 在 -40℃ 落锤冲击后开裂，需要把", False),
            ("尼龙", True),
            ("抗冲击韧性提高67%以上，且熔体流动速率不降低。", False),
        ],
        "budget": Decimal(80),
        "deadline": today() + timedelta(days=12),
        "proposal_count": 3,
        "sealed": True,
    } | changes


_QUOTES = [
    {
        "need_quote": "要求材料在 -40℃~120℃ 下使用寿命不少于 2000 h，抗冲击韧性提高67%以上。",
        "offer_quote": "制得的增韧尼龙66抗冲击韧性提高75%，熔体流动速率保持在 28 g/10min，已在两家企业小批量试用。",
        "terms": ["抗冲击韧性", "尼龙"],
    }
]

_VERDICTS = [
    {
        "asked": {"name": "抗冲击韧性", "operator": ">=", "value": 67, "unit": "%", "condition": "23℃，缺口"},
        "stated": {"name": "抗冲击韧性", "operator": "=", "value": 75, "unit": "%", "condition": ""},
        "verdict": "met",
        "shortfall": None,
    },
    {
        "asked": {"name": "使用寿命", "operator": ">=", "value": 2000, "unit": "h", "condition": ""},
        "stated": {"name": "使用寿命", "operator": "=", "value": 1600, "unit": "h", "condition": ""},
        "verdict": "short",
        "shortfall": 400,
    },
    {
        "asked": {"name": "耐温", "operator": "range", "value": -40, "value_to": 120, "unit": "℃", "condition": ""},
        "stated": None,
        "verdict": "not_stated",
        "shortfall": None,
    },
]


def _deal(ref: str, **changes: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "url": f"#{ref}",
        "title": "缙云锯床 × 示例理工大学：带锯条激光熔覆延寿",
        "county": "缙云县",
        "amount": Decimal(120),
        "next_step": "约双方到厂里看样件",
        "next_on": today() + timedelta(days=3),
        "overdue": False,
        "version": 2,
        "targets": [("agreed", "已达成意向"), ("declined", "未达成")],
    } | changes


def context(bad: bool = True) -> dict[str, Any]:
    """Template variables of ``styleguide.html``; `bad`: the sample form carries errors."""
    data: dict[str, Any] = {"body": "现用材料在低温下开裂。"}
    form = SampleForm(formdata=None, data=data)
    if bad:
        for field in (form.title, form.budget, form.kind, form.deadline):
            field.errors = [field.validators[0].message]
        form.indicators.entries[1].form.unit.errors = ["请写明单位，例如 MPa、℃、h。"]
    now = datetime.now(UTC)
    result = {
        "url": "#r1",
        "title": "高流动性增韧尼龙66制备技术",
        "status": "listed",
        "organisation_name": "示例理工大学",
        "county": "杭州市",
        "field": "新材料",
        "snippet": "以反应挤出原位接枝弹性体，兼顾韧性与流动性。",
        "trl": 6,
        "modes": ["许可", "合作开发"],
        "price": None,
        "updated_on": today() - timedelta(days=3),
        "level": 4,
        "reasons": "体系与工况一致，韧性达标，耐温未说明。",
    }
    match = {
        "url": "#m1",
        "level": 4,
        "sentence": "体系与工况一致，韧性达标，寿命差400 h，耐温未说明。",
        "evidence": _QUOTES,
        "verdicts": _VERDICTS,
        "missing": ["耐温范围"],
        "why": [("得分", "0.83"), ("向量相似", "0.71"), ("词面", "12.4"), ("同县加权", "0.02")],
    }
    return {
        "form": form,
        "crumbs": [("首页", "/"), ("样式", None)],
        "pills": {kind: list(table) for kind, table in PILLS.items()},
        "challenges": [
            _challenge(),
            _challenge(
                url="#c2",
                title="锯床带锯条寿命提升",
                status="needs_fix",
                acting=True,
                organisation_name="缙云某锯床有限公司",
                county="缙云县",
                field="高端装备制造",
                budget=None,
                deadline=today(),
                sealed=False,
                proposal_count=0,
                level=3,
                reasons="熔覆工艺相同，寿命指标未说明。",
            ),
            _challenge(
                url="#c3",
                title="万吨级铝屑回收再生重熔产线的能耗优化与在线成分控制",
                status="signed",
                budget=Decimal(12000),
                organisation_name="永康示例铝业有限公司",
                county="永康市",
                field="绿色技术",
                deadline=today() - timedelta(days=2),
                sealed=False,
                snippet=None,
            ),
        ],
        "result": result,
        "expert": {
            "url": "#e1",
            "name": "示例专家甲",
            "title": "教授",
            "organisation_name": "示例理工大学",
            "county": "杭州市",
            "fields": ["新材料", "高分子加工"],
            "result_count": 12,
            "snippet": "从事工程塑料增韧与加工二十年。",
            "level": 2,
            "reasons": "研究方向接近，没有同类应用。",
        },
        "match": match,
        "other": {**result, "meta": ["TRL 6", "许可", "3天前更新"]},
        "why_not": [("domain", "领域不符"), ("indicator", "指标不够"), ("maturity", "成熟度低"), ("taken", "已被占用")],
        "groups": [
            {
                "name": "county",
                "label": "地区",
                "options": [
                    {"value": "331002", "label": "椒江区", "count": 41, "checked": True},
                    {"value": "330521", "label": "德清县", "count": 26, "checked": False},
                    {"value": "331122", "label": "缙云县", "count": 1204, "checked": False},
                ],
            },
            {
                "name": "field",
                "label": "领域",
                "options": [
                    {"value": "a", "label": "新材料", "count": 38, "checked": True},
                    {"value": "b", "label": "高端装备制造", "count": 22, "checked": False},
                ],
            },
            {
                "name": "trl",
                "label": "成熟度",
                "open": False,
                "options": [{"value": "6", "label": "TRL 6", "count": 9, "checked": False}],
            },
        ],
        "applied": [{"label": "尼龙", "url": "#"}, {"label": "椒江区", "url": "#"}, {"label": "新材料", "url": "#"}],
        "sorts": [
            {"label": "最相关", "url": "#", "current": True},
            {"label": "最新发布", "url": "#", "current": False},
        ],
        "tabs": [
            {"label": "待审核", "url": "#", "current": True, "count": 4},
            {"label": "已处理", "url": "#", "current": False, "count": None},
        ],
        "page": {"number": 5, "pages": 20, "total": 388},
        "events": [
            {
                "at": now,
                "who": "德清县科技局 王科长",
                "what": "通过审核",
                "reason": "指标齐全，经费落实。",
                "url": None,
            },
            {
                "at": now - timedelta(hours=5),
                "who": "湖州示例新材料有限公司",
                "what": "提交审核",
                "reason": "",
                "url": None,
            },
            {
                "at": now - timedelta(days=2),
                "who": "湖州示例新材料有限公司",
                "what": "存为草稿",
                "reason": "",
                "url": None,
            },
        ],
        "steps": [
            {"label": "问题", "url": "#", "state": "done"},
            {"label": "指标", "url": "#", "state": "current", "problems": 2},
            {"label": "条件与经费", "url": "#", "state": "todo"},
            {"label": "密封内容", "url": "#", "state": "todo"},
            {"label": "联系与附件", "url": "#", "state": "todo"},
            {"label": "检查并提交", "url": "#", "state": "todo"},
        ],
        "stages": [
            {"label": "待沟通", "state": "done", "note": "2026-10-08"},
            {"label": "已达成意向", "state": "done", "note": "2026-10-21"},
            {"label": "已签保密协议", "state": "current"},
            {"label": "已签合同", "state": "todo"},
            {"label": "已登记", "state": "todo"},
            {"label": "已结清", "state": "todo"},
        ],
        "due": [
            {
                "label": "已逾期",
                "kind": "overdue",
                "rows": [
                    {
                        "verb": "审核",
                        "url": "#",
                        "object": "锯床带锯条寿命提升",
                        "from_whom": "缙云某锯床有限公司",
                        "due": today() - timedelta(days=3),
                    }
                ],
            },
            {
                "label": "今天",
                "kind": "today",
                "rows": [
                    {
                        "verb": "核验",
                        "url": "#",
                        "object": "永康示例铝业有限公司",
                        "from_whom": "新注册",
                        "due": today(),
                    },
                    {
                        "verb": "回电",
                        "url": "#",
                        "object": "高流动性增韧尼龙66在新能源汽车充电枪外壳上的应用",
                        "from_whom": "示例理工大学技术转移办",
                        "due": today(),
                    },
                ],
            },
            {
                "label": "等对方",
                "kind": "waiting",
                "rows": [
                    {
                        "verb": "等答复",
                        "url": "#",
                        "object": "带锯条激光熔覆延寿",
                        "from_whom": "示例理工大学",
                        "due": today() + timedelta(days=9),
                    }
                ],
            },
        ],
        "columns": [
            {
                "status": "intent",
                "label": "待沟通",
                "cards": [
                    _deal("D1", overdue=True, next_on=today() - timedelta(days=4)),
                    _deal("D2", title="德清新材 × 示例大学：增韧尼龙", targets=[("agreed", "已达成意向")]),
                ],
            },
            {
                "status": "agreed",
                "label": "已达成意向",
                "cards": [_deal("D3", amount=None, targets=[("nda_signed", "已签保密协议")])],
            },
            {"status": "nda_signed", "label": "已签保密协议", "cards": []},
            {"status": "contract_signed", "label": "已签合同", "cards": [_deal("D4", targets=[])]},
            {
                "status": "settled",
                "label": "已结清",
                "folded": True,
                "cards": [_deal("D5", targets=[], next_on=None, next_step=None)],
            },
        ],
        "funnel_stages": [
            {"label": "发布", "value": 128, "amount": Decimal(8200), "url": "#", "rate": None},
            {"label": "匹配", "value": 96, "amount": None, "url": "#", "rate": "75%，96/128"},
            {"label": "沟通", "value": 31, "amount": None, "url": "#", "rate": "32%，31/96"},
            {"label": "签约", "value": 12, "amount": Decimal(1460), "url": "#", "rate": "39%，12/31"},
        ],
        "by_field": [
            {"label": "新材料", "value": 38, "url": "#"},
            {"label": "高端装备制造", "value": 22, "url": "#"},
            {"label": "生物医药", "value": 9, "url": "#"},
        ],
        "rows": [("2026-09", 12, Decimal("320.5")), ("2026-10", 18, Decimal("1200")), ("2026-11", 9, Decimal("86"))],
        "files": [
            {"id": "1", "name": "充电枪外壳图纸.pdf", "size": 2_400_000, "url": "#"},
            {"id": "2", "name": "旧版.docx", "size": 90_000, "removed": True},
        ],
        "until": today() + timedelta(days=30),
        "caption": _("样式"),
    }
