"""What a need's text leaves open: asked back while it is written, as advice that never blocks.

Words show that something is there; numbers are looked at one by one. It says what it did not find, not that it is missing in
truth, and it would rather stay silent than ask for what stands there: whatever can be read as an answer counts as one.
Precision and recall on labelled texts: `python -m pytest tests/evaluation/test_askback.py -s`, docs/matching.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from matcher.encoder import document_text
from matcher.indicators import indicators_of, label
from matcher.indicators.normal import level
from matcher.indicators.parse import parse
from matcher.tokens import tokenize
from matcher.types import Indicator, Need


class Gap(StrEnum):
    """An identifier that the interface words."""

    NO_UNIT = "no_unit"
    NO_CONDITION = "no_condition"
    NO_INDICATOR = "no_indicator"
    MATERIAL = "material"
    METHOD = "method"
    EFFECT = "effect"
    PRODUCT = "product"
    SCENE = "scene"


@dataclass(frozen=True, slots=True)
class Question:
    """`about`: the words of the text that the question is about ("" where it is about the whole)."""

    gap: Gap
    about: str = ""


SHORTEST_TEXT = 20
"""Characters from which a text is asked about at all: nobody is scolded while writing the first line."""
MOST_CONDITIONS = 3

_MATERIAL = re.compile(
    r"(?<!新)材料(?!领域|行业)|材质|填料|辅料|帆布|布匹|布料|胶布|涂层|漆|瓷|钢(?!琴)|[氧氮碳硫氯氟]化|[铝铜钛镁锌镍铬钨钼锡银锂硅碳硼硫磷氟铁铅镉稀](?!路)|合金|塑料|树脂|橡胶|尼龙|纤维|陶瓷|釉|玻璃|石墨|沥青|水泥|混凝土|"
    r"聚[\u4e00-\u9fff]|环氧|硅胶|泡棉|泡沫|涂料|油漆|油墨|粉体|粉末|颗粒|溶液|乳液|浆料|胶黏剂|粘合剂|光学胶|热熔胶|"
    r"催化剂|添加剂|原料|薄膜|膜|电解液|电极|木材|木粉|木质|竹|纱|棉|丝|麻|毛绒|皮革|面料|坯布|纸浆|废水|废液|污泥|废气|烟气|"
    r"蛋白|多糖|淀粉|油脂|酶|菌|石材|岩|土壤|纸|实木|木门|复合木|砂|粪|莓|籽|稻|茶|水果|果蔬|果实|果肉|果皮|坚果|菇|毛坯|PA\d|PP|PE|PC|ABS|PVC|PET|EVA|TPU|POM|SBS|PTFE|PEEK|"
    r"[A-Z]\d{2,}|[1-9]\d{3}铝|\d{2}(?:Cr|Mn|号钢|钢)|GCr|Cr1",
)
_MATTERS = re.compile(
    r"裂|断|脱落|变形|磨损|腐蚀|锈|老化|发黄|黄变|缩水|起泡|强度|硬度|韧性|崩刃|氢脆|疲劳|注塑(?!机)|压铸|铸造|锻|淬火|热处理|调质|"
    r"喷涂|涂层|镀|粘接|耐磨|耐温|耐热"
)
"""Troubles and processes in which the answer hangs on what the thing is made of."""
_METHOD = re.compile(
    r"工艺|配方|技术路线|算法|模型|采用|利用|基于|借助|依靠|靠|运用|试过|调了|改用|现用|(?:现在|目前|现有|过去|以前|一直)[\u4e00-\u9fff，]{0,6}用|"
    r"通过(?!合作|与|和|鉴定|认证|验收|测试|检测|审核|评审|论证|这|本|高校|专家|贵|国家|考核)|"
    r"(?<![应适使采利])用(?![于在户途量电水工料])[^，。；]{1,14}(?:法|机|器|仪|炉|剂|液|膜|树脂|纤维|粉|胶|盐|酸|碱|气|工艺|纺|捻|加工|处理|增强|填充|生产|制备|提取|回收|固化|抽)|"
    r"[\u4e00-\u9fff]{1,4}法(?!兰|律|规|国|人|庭|治)|"
    r"改性|合成|制备|铸|锻|轧|拉拔|注塑|挤出|吹塑|吹膜|模压|压制|冲压|折弯|热压|烧结|烧成|热处理|淬火|回火|退火|正火|调质|渗碳|渗氮|"
    r"车削|铣|磨齿|磨削|研磨|抛光|打磨|钻孔|切割|切削|干切|激光|电火花|焊|铆|粘接|贴合|装配|喷涂|喷砂|喷药|电镀|镀层|镀膜|镀锌|涂覆|涂布|沉积|"
    r"刻蚀|光刻|固化|发泡|硫化|硫磺|交联|共混|填充|包覆|包衣|包埋|微胶囊|发酵|提取|萃取|蒸馏|精馏|结晶|过滤|离心|吸附|膜分离|厌氧|好氧|曝气|"
    r"电解|氧化|还原|水解|酶解|干燥|烘|冻干|灭菌|杀菌|消毒|清洗|冷藏|预冷|腌|炒|蒸|煮|杀青|揉捻|嫁接|扦插|直播|施肥|滴灌|养殖|投喂|"
    r"纺|织|印染|染色|印花|整理|视觉|深度学习|神经网络|机器学习|训练|仿真|有限元|遥感|光谱|补偿|定位|读取|扫描|爬虫|抽样|人工(?:看|检|采|挑|分|供|更|操|记|巡|测|上|搬|码|拣|清|打)|"
    r"(?:现在|目前|现|一直|已经?)(?!状|代|有的?问题|象|金|场)[\u4e00-\u9fff]{0,3}(?:[加掺涂淋浸喷洗贴包填压用靠由以经按换改]|[\u4e00-\u9fff]{1,4}[法机炉])|"
    r"想(?:用|改|换|做成|以|靠|通过)(?!合作)[^，。]{2}|(?:添加|加入|掺|涂|淋|浸|喷|撒|拌|泡|熏|刷|滚|拉)了?(?=[\u4e00-\u9fffA-Za-z]{1,8}(?:[，。、；]|后|仍|还|量))|"
    r"珩磨|喷丸|标记|浸提|纯化|洗脱|后整理|风冷|水冷|液冷|用水洗|水洗|拔草|手工|灌封|密封面|绕组|捻"
)
_EFFECT = re.compile(
    r"增韧|减重|轻量化|降噪|减振|隔振|防腐|防锈|防水|防霉|保鲜|阻燃|提纯|分离|脱除|去除|除去|回收|治理|拟解决|智能化|无人化|少人化|自动化|高效|低成本|低能耗|提高|提升|提到|提至|想让|更(?=[\u4e00-\u9fff])|降本|增效|降低|降到|降至|减少|减小|减轻|改善|缩短|延长|增强|增加|避免|消除|防止|杜绝|抑制|优于|替代|取代|替换|国产化|节约|节省|节能|节水|"
    r"实现|做到|不低于|不高于|不超过|不少于|不小于|不大于|低于|高于|大于|小于|达到|[≥≤<>＜＞]|以上|以下|以内|控制在|稳定在|"
    r"(?:希望|要求|需要|想|目标)[^。；]{0,30}(?:不[\u4e00-\u9fff]|零|无[\u4e00-\u9fff]{1,3}|快速|自动|在线|实时|研制|开发[^新])|"
    r"解决[^，。；]{0,12}(?:开裂|裂|断|脱落|变形|漏|锈|堵|卡|黄|噪|振动|发热|磨损|腐蚀|漂移|误差|异味|气味|泡|孔|缩)"
)
_GENERIC_EFFECT = re.compile(
    r"(?:达到|满足|做到|实现)[^，。；\d]{0,8}(?:要求|领先|先进|水平|标准|双赢|共赢|升级|满意|需求|合作)|提高(?:企业|公司|竞争|效益)"
)
_PRODUCT = re.compile(
    r"卡扣|插头|炉|泵|阀(?!值)|屏(?!蔽|障)|釉|鞋|瓷|绳|靴|砖|罐|箱(?!变)|柜|艇|罩|轴承|齿轮|螺[栓钉母杆]|涂料|油漆|地板|电池|电芯|APP|"
    r"(?:钢|铝|铜|塑料|水|油|风)管|[\u4e00-\u9fff]机(?=[，。、；的上里中内])(?<![有随时危投司契动手停开关待]机)"
)
_PRODUCT_ENDS = (
    "机 器 仪 泵 阀 阀门 件 具 圈 绳 壳 壳体 架 栓 鞋 靴 鞋底 瓷 板 管 瓶 车 船 艇 灯 布 屏 轮 箱 柜 炉 膜 片 丝 带 盒 袋 罐 塔 床 刀 轴 "
    "轴承 弹簧 钉 锁 窗 桌 椅 服装 衣 帽 袜 巾 毯 毡 纸 酒 茶 药 饮片 粮 奶 肉 鱼 虾 蟹 蛋 糖 酱 菜 菇 苗 种 种子 食品 饲料 肥 剂 芯 芯片 "
    "电池 电芯 电缆 电机 模组 模块 元件 组件 传感 软件 程序 系统 平台 网关 卡 标签 套 垫 环 杆 臂 棒 球 盘 盖 口罩 玩具 家具 内饰 路面 "
    "砖 瓦 釉 齿轮 模具 刀具 夹具 敷料 支架 机械 机床 装备 装置 设备 反应器 筛网 喷头 绝缘子 变压器 开关 连接器 螺栓 紧固件 管道 桥梁 隧道 "
    "叶片 转子 定子 导轨 丝杠 减速箱 减速器 杨梅 香菇 石斛 香榧 山核桃 水稻 稻谷 柑橘 竹笋 对虾 沥青 纱线 面料 坯布 快递 包裹 污水 废水 废液 "
    "织物 涂料 油漆 地板 门 钢 铝材 铜带 型材 线材 中药 疫苗 试剂 绿茶 红茶 黄酒 水产 生猪 禽"
).split()
_PRODUCT_STOPS = frozenset(
    "产品 新产品 样品 商品 设备 机器 机械 装备 器 机 条件 文件 事件 硬件 零件 老板 车间 工具 具有 具体 具备 有机 随机 时机 机会 危机 投机 司机 契机 动机 部门 "
    "专门 热门 入门 有门 效果 成果 如果 结果 发布 公布 分布 宣布 颁布 带 附带 携带 一带 地带 纽带 图片 照片 名片 大片 一片 片 圈 朋友圈 商圈 环 循环 良环 "
    "一环 环环 品种 多种 各种 这种 一种 几种 某种 何种 此种 种种 物种 配套 成套 整套 一套 全套 套 打架 框架 上架 下架 书架 模板 样板 看板 平板 主管 尽管 不管 "
    "保管 监管 主管 托管 管 接管 分管 投药 下单 全球 地球 足球 一球 盘 覆盖 涵盖 口盖 点球 石油 平台 床 临床 刀 一刀 核心 中心 网络 棒 轴 手臂 剂 药 茶 肉 鱼 "
    "人才 生态系统 子系统 体系 手机 网 单位 名卡 卡 垫 锁 封锁 丝 一丝 膜 布 件 管件 纸 报纸 图纸 合同纸 球 板 衣 酒 糖 轮 一轮 轮 首轮 窗 门 钢 奶 苗 菜 灯 "
    "种 肥 塔 罐 屏 片 泵 阀 箱 柜 炉 架 具 仪 壳 瓶 船 艇 带 盒 袋 药 粮 虾 蟹 蛋 酱 菇 杆 臂 瓦 砖 芯 禽 毯 毡 巾 袜 帽 靴 鞋 椅 桌 钉 栓 绳 圈 "
    "新机 好机 整机 待机 停机 开机 关机 装机 单机 样机 万种 百种 十种".split()
) - {"平台", "系统"}
_SCENE = re.compile(
    r"用于|用在|用作|应用于|适用于|应用场景|使用场景|装在|安装在|装于|装到|装车|配套|供给|供应|供货|出口到|工况|场景|现场|场所|环境(?!影响|保护)|"
    r"条件下|户外|室外|室内|井下|海上|海水|沿海|滩涂|海洋|矿山|矿井|隧道|田间|田里|大田|大棚|温室|林地|果园|茶园|山地|池塘|塘|圈舍|养殖场|医院|手术|病房|口腔|义齿|牙|学校|社区|家庭|"
    r"仓库|仓储|冷链|冷库|车间|产线|生产线|流水线|工位|工地|厂区|[\u4e00-\u9fff]线上|喷涂线|吊挂线|装配线|分拣|(?<!为)中心(?!线|轴|思想)|站(?!在|起|稳)|园区|景区|河道|电厂|电站|机房|基站|管线|管网|路面|桥面|轨道|运行(?!费|成本)|服役|使用中|使用过程|使用时|使用后|"
    r"(?<![现存潜实所内自])在(?!于|线|产|建|研)(?![^，。；]{0,10}(?:基础|方面|领域|行业|帮助|指导|支持|努力|前提|情况|同时|老师|专家))[^，。；]{2,14}?[里内中上下后时前](?!游|级|市|部|述|升|降|期|量|位|限)|"
    r"厂里|[船钢药纸布糖酒]厂|[猪牛羊鸡鸭鱼牧农渔林矿料工市机]场(?!景|效)|[稻麦农水茶桑菜]田|[乡村]镇|村里|镇上|居民|家里|用户家|卧室|厨房|浴室|货架|道路|公路|铁路|港口|码头|天线|炉用|"
    r"生产中|加工时|加工中|过程中|[\u4e00-\u9fff](?<![随同及按准实临平小当有到届暂])时(?!间|候|期|效|代|刻|常|长|速|尚|段|限|机)|"
    r"(?:在|于)?-?\d+(?:[~～—-]-?\d+)?\s*(?:℃|°C)(?:下|/|时|环境|条件)|冬季|夏季|雨季|梅雨|日晒|暴晒|高温|低温|高湿|潮湿|"
    r"(?:汽车|电动|新能源(?:汽?车|电池)|风电|光伏|高铁|地铁|电梯|船舶|航空|航天|高速公路|家电|手机|洗碗机|空调|冰箱|电视|建筑|桥梁|工程机械|农机|纺机|机床|锅炉|水泵|油泵|变压器|叉车|跑鞋|电器|注塑机|车载)"
)
_MEASURED = re.compile(
    r"(?!(?:19|20)\d\d年)(?<!\d)[\d,.]+\s*(?:[%％‰℃°]|[a-zA-Zμµ㎡Ωω]|[个]?(?:天|日|年|月|周|小时|分钟|秒|次|倍|吨|公斤|千克|克|斤|元|台|件|片|米|毫米|微米|级|目|度|成|万|千|亩|升|毫升|头|株|点))"
    r"|[一二两三四五六七八九十百千万半]+(?:成|倍|半|个百分点|万次|小时|分钟)|一半|[≥≤]\s*\d"
)
_TARGET = "≥|≤|>=|<=|>|<|不低于|不高于|不小于|不大于|不少于|不超过|不大于|大于|小于|高于|低于|达到|(?:提高|提升|降低|下降|增加|缩短|延长|控制|保持|降)[到至在]"
_BARE = re.compile(
    rf"(?P<name>[\u4e00-\u9fff]{{2,12}}?)(?:{_TARGET})\s?"
    r"\d+(?:\.\d+)?(?=\s*(?:[，。、；;,!！?？)）]|以上|以下|以内|左右|$))"
)
_LEAD = re.compile(
    r"^(?:.*(?:[个年月周天时]|小时)[内后]?(?=[\u4e00-\u9fff]{2,})|.*(?:希望|要求|需要|想要|想把|想将|力争|确保|保证|目标是|达到|使得|从而|其中|同时|并且|以及|必须|应当|能够|可以)|[要将把使让其且并和与及或应须需能可想令对的是])+"
)
_NEEDS_NO_UNIT = re.compile(
    r"系数|比$|比例$|指数|倍数|倍率|折射率|损耗|因子|个数|数量|次数|等级|级别|档次|样品|样本|专利|论文|批次|批数|台数|件数|人数|年份|编号|型号|系列|步骤|步数|层数|轮数|位数|分数|得分|评分|酸碱"
)
_SHARE = re.compile(r"率$|(?:准确|精确|置信|满意|相似|可靠|覆盖|纯)度$|占比$|份额$")
"""A share may be written as a fraction (准确率≥0.95), never above 1."""
_CONDITIONED = re.compile(
    r"(?<!高)(?:强度|韧性|模量|伸长率|冲击|疲劳|疲劳寿命$|^寿命$|永久变形|回弹|黏度|粘度|附着力|结合力|剥离力|粘接力|导热系数|热导率|电阻率|介电|"
    r"透光率|透过率|吸水率|收缩率|泄漏率|泄漏量|漏率|噪声|噪音|磨损|摩擦系数|腐蚀速率|转换效率|转化效率|灵敏度|溶胀|通量|截留率|去除率|脱除率|降解率)"
)
_RELATIVE = re.compile(r"提高|提升|降|减少|减小|增加|延长|缩短|改善|衰减|只有|仅|由|从|现有|目前")
"""A change, or what is so at present: no value to be tested."""
_CONDITION_NEAR = re.compile(
    r"℃|°C|[Kk]Pa|MPa[）)]|室温|常温|高温|低温|条件|环境|工况|标准|依据|按照?|GB|ISO|ASTM|IEC|DIN|JIS|HG/T|FZ/T|QB/T|负载|载荷|满载|空载|转速|"
    r"\d+\s*(?:h|小时|天|次)[后内下时]|[（(][^）)]{2,}[）)]|下[，、,]|时[，、,]"
)
_BRACKETS = re.compile(r"(?<!/)[（(][^）)]{2,}[）)]")
_TESTED_BY = re.compile(r"按照?[^。；，]{0,20}(?:测|检|试验|执行|评定)|(?:测试|试验|检测)(?:方法|标准|条件)")


def questions(need: Need) -> tuple[Question, ...]:
    """The most useful first: numbers without unit, indicators without test condition, then what the text does not speak of."""
    text = document_text(need.title, "\n".join(filter(None, (need.body, need.sealed))), need.keywords)
    bare = _without_unit(need, text)
    found = [Question(Gap.NO_UNIT, words) for words in bare]
    # One question a number: its unit first.
    open_conditions = [w for w in _without_condition(need, text) if not any(w in one or one in w for one in bare)]
    found += [Question(Gap.NO_CONDITION, words) for words in open_conditions[:MOST_CONDITIONS]]
    if len(text) < SHORTEST_TEXT:
        return tuple(found)
    measured = bool(need.indicators or _MEASURED.search(text))
    if not measured and not indicators_of(need):
        found.append(Question(Gap.NO_INDICATOR))
    absent = {
        Gap.METHOD: not _METHOD.search(text),
        Gap.EFFECT: not (need.indicators or _EFFECT.search(_GENERIC_EFFECT.sub("", text))),
        Gap.PRODUCT: not _names_product(text),
        Gap.SCENE: not _SCENE.search(text),
    }
    # Words for processes, things and places are without number, and the lists above know some of them. A text with figures
    # that lacks one of these alone most likely says it in words they do not know; lacking two or more, it is asked.
    words = [Gap.METHOD, Gap.EFFECT, Gap.SCENE]
    vague = not measured or sum(absent[gap] for gap in words) > 1
    absent[Gap.PRODUCT] &= not measured or (absent[Gap.METHOD] and absent[Gap.SCENE])
    # Of what it is made is asked where that decides how it fails, and of a text that names no thing at all.
    material = not _MATERIAL.search(text) and bool(_MATTERS.search(text) or (absent[Gap.PRODUCT] and not measured))
    found += [Question(Gap.MATERIAL)] if material else []
    return (*found, *(Question(gap) for gap, missing in absent.items() if missing and vague))


def _names_product(text: str) -> bool:
    words = set(tokenize(text)) - _PRODUCT_STOPS
    return bool(_PRODUCT.search(text)) or any(word.endswith(end) for word in words for end in _PRODUCT_ENDS)


def _without_unit(need: Need, text: str) -> list[str]:
    rows = [i for i in need.indicators if not i.unit and i.name and _wants_unit(i.name, i.value)]
    found = [label(row) for row in rows]
    levelled = level(text)
    for match in _BARE.finditer(levelled):
        words = text[match.start() : match.end()]
        read = parse(words)
        lead = _LEAD.match(match["name"])
        name = match["name"][lead.end() :] if lead else match["name"]
        number = re.search(r"\d+(?:\.\d+)?$", levelled[match.start() : match.end()])
        if len(name) > 1 and number and all(not i.unit for i in read) and _wants_unit(name, float(number[0])):
            found.append(words[lead.end() :] if lead else words)
    return list(dict.fromkeys(found))


def _wants_unit(name: str, value: float) -> bool:
    return not _NEEDS_NO_UNIT.search(name) and not (_SHARE.search(name) and abs(value) <= 1)


def _without_condition(need: Need, text: str) -> list[str]:
    """Measured properties whose value depends on how one measures, with nothing near them that says how."""
    if _TESTED_BY.search(text):
        return []
    if need.indicators:  # rows alone are what it asks: its text tells of the present state too
        return [i.name for i in need.indicators if i.name and not i.condition and _CONDITIONED.search(i.name)]
    found = []
    for sentence in re.split(r"[。；;\n]", "\n".join((need.title, need.body, need.sealed))):
        for indicator in parse(sentence):
            words = _words(indicator)
            noted = _BRACKETS.search(words)
            around = sentence.replace(words, noted[0] if noted else "")
            if (
                indicator.name
                and not indicator.condition
                and _CONDITIONED.search(indicator.name)
                and not _RELATIVE.search(words)
                and not _CONDITION_NEAR.search(around)
            ):
                found.append(words)
    return list(dict.fromkeys(found))


def _words(indicator: Indicator) -> str:
    return indicator.source or indicator.name
