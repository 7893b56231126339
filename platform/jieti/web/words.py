"""The interface's words for every identifier: one list, so that the same thing has the same word everywhere.

All values are lazy translations; look up with `word(GROUP, identifier)` or in templates `words.FIELDS[x]`.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p

from jieti.domain.regions import cities, cities_en, regions

ORGANISATION_KINDS = {
    "enterprise": _l("企业"),
    "university": _l("高校院所"),
    "tech_bureau": _l("科技局"),
    "broker_agency": _l("技术转移机构"),
}
ROLES = {
    "enterprise": _l("企业"),
    "researcher": _l("科研人员"),
    "transfer_office": _l("技术转移办"),
    "officer": _l("科技局"),
    "broker": _l("技术经纪人"),
    "province": _l("省级管理员"),
}
VERIFICATION = {"pending": _l("待核验"), "verified": _l("已核验"), "rejected": _l("核验未通过")}
MEMBERSHIP = {"active": _p("membership", "成员"), "pending": _l("待加入"), "rejected": _l("未通过")}
FIELDS = {
    "artificial_intelligence": _l("人工智能"),
    "flexible_electronics": _l("柔性电子"),
    "quantum_communication": _l("量子通信"),
    "integrated_circuits": _l("集成电路"),
    "digital_creativity": _l("数字创意"),
    "biomedicine": _l("生物医药"),
    "bio_agriculture": _l("生物农业"),
    "modern_seed": _l("现代种业"),
    "new_materials": _l("新材料"),
    "clean_energy": _l("清洁能源"),
    "aerospace": _l("航空航天"),
    "emerging_marine": _l("新兴海洋"),
    "advanced_equipment": _l("高端装备制造"),
    "livelihood": _l("民生"),
    "agriculture": _l("农业"),
    "green_technology": _l("绿色技术"),
}
INDUSTRIES = {
    "A": _l("农、林、牧、渔业"),
    "B": _l("采矿业"),
    "C": _l("制造业"),
    "D": _l("电力、热力、燃气及水生产和供应业"),
    "E": _l("建筑业"),
    "F": _l("批发和零售业"),
    "G": _l("交通运输、仓储和邮政业"),
    "H": _l("住宿和餐饮业"),
    "I": _l("信息传输、软件和信息技术服务业"),
    "J": _l("金融业"),
    "K": _l("房地产业"),
    "L": _l("租赁和商务服务业"),
    "M": _l("科学研究和技术服务业"),
    "N": _l("水利、环境和公共设施管理业"),
    "O": _l("居民服务、修理和其他服务业"),
    "P": _l("教育"),
    "Q": _l("卫生和社会工作"),
    "R": _l("文化、体育和娱乐业"),
    "S": _l("公共管理、社会保障和社会组织"),
    "T": _l("国际组织"),
}
MODES = {
    "assignment": _l("转让"),
    "licence": _l("许可"),
    "equity": _l("作价入股"),
    "commissioned_development": _l("委托开发"),
    "joint_development": _l("合作开发"),
    "consulting": _l("咨询"),
    "service": _l("服务"),
    "try_before_buy": _l("先用后转"),
}
ACTIVITIES = {
    "new_product": _l("新产品开发"),
    "new_process": _l("新工艺开发"),
    "improvement": _l("产品或工艺改进"),
    "equipment": _l("设备研制"),
    "software": _l("软件开发"),
    "testing": _l("检测分析"),
    "other": _l("其他"),
}
CONTRACT_TYPES = {
    "development": _l("技术开发"),
    "assignment": _l("技术转让"),
    "licence": _l("技术许可"),
    "consulting": _l("技术咨询"),
    "service": _l("技术服务"),
}
IP_KINDS = {
    "invention": _l("发明"),
    "utility_model": _l("实用新型"),
    "design": _l("外观设计"),
    "software": _l("软件著作权"),
    "ic_layout": _l("集成电路布图设计"),
    "plant_variety": _l("植物新品种"),
    "secret": _l("技术秘密"),
}
IP_STATUSES = {
    "published": _l("公开"),
    "examining": _l("实质审查"),
    "granted": _l("授权"),
    "lapsed": _l("失效"),
    "transferred": _l("转移"),
}
TRL = {
    1: _l("原理"),
    2: _l("概念"),
    3: _l("关键功能验证"),
    4: _l("实验室部件"),
    5: _l("相关环境部件"),
    6: _l("相关环境样机"),
    7: _l("运行环境样机"),
    8: _l("系统定型"),
    9: _l("实际应用"),
}
OPERATORS = {">=": "≥", ">": ">", "<=": "≤", "<": "<", "=": "=", "range": _l("区间"), "+-": "±"}
LEVELS = {4: _l("强"), 3: _l("较强"), 2: _l("弱"), 1: _l("无")}
VERDICTS = {"met": _l("满足"), "short": _l("差"), "not_stated": _l("未说明")}
MISFIT_REASONS = {
    "field": _l("领域不符"),
    "indicators": _l("指标不够"),
    "maturity": _l("成熟度低"),
    "taken": _l("已被占用"),
    "region_or_mode": _l("地域或方式不合"),
    "other": _l("其他"),
}
CHALLENGE_STATUSES = {
    "draft": _l("草稿"),
    "submitted": _l("待审核"),
    "approved": _l("已通过"),
    "needs_fix": _l("待整改"),
    "rejected": _l("未通过"),
    "published": _l("待揭榜"),
    "reviewing": _l("评榜中"),
    "awarded": _l("公示中"),
    "signed": _l("已签约"),
    "solving": _l("攻关中"),
    "solved": _l("已解决"),
    "closed_failed": _l("对接失败结案"),
    "expired": _l("已过期"),
    "offline": _l("已下架"),
    "withdrawn": _l("已撤回"),
}
RESULT_STATUSES = {
    "draft": _l("草稿"),
    "submitted": _l("待单位确认"),
    "confirmed": _l("待上架审核"),
    "needs_fix": _l("待整改"),
    "rejected": _l("未通过"),
    "listed": _l("已上架"),
    "negotiating": _l("洽谈中"),
    "contracted": _l("已签约"),
    "delisted": _l("已下架"),
}
PROPOSAL_STATUSES = {
    "draft": _l("草稿"),
    "submitted": _l("待资格审查"),
    "qualified": _l("资格通过"),
    "disqualified": _l("资格未通过"),
    "shortlisted": _l("已入围"),
    "awarded": _l("已中榜"),
    "not_selected": _l("未中选"),
    "withdrawn": _l("已撤回"),
}
DEAL_STAGES = {
    "intent": _l("待沟通"),
    "agreed": _l("已达成意向"),
    "declined": _l("未达成"),
    "nda_signed": _l("已签保密协议"),
    "contract_signed": _l("已签合同"),
    "registering": _l("登记中"),
    "registered": _l("已登记"),
    "not_registered": _l("未予登记"),
    "performing": _l("履约中"),
    "accepted": _l("已验收"),
    "settled": _l("已结清"),
    "changed": _l("已变更"),
    "cancelled": _l("已取消"),
    "disputed": _l("有争议"),
}
STATUSES = {
    "challenge": CHALLENGE_STATUSES,
    "result": RESULT_STATUSES,
    "proposal": PROPOSAL_STATUSES,
    "deal": DEAL_STAGES,
}
AMOUNT_BANDS = {
    "negotiable": _l("面议"),
    "under_20": _l("20万元以下"),
    "20_50": _l("20万至50万元"),
    "50_100": _l("50万至100万元"),
    "100_300": _l("100万至300万元"),
    "over_300": _l("300万元以上"),
}


def county(code: str) -> str:
    """A county's name in the reader's language; the code itself where it is not known."""
    region = regions().get(code)
    if region is None:
        return code
    return region.name_en if _english() else region.name


def city(prefix: str) -> str:
    """A city's name by its 4-digit prefix, in the reader's language."""
    return (cities_en() if _english() else cities()).get(prefix, prefix)


def county_choice(code: str) -> str:
    """A county with its city before it, as it stands in a long list of choices."""
    region = regions()[code]
    return f"{region.city_en}: {region.name_en}" if _english() else f"{region.city} {region.name}"


def listed(names: Iterable[object]) -> str:
    """Several names in a row, with the mark that the reader's language puts between them."""
    return (", " if _english() else "、").join(map(str, names))


def with_note(text: str, note: str) -> str:
    """A text with something said about it in brackets."""
    return str(_("%(text)s（%(note)s）", text=text, note=note))


def _english() -> bool:
    locale = get_locale()  # None outside a request
    return locale is not None and locale.language == "en"


CONTRIBUTIONS = {
    "semantic": _l("语义相近"),
    "words": _l("用词相同"),
    "title_words": _l("与需求名称用词相同"),
    "policy.indicators": _l("技术指标达到的多"),
    "policy.field": _l("技术领域相同"),
    "policy.industry": _l("应用行业相同"),
    "policy.mode": _l("合作方式相合"),
    "policy.trl": _l("成熟度低于要求"),
    "policy.same_county": _l("同县"),
    "policy.accelerated": _l("加快发展县政策"),
    "policy.shanhai": _l("山海协作政策"),
    "policy.fresh": _l("近期更新"),
}
