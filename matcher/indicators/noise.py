"""Figures that a listing tells of its firm, its project or its papers: no technical indicators."""

from __future__ import annotations

import re

_NOISE = re.compile(
    r"注册资|占地|用地|厂房|员工|职工|人员|销售|产值|利润|营业|营收|缴税|纳税|税收|投资|(?:研发|资金|经费)投入|资产|成立|建厂|年产(?!量)|年处理|年产能|产能[\d.]+\s?万|条生产线|市场占有|市场份额|市场规模|年增长率|年均增长"
    r"|专利|企业年|博士|硕士|研究生|学历|职称|研发中心|经费|预算|自筹|回收期|合作期|(?:项目|研发|实施|建设)周期|工期|样机|论文|软著|著作权|行业标准|团队|同比|违约金|合同额|首付|出口额|就业"
    r"|覆盖(?!率|半径|范围|距离)|农户|县区|示范线|示范基地|培训|课题|奖金|贷款|融资|累计(?:投入|销售|推广|完成|实现|生产|应用|服务|获)|年用电|建筑面积|园区|人工由|年节约|经营期|推广(?:面积)?\d"
)
_SITE = re.compile(r"^(?:总|占地|使用)?面积$")


def is_noise(clause: str, sentence_before: str, name: str, unit: str = "") -> bool:
    """`clause`: the words around the quantity; `sentence_before`: what the sentence told earlier (厂房3栋，面积8000平方米)."""
    if name in {"周期", "时间", "期限"} and unit in {"年", "个月", "月"}:
        return True  # the project's
    return bool(_NOISE.search(clause) or (_SITE.match(name) and _NOISE.search(sentence_before)))
