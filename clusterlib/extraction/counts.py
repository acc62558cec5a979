"""Counted things: what is counted, in what unit, and statements that there is none."""

from __future__ import annotations

import re

from clusterlib.extraction.figure import Figure
from clusterlib.extraction.tokens import Token
from clusterlib.extraction.vocabulary import CLASSIFIERS, LOOSE, MEASURES, NOUN_WORDS, NOUNS, Backward, either
from clusterlib.rules import ZERO

_NOUN = re.compile(NOUN_WORDS)
_LAST_NOUN = Backward(NOUNS)
#: What may stand between a noun and its number: 企业达80家.
_TONES = re.compile(
    r"(?:的|数量|总数|数|约|共|总共|有|已有|共有|还|也|仅|只|就|已|已经|达|到|达到|为|分别|则|各|近|超过|拥有|增至|增加到|发展到|不过|才|均|中|里|产量|销量|总量|保有量|存栏|出栏|存量|拥有量|累计|生产|交付|登记|注册|进口|出口|\s)*$"
)
#: A clause that goes on counting what an earlier one named: 其中纺织类近60个, 浙江（228个）, 增加到6家.
_GOES_ON = re.compile(r"^其[中余]|(?:[的有到至为由从（(、和与及达约近仅多少]|超过|分别|增加|减少|新增)$")
#: What ends a noun phrase behind a number.
_PHRASE_ENDS = re.compile(
    r"通过|获|被|实现|完成|进入|进园|参加|参与|开展|建成|投产|位于|达到|占|分布|从事|拥有|在|已|将|是|为|和|与|及|、|，|的|了|等"
    r"|出口|生产|入驻|落户|集聚|聚集|中|上|主导|承担|签约|开工|没有|无|[0-9]"
)
_INTERRUPTED = re.compile(r"[、（）()“”]|分别|其中|占|比")
#: Verbs that make the noun behind them their object: 有3家设立了研发中心.
_VERBS = re.compile(r"设立|通过|获得|获评|建成|实现|完成|开展|参加|成立|引进|了|入选|采用|使用|购买|投资")
_WORDS = re.compile(r"[\u4e00-\u9fff]{1,8}")
_WORDS_BEFORE = re.compile(r"[\u4e00-\u9fff]{1,8}$")
_EACH_YEAR = re.compile(r"每年|年均|年产(?!值)|年(?=开发|引进|加工|生产|出栏|可生产|可产)")
#: Classifiers of goods.
_GOODS = frozenset(
    ("台", "台套", "台（套）", "辆", "件", "支", "套", "部", "只", "枚", "双", "头", "艘", "架", "块", "锭", "箱", "瓶")
)
#: Goods made or traded within a time.
_MADE = re.compile(r"产量|生产|制造|出口|进口|销量|销售|出栏|下线|产出")
_CHANGED = re.compile(
    r"(?P<word>新增|增加|减少|净增|多出|多|少|增|减)(?:了|为|约|近|达|达到|又|企业|注册)*$|新增[^，。；]{0,12}$|净增[^，。；]{0,12}$"
)
_ABOVE_SCALE = re.compile(r"规模以上|规上")
#: From here on a number in Chinese signs is a statistic, whatever it counts.
_MANY = 100
_OWN_KINDS = ("类", "大类", "种", "小类")
_ALONE = ("还没有", "尚没有", "尚无", "没有一家", "没有一个", "尚无一家", "还无一家", "尚无一个")
_THEN = ("突破", "出现", "产生", "诞生", "上榜", "入选")


def count(figure: Figure, counted: list[Figure]) -> bool:
    """Give a count its unit and noun; False where it is no statistic.

    Parameters
    ----------
    figure : Figure
        A number of things.
    counted : list of Figure
        Counts before it, the last one last: a list need not name its noun again.
    """
    token = figure.token
    figure.kind = "count"
    earlier = counted[-1] if counted and counted[-1].sentence == figure.sentence else None
    if token.form == "zero":
        return _absent(figure, earlier)
    noun, inherited = _noun(figure, earlier)
    figure.noun = noun
    known = NOUNS.get(head(noun), "")
    own = CLASSIFIERS.get(token.word, "")
    if token.word == "大" and not known:
        return False
    if token.word in _OWN_KINDS or (own and not (token.word in ("户", "对", "单") and known)):
        figure.unit = own
    else:
        figure.unit = known or own or "item"
    if token.chinese and token.word in LOOSE and figure.unit == "item" and _is_small(token):
        return False  # 三个转变: most likely the parts of an argument
    if inherited and earlier:
        figure.unit, figure.noun = earlier.unit.removesuffix("/year"), earlier.noun
    if _EACH_YEAR.search(figure.clause) or _made_in_a_year(figure, earlier):
        figure.unit += "/year"
    if changed := _CHANGED.search(figure.clause):
        figure.kind = "change"
        figure.sign = -1 if changed["word"] in ("减少", "少", "减") else 1
    if _ABOVE_SCALE.search(figure.clause[-12:]) or _ABOVE_SCALE.match(figure.behind):
        figure.group = "above_scale"
    return figure.read(counted=True, floor=0.0)


def _is_small(token: Token) -> bool:
    return not (token.large or token.more or token.number.value >= _MANY)


def counts_the_noun(figure: Figure) -> bool:
    """Whether a number without a unit counts the noun before it rather than money: 户籍人口4.2万, 用户超过3亿."""
    clause = figure.clause[-16:]
    last = _LAST_NOUN.last(clause)
    return last is not None and len(last[0]) > 1 and _TONES.match(clause[last[1] :]) is not None


def head(noun: str) -> str:
    """The noun of the table that a longer noun ends with.

    >>> head("三大经济圈"), head("特色产业集群"), head("变量")
    ('经济圈', '产业集群', '变量')
    """
    for at in range(len(noun)):
        if noun[at:] in NOUNS:
            return noun[at:]
    return noun


def _noun(figure: Figure, earlier: Figure | None) -> tuple[str, bool]:
    """The noun that is counted, and whether it is the one of an earlier count of the sentence."""
    token = figure.token
    if token.noun:
        return token.noun, False
    if behind := _phrase(figure.behind[:24]):
        return behind, False
    clause = figure.clause[-24:]
    last = _LAST_NOUN.last(clause)
    if last and _of_the_place(clause, *last):
        clause, last = clause[last[1] :], None
    between = clause[last[1] :] if last else clause
    if last and _TONES.match(between):
        return last[0], False
    goes_on = not figure.clause or _GOES_ON.search(figure.clause) is not None
    nothing_behind = not _WORDS.match(figure.behind)
    if earlier and earlier.token.word.endswith(token.word) and nothing_behind and goes_on:
        return earlier.noun, True
    if last and goes_on:
        return last[0], False
    if token.word == "家" and goes_on and nothing_behind and (last := _LAST_NOUN.last(figure.before)):
        return last[0], False
    words = _WORDS.match(figure.behind)
    if words:
        return words[0], False
    before = _WORDS_BEFORE.search(between)  # an unknown noun: 年产圆珠笔400亿支
    return (before[0], False) if before else ("", False)


def _of_the_place(clause: str, noun: str, end: int) -> bool:
    """Whether a noun only says where: 全镇, 该县, 国家级."""
    if clause[end : end + 1] == "级":
        return True
    return len(noun) == 1 and clause[: end - 1].endswith(("全", "该", "本", "我", "各", "外", "省", "地"))


def _phrase(behind: str) -> str:
    """Head of the noun phrase that follows a number, or ""."""
    first = _NOUN.search(behind)
    if not first:
        return ""
    gap = behind[: first.start()]
    if gap and (_INTERRUPTED.search(gap) or _VERBS.search(gap.rpartition("的")[2])):
        return ""
    noun, end = first[0], first.end()
    while (after := _NOUN.search(behind, end)) and after.start() - end <= 4:
        if _PHRASE_ENDS.search(behind[end : after.start()]):
            break
        noun, end = after[0], after.end()
    return noun


def _made_in_a_year(figure: Figure, earlier: Figure | None) -> bool:
    if figure.token.word not in _GOODS:
        return False
    if earlier and figure.clause.startswith("其中") and earlier.unit == f"{figure.unit}/year":
        return True
    return bool(_MADE.search(figure.clause)) and yearly(figure.before) is True


def _absent(figure: Figure, earlier: Figure | None) -> bool:
    """Whether the words say that a countable thing does not exist: 国际知名品牌还没有, 尚无上市公司."""
    word, behind = figure.token.word, figure.behind
    figure.reading = ZERO
    clause = figure.clause[-12:]
    last = _LAST_NOUN.last(clause)
    if word in _ALONE and (not behind or behind.startswith(_THEN)):
        if last and last[1] >= len(clause) - 1:
            figure.noun = last[0]
        elif earlier and (word != "还没有" or clause.endswith(("的", "以上"))):
            figure.noun = earlier.noun
        figure.unit = NOUNS.get(head(figure.noun), earlier.unit if earlier else "")
        return bool(figure.unit)
    if word[-2:] in ("空白", "为零", "是零"):
        if last and last[1] == len(clause):
            figure.noun, figure.unit = last[0], NOUNS[last[0]]
            return True
        return False
    right = _NOUN.search(behind[:14])
    if right and not _PHRASE_ENDS.search(behind[: right.start()].replace("的", "")):
        figure.noun = _phrase(behind[:20]) or right[0]
        figure.unit = NOUNS.get(figure.noun, "item")
        return True
    return False


#: The words of a year, or of a shorter time.
_YEARLY = re.compile(
    r"(?P<yearly>全年|每年|年均|年产|年度|(?:[0-9〇一二三四五六七八九零]{2,4}|去|今|当|上|本|同)年(?![初末底来代前后间以中内])"
    rf"|年(?=自营|主营|加工|实现|完成|上缴|缴|处理|创|可|综合|平均|总|工业|{either(MEASURES)}))"
    r"|(?P<shorter>[0-9一二三四五六七八九十]月(?!底|末)|季度|上半年|下半年|半年|月均|每月|每天|日均|日产|当月|首月|每日)"
)


def yearly(before: str) -> bool | None:
    """Whether what stands before says a year or a shorter time; None where it says neither.

    >>> yearly("2023年完成产值"), yearly("2023年1-9月完成产值"), yearly("目前产值")
    (True, False, None)
    """
    found = None
    for found in _YEARLY.finditer(before):  # noqa: B007
        pass
    return None if found is None else found["yearly"] is not None
