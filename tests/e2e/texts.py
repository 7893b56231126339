"""What the story's people write: each challenge is near to one of the demo's results, by words and by figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indicator:
    name: str
    operator: str
    value: str
    unit: str
    condition: str
    value_to: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One challenge. `canary`: a string of the sealed text that nobody outside its audience may ever meet.

    `answer`: the title of the demo researcher's result that solves it.
    """

    title: str
    main_problem: str
    tech_requirements: str
    expected_goal: str
    keywords: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    budget: str
    sealed: str
    canary: str
    answer: str
    replies: tuple[tuple[str, str, str], ...]  # an answer an indicator: radio value, 能做到的值, 依据
    contract: tuple[str, str]  # 合同成交额, 技术交易额, 万元


TOUGH = Text(
    title="充电枪外壳用尼龙66在-40℃跌落开裂的增韧改性",
    main_problem=(
        "公司为新能源汽车充电枪供应尼龙66（PA66）外壳料，北方客户冬季使用时从1 m高跌落，卡扣和转角处脆断，退货率由0.3%升到1.8%。"
        "加POE类增韧剂到15%能通过跌落，但拉伸强度降到52 MPa，薄壁处充不满。"
    ),
    tech_requirements="现有Φ50双螺杆不改动；增韧剂添加量不高于12%；材料能做橙色。",
    expected_goal="形成低温韧性与强度、流动性兼顾的PA66增韧配方和挤出工艺，完成三批吨级试产。",
    keywords=("尼龙66", "低温韧性", "核壳粒子", "增韧"),
    indicators=(
        Indicator("缺口冲击强度", ">=", "12", "kJ/m²", "-40℃，ISO 179/1eA，干态"),
        Indicator("拉伸强度", ">=", "62", "MPa", "23℃"),
        Indicator("熔体流动速率", ">=", "20", "g/10min", "275℃，2.16 kg"),
    ),
    budget="８０",
    sealed="现用增韧剂为POE-g-MAH，添加15%，配方代号QZ7714。终端客户要求明年3月前换料，年用量约420 t。",
    canary="QZ7714",
    answer="核壳弹性体原位增容的耐寒高韧尼龙66（PA66）制备技术",
    replies=(
        ("met", "14.5 kJ/m²", "ISO 179/1eA，-40℃干态，六批试产的检测记录"),
        ("met", "67 MPa", "第三方检测报告"),
        ("partly", "18 g/10min，调整扩链剂后可到21 g/10min", "调整后低温冲击为12.6 kJ/m²"),
    ),
    contract=("96", "82.5"),
)

FLOW = Text(
    title="0.4 mm薄壁端子座尼龙66注塑短射的流动改性",
    main_problem=(
        "公司给连接器厂供应尼龙66（PA66）端子座用料，壁厚由0.6 mm减到0.4 mm后经常短射，提高料温又降解发黄。"
        "现用料熔体流动速率17 g/10min（275℃，2.16 kg），充填压力接近机器上限，班产合格率只有88%。"
    ),
    tech_requirements="助剂在造粒时直接加入，不析出；阻燃和增强牌号都能用。",
    expected_goal="薄壁件不再短射，力学性能基本不变，能在现有模具上稳定生产。",
    keywords=("尼龙66", "流动改性", "薄壁成型", "支化聚合物"),
    indicators=(
        Indicator("熔体流动速率", ">=", "35", "g/10min", "PA66，275℃，2.16 kg"),
        Indicator("充填压力下降", ">=", "20", "%", "0.4 mm薄壁件"),
        Indicator("拉伸强度下降", "<=", "5", "%", ""),
    ),
    budget="45万",
    sealed="端子座的终端客户代号HB-5526，年降本要求4%，现用进口流动剂每公斤96元。",
    canary="HB-5526",
    answer="支化聚酰胺流动改性剂及薄壁尼龙件成型应用",
    replies=(
        ("met", "38 g/10min", "275℃，2.16 kg，添加2.5%"),
        ("met", "26%", "0.4 mm薄壁端子座注塑记录"),
        ("met", "不超过3%", "GB/T 1040，五批平均"),
    ),
    contract=("58", "52"),
)

WARP = Text(
    title="储能柜长玻纤PP大盖板注塑翘曲的预测与控制",
    main_problem=(
        "储能柜上盖为长玻纤增强PP大平板件，外形880×620 mm、壁厚3 mm，注塑后四角翘曲5 mm以上，装配要靠压条硬拉。"
        "改模三轮，每轮六周，仍靠师傅经验调浇口和模温，模流软件算出的翘曲与实测差一半。"
    ),
    tech_requirements="在现有1,600 t注塑机上实现；分析方法要能交给企业工程师自己用。",
    expected_goal="翘曲能预测，盖板不压条也能装配，改模不超过一轮。",
    keywords=("翘曲预测", "长玻纤", "模流分析", "残余应力"),
    indicators=(
        Indicator("翘曲量", "<=", "2", "mm", "880×620 mm盖板，实测"),
        Indicator("翘曲预测误差", "<=", "15", "%", "长玻纤PP盖板"),
    ),
    budget="30",
    sealed="盖板所用长玻纤PP牌号LX3302，供应商年底涨价8%。",
    canary="LX3302",
    answer="考虑纤维取向与结晶的大型增强塑料件翘曲预测方法",
    replies=(("met", "1.6 mm", "优化后实测"), ("met", "13%", "40%长玻纤PP盖板，预测4.1 mm，实测4.7 mm")),
    contract=("28", "28"),
)

FLAME = Text(
    title="继电器底座用无卤阻燃增强尼龙的析出控制",
    main_problem="继电器底座用无卤阻燃玻纤增强PA66，85℃、85%RH放置两周后表面起白霜，挤出机螺杆腐蚀快，三个月换一次。",
    tech_requirements="不改变次膦酸盐阻燃路线；0.8 mm厚度达到UL 94 V-0。",
    expected_goal="析出明显减轻，螺杆寿命延长到一年。",
    keywords=("无卤阻燃", "尼龙", "析出"),
    indicators=(
        Indicator("漏电起痕指数", ">=", "600", "V", "IEC 60112"),
        Indicator("腐蚀失重", "<=", "1", "mg/cm²", "标准钢片挂片"),
    ),
    budget="50",
    sealed="底座现用阻燃剂为自配母粒，代号TM8843，含磷量11.6%。",
    canary="TM8843",
    answer="次膦酸盐协效体系抑制析出的无卤阻燃增强尼龙",
    replies=(("met", "600 V", "IEC 60112"), ("met", "0.9 mg/cm²", "挂片试验")),
    contract=("40", "36"),
)
