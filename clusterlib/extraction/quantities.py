"""Measured quantities: levels and changes, by the year or by the head; growth; shares and their wholes; rates."""

from __future__ import annotations

import math
import re

from clusterlib.extraction.counts import yearly
from clusterlib.extraction.figure import Figure
from clusterlib.extraction.vocabulary import GROWTH, LAID_DOWN, MEASURES, NOUNS, POINTS, UNITS, Backward, either

_LAST_MEASURE = Backward(MEASURES)
_LAST_NOUN = Backward(NOUNS)
_ONLY = re.compile(r"(?:也|还|仅|只|只有|仅有|已|就|有|达|达到|为|约)*")
_LAST_POINTS = Backward(POINTS)
_LAID_DOWN = re.compile(either(LAID_DOWN))
_LAID_BEHIND = re.compile(r"的[^，。；]{0,8}(?:补贴|补助|奖励|资助|奖金|专项资金)")
#: What may stand between a word of growth and its number.
_BY = (
    r"(?:率|了|为|达到|达|约|仅|幅度|幅|速度|均|分别|也|则|高|将|在|只|是|超过|至少|逾|不足|还|又|再|近|由|从"
    r"|左右|平均|最高|不到|保持|有望|维持)*"
)
_GROWN = re.compile(rf"(?P<word>{either(GROWTH)}){_BY} ?$")
_GROWTH_NOUNS = ("增幅", "增速", "涨幅", "降幅", "跌幅")
_GROWS = re.compile(r"^的?(?:年均|平均)?(?:速度|增速|增幅|增长|涨幅|降幅|跌幅|速率)")
_CHANGE = re.compile(
    rf"(?P<word>增加|减少|净增|下降|降低|增长|上升|回落|提高|多|少|缩减|扩大|增收|减收|增产|减产|上调|下调|涨|跌|降|高出|低于"
    rf"|偏高|偏低|新增){_BY}$"
)
_BASE = re.compile(
    r"比上年|比去年|较上年|较去年|同比|年均|年增|年递增|年复合|比上一年|较上一年|每年|逐年|比前年|上年同期|去年同期|年平均|连年"
    r"|比上年末|逐年"
)
_RATE = re.compile(
    r"(?:利率|税率|利润率|毛利率|净利率|毛利|收益率|负债率|费率|回报率|利息|月息|年息|准备金率|回报|资本金率|关税|杠杆率"
    r"|融资成本|增值税|依存度|投入强度|强度|退税率|出生率|死亡率|LPR)[^，。；]{0,12}$|按[^，。；]{1,12}的$"
)
_RATE_BEHIND = re.compile(r"^的?[^，。；]{0,5}(?:关税|税率|反倾销税|增值税|所得税|利率|利息|毛利)")
_PER_HEAD = re.compile(
    r"(?P<head>人均|户均|亩均|店均|每户|每人|每亩|平均每家|亩产)[^，。；]{0,30}$|每(?P<unit>[\u4e00-\u9fff]{1,4}?)[^，。；\u4e00-\u9fff]?(?:售价|租金|价格|产值|约|仅|为|达)*$"
)
#: Times are no units that money is by.
_SPANS = frozenset(("年", "月", "天", "日"))
_PER = {
    "人均": "person",
    "每人": "person",
    "户均": "household",
    "每户": "household",
    "亩均": "mu",
    "每亩": "mu",
    "店均": "shop",
    "平均每家": "firm",
    "亩产": "mu",
}
_PER_UNIT = {
    "人": "person",
    "户": "household",
    "年": "year",
    "月": "month",
    "天": "day",
    "日": "day",
    "件": "item",
    "套": "set",
    "台": "machine",
}
_SHARE = re.compile(
    r"占(?:到了|到|了|据|比(?![例重])|有)?+(?P<whole>(?![从由])[^，。；：占=+@<>%]{0,26}?)的?(?:比重|比例|份额|比率)?"
    r"(?:约为|达到|分别为|高达|也达|为|达|约|已|仅|也|的|超|近|均)*$"
)
_OF_WHOLE = re.compile(
    r"^的(?P<whole>[^，。；、的=+@<>]{1,12}?)(?=为|是|在|由|用|来自|分布|集中|从事|属于|达到|已|有|没|都|通过|获|建|开|[和与及][0-9]|[，。；、的]|$)"
)
_LEAD = re.compile(r"^[=+@\s-]+|^(?:而且|而|其中|仅|但|则|且|其|并)+")
_NUMERATOR_ENDS = re.compile(r"(?:个数|数量|则|却|也|仅|约|已|都|均|就|只|将|还)+$")
_ABOVE_SCALE = re.compile(r"规模以上|规上")
#: A clause that leaves its subject to the one before it: 到2025年达到.
_NAMELESS = re.compile(
    r"[到至由从在达约为近超过突破增长加提高减少下降的年末底月0-9零〇一二三四五六七八九“”预计将力争取已经也则 ]*$"
)
_NEGATIVE = ("利润", "净利润", "利润总额", "余额", "顺差", "收支")


def measure(figure: Figure, earlier: Figure | None, listed: bool) -> None:
    """Give a measured number its meaning.

    Parameters
    ----------
    figure : Figure
        Money, a physical quantity, or a relative number.
    earlier : Figure or None
        The figure before it in the sentence.
    listed : bool
        Whether only a conjunction stands between the two.
    """
    token = figure.token
    nature = token.unit.nature
    figure.unit = token.unit.unit
    last = _LAST_MEASURE.last(figure.clause[-30:])
    figure.noun = last[0] if last else ""
    if nature in ("percent", "permille", "times"):
        _relative(figure, earlier, earlier if listed else None)
    elif nature == "points":
        _points(figure, earlier if listed else None)
    else:
        _level(figure, earlier, listed)


def _points(figure: Figure, listed: Figure | None) -> None:
    figure.kind = "change"
    word = _LAST_POINTS.last(figure.clause[-24:])
    if word:
        figure.sign = -1 if POINTS[word[0]] == "down" else 1
    elif listed:
        figure.sign = listed.sign
    if figure.token.negative:
        figure.sign = -1
    figure.read(counted=False, floor=0.0)


def _level(figure: Figure, earlier: Figure | None, listed: bool) -> None:
    """Money, area, mass: an amount, or by how much it changed."""
    token, clause = figure.token, figure.clause
    figure.kind = "level"
    if changed := _CHANGE.search(clause):
        figure.kind = "change"
        figure.sign = -1 if GROWTH.get(changed["word"]) == "down" or changed["word"] in ("少", "减收") else 1
    elif earlier and listed and earlier.kind in ("level", "change"):
        figure.kind, figure.sign = earlier.kind, earlier.sign
    if token.negative:
        figure.sign = -1
    exact = token.unit.nature == "money" and _is_laid_down(figure, earlier)
    if not figure.noun and not exact and _NAMELESS.match(clause) and (last := _LAST_MEASURE.last(figure.before)):
        figure.noun = last[0]
    figure.unit += _per(figure, earlier)
    if _ABOVE_SCALE.search(clause):
        figure.group = "above_scale"
    floor = -math.inf if figure.noun in _NEGATIVE or token.unit.unit == "degC" else 0.0
    figure.read(counted=False, floor=floor, exact=exact)


def _is_laid_down(figure: Figure, earlier: Figure | None) -> bool:
    """Whether a rule, a budget or a contract says the sum; a list of them says so once."""
    if _LAID_DOWN.search(figure.clause[-24:]) or _LAID_BEHIND.match(figure.behind):
        return True
    listed = earlier is not None and earlier.reading.rule == "exact" and earlier.token.unit.nature == "money"
    return listed and (not figure.noun or figure.clause.startswith("调整"))


def _per(figure: Figure, earlier: Figure | None) -> str:
    """What a level is divided by: a year, a head, an area, a unit of product."""
    token, clause = figure.token, figure.clause
    if token.per:
        return "/" + (_PER_UNIT.get(token.per) or UNITS[token.per].unit)
    if head := _PER_HEAD.search(clause):
        if head["head"]:
            return "/" + _PER[head["head"]]
        unit = head["unit"]
        if (unit in UNITS or unit in _PER_UNIT) and unit not in _SPANS:
            return "/" + (_PER_UNIT.get(unit) or UNITS[unit].unit)
    since = clause[max(0, len(clause) - token.start + earlier.token.end) :] if earlier else clause
    if "每年" in since and token.unit.nature == "money":
        return "/year"
    if figure.kind == "change":
        return ""
    if earlier and clause.startswith("其中") and earlier.kind == "level" and earlier.token.unit.unit == token.unit.unit:
        return earlier.unit.removeprefix(token.unit.unit)
    nature = MEASURES.get(figure.noun, "stock")
    if nature == "stock":
        return ""
    span = yearly(figure.before)
    if span is not None:
        return "/year" if span else ""
    return "/year" if nature == "size" or figure.status == "target" else ""


def _relative(figure: Figure, earlier: Figure | None, listed: Figure | None) -> None:
    """Percent, permille and times: growth, a share of a whole, a rate, or a multiple."""
    token, clause = figure.token, figure.clause
    grown = _GROWN.search(clause)
    if grown and grown["word"] not in _GROWTH_NOUNS and clause[grown.end("word") :].startswith("为"):
        grown = None  # 差距缩小为1.7倍: what it became
    behind = None if grown else _GROWS.match(figure.behind)
    if grown or behind:
        figure.kind = "growth_rate"
        word = grown["word"] if grown else behind[0] if behind else ""
        figure.sign = -1 if GROWTH.get(word) == "down" or "降" in word or "跌" in word else 1
        if token.unit.nature == "percent" and _BASE.search(clause):
            figure.unit += "/year"
    elif listed and listed.token.unit.nature == token.unit.nature:
        figure.kind, figure.sign, figure.unit = listed.kind, listed.sign, listed.unit
        figure.denominator, figure.group, figure.noun = listed.denominator, listed.group, listed.noun
    elif token.unit.nature == "times":
        figure.kind = "ratio"
    elif _RATE.search(clause) or _RATE_BEHIND.match(figure.behind) or _same_rate(figure, earlier):
        figure.kind = "rate"
    else:
        figure.kind = "share"
        _set_whole(figure, earlier)
    if token.negative:
        figure.sign = -figure.sign
    share = figure.kind == "share" and token.unit.nature == "percent" and token.number.value <= 100
    figure.read(counted=False, floor=0.0, top=100.0 if share else math.inf)


def _same_rate(figure: Figure, earlier: Figure | None) -> bool:
    """Whether the rate of an earlier clause is meant: 利润率高达25%，下游也在20%左右."""
    return (
        earlier is not None
        and earlier.kind == "rate"
        and "占" not in figure.clause
        and not figure.noun
        and not figure.behind.startswith("的")
    )


def _set_whole(figure: Figure, earlier: Figure | None) -> None:
    """The whole of a share, and what the part is."""
    if found := _SHARE.search(figure.clause):
        figure.denominator = found["whole"].strip().removesuffix("的")
        part = _NUMERATOR_ENDS.sub("", _LEAD.sub("", figure.clause[: found.start()]))
        figure.noun = part or (earlier.noun if earlier else "")
    elif (last := _LAST_NOUN.last(figure.clause[-20:])) and _ONLY.fullmatch(figure.clause[-20:][last[1] :]):
        figure.noun, figure.denominator = _LEAD.sub("", figure.clause), last[0]  # 获得贷款的企业不到五分之一
    if not figure.denominator and (of := _OF_WHOLE.match(figure.behind)):
        figure.denominator = of["whole"]
    if _ABOVE_SCALE.search(figure.clause):
        figure.group = "above_scale"
    elif earlier and earlier.kind == "share" and "占" in figure.clause:
        figure.group = earlier.group
