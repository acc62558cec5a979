"""A writer of printed figures, independent of the reader: it knows what a number, a unit and a qualifier mean together.

The vocabulary is the one of `clusterlib/extraction/words`; the arithmetic is its own, in fractions.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from random import Random

import clusterlib

WORDS = Path(clusterlib.__file__).parent / "extraction" / "words"
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
SCALES = {"": 0, "十": 1, "百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "百亿": 10, "千亿": 11, "万亿": 12}
#: Sign for sign, what the words look like in traditional print.
TRADITIONAL = str.maketrans(
    "万亿两余几数约过达将个条种类项辆间张处场业厂产镇乡县区园专医学国营销额总资规标长币亩顷吨时点没无仅只双对员职农机"
    "构设备线级强门从与内栋岁电视车飞团锭单满于计还这为笔纱节欧卢镑韩亚开颗盏台协书仓会体务劳师库户录货实网码费连银铺"
    "际馆驰验龙气动块头钱准载图桥桩猪粮织经订论议调贫岗范权济变卖东边闹较缓绵绝断热",
    "萬億兩餘幾數約過達將個條種類項輛間張處場業廠產鎮鄉縣區園專醫學國營銷額總資規標長幣畝頃噸時點沒無僅隻雙對員職農機"
    "構設備線級強門從與內棟歲電視車飛團錠單滿於計還這為筆紗節歐盧鎊韓亞開顆盞臺協書倉會體務勞師庫戶錄貨實網碼費連銀鋪"
    "際館馳驗龍氣動塊頭錢準載圖橋樁豬糧織經訂論議調貧崗範權濟變賣東邊鬧較緩綿絕斷熱",
)
FORMAL = str.maketrans("一二三四五六七八九十百千", "壹貳參肆伍陸柒捌玖拾佰仟")


def table(name: str) -> list[dict[str, str]]:
    with (WORDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


BEFORE = {row["word"]: row["rule"] for row in table("qualifiers") if row["place"] == "before"}
AFTER = {row["word"]: row["rule"] for row in table("qualifiers") if row["place"] == "after"}
#: Qualifiers with a verb inside: they follow their subject, not another verb.
VERBAL = {word for word in BEFORE if set(word) & set("有占达突破满及到没未亚")} | {"约为"}


@dataclass(frozen=True)
class Thing:
    """What is counted or measured: the word behind the number, and the noun behind that."""

    word: str
    unit: str
    factor: int
    nature: str
    noun: str = ""


@dataclass(frozen=True)
class Number:
    """Digits as printed, a scale behind them, and what they are worth."""

    text: str
    whole: Fraction
    place: Fraction = Fraction(1)  # of the last printed digit
    scale: str = ""
    chinese: bool = False

    @property
    def times(self) -> int:
        return int(10 ** SCALES[self.scale.strip()])

    @property
    def round_to(self) -> Fraction:
        """Place of the last digit that is no zero."""
        place = self.place
        while self.whole % (place * 10) == 0:
            place *= 10
        return place


@dataclass(frozen=True)
class Phrase:
    """A printed figure and what has to be read in it."""

    printed: str
    value: float
    low: float | None
    high: float | None
    unit: str
    rule: str
    noun: str = ""
    nature: str = "count"
    verbal: bool = False
    noun_first: bool = False


# -- numerals ---------------------------------------------------------------------------------------------------------


def spell(number: int, *, two: str = "两") -> str:
    """Chinese numeral below ten thousand: 两 before 百 and 千 and alone, 二 elsewhere."""
    if number == 2:
        return two
    signs, gap = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            sign = two if digit == 2 and place >= 100 and not signs else "零一二三四五六七八九"[digit]
            signs += ("零" if gap else "") + sign + unit
        gap = bool(signs) and not digit
    return signs.removeprefix("一") if 10 <= number < 20 else signs


def _digits(random: Random, most: int = 999) -> int:
    number = random.choice((random.randint(2, 9), random.randint(10, 99), random.randint(100, max(most, 101))))
    return min(number, most)


def _mixed(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    return text[:at] + text[at].translate(FULL_WIDTH) + text[at + 1 :]


def plain(random: Random, thing: Thing) -> Number:
    number = _digits(random, 99 if thing.nature in RELATIVE else 999)
    return Number(str(number), Fraction(number))


def full(random: Random, thing: Thing) -> Number:
    number = plain(random, thing)
    return replace(number, text=number.text.translate(FULL_WIDTH))


def mixed(random: Random, thing: Thing) -> Number:
    number = plain(random, thing)
    return replace(number, text=_mixed(random, number.text))


def thousands(random: Random, thing: Thing) -> Number:
    number = random.randint(3000, 9_999_999)
    return Number(f"{number:,}", Fraction(number))


def full_thousands(random: Random, thing: Thing) -> Number:
    number = thousands(random, thing)
    return replace(number, text=number.text.translate(FULL_WIDTH).replace(",", random.choice(",，")))


def decimal(random: Random, thing: Thing) -> Number:
    places = random.randint(1, 3)
    number = random.randint(10**places + 1, 99 * 10**places)
    return Number(f"{number / 10**places:.{places}f}", Fraction(number, 10**places), Fraction(1, 10**places))


def full_decimal(random: Random, thing: Thing) -> Number:
    number = decimal(random, thing)
    return replace(number, text=number.text.translate(FULL_WIDTH))


def thousands_decimal(random: Random, thing: Thing) -> Number:
    number = random.randint(10_001, 99_999)
    return Number(f"{number / 10:,.1f}", Fraction(number, 10), Fraction(1, 10))


def spaced(random: Random, thing: Thing) -> Number:
    """Digits that a scan has driven apart."""
    if thing.nature != "count" and random.random() < 0.5:
        number = decimal(random, thing)
    else:
        tens = random.randint(10, 99)
        number = Number(str(tens), Fraction(tens))
    return replace(number, text=" ".join(number.text))


def spelled(random: Random, thing: Thing) -> Number:
    most = 99 if thing.nature in RELATIVE else 9999
    number = random.choice((random.randint(2, 20), random.randint(11, 99), random.randint(101, max(most, 101))))
    if thing.word in EVERYDAY or thing.unit == "item":  # 三支队伍 may as well be the parts of a plan
        number = random.randint(101, 999)
    number = min(number, most)
    return Number(spell(number), Fraction(number), chinese=True)


def formal(random: Random, thing: Thing) -> Number:
    number = spelled(random, thing)
    return replace(number, text=number.text.replace("两", "二").translate(FORMAL))


def spelled_decimal(random: Random, thing: Thing) -> Number:
    whole, tail = random.randint(1, 99), random.randint(1, 9)
    text = f"{spell(whole, two='二')}点{'零一二三四五六七八九'[tail]}"
    return Number(text, whole + Fraction(tail, 10), Fraction(1, 10), chinese=True)


def scaled(scale: str) -> Callable[[Random, Thing], Number]:
    def write(random: Random, thing: Thing) -> Number:
        number = random.choice((plain, full) if len(scale) == 2 else (plain, full, decimal, full_decimal))(
            random, thing
        )
        return replace(number, scale=scale)

    return write


def spelled_scaled(random: Random, thing: Thing) -> Number:
    number = random.choice((spelled, spelled_decimal))(random, thing)
    return replace(number, scale=random.choice("万亿"))


def formal_scaled(random: Random, thing: Thing) -> Number:
    return replace(formal(random, thing), scale=random.choice("万亿"))


def blank_before_scale(random: Random, thing: Thing) -> Number:
    return replace(decimal(random, thing), scale=random.choice((" 万", " 亿")))


def two_breaths(random: Random, thing: Thing) -> Number:
    """1亿2000万, 三亿五千万."""
    high, low = random.randint(1, 9), random.randint(1001, 9999)
    number = Fraction(high * 10_000 + low)
    if random.random() < 0.5:
        return Number(f"{high}亿{low}万", number * 10_000, Fraction(10_000), chinese=True)
    low += not low % 10  # whether 五千万 is round to a 千万 or to a 万 is a matter of taste
    number = Fraction(high * 10_000 + low)
    return Number(f"{spell(high)}亿{spell(low)}万", number * 10_000, Fraction(10_000), chinese=True)


#: Notation -> how to write a number in it.
NOTATIONS = {
    "plain": plain, "full": full, "mixed": mixed, "thousands": thousands, "full_thousands": full_thousands,
    "decimal": decimal, "full_decimal": full_decimal, "thousands_decimal": thousands_decimal, "spaced": spaced,
    "spelled": spelled, "formal": formal, "spelled_decimal": spelled_decimal, "万": scaled("万"), "亿": scaled("亿"),
    "万亿": scaled("万亿"), "百万": scaled("百万"), "千万": scaled("千万"), "百亿": scaled("百亿"),
    "千亿": scaled("千亿"), "spelled_scaled": spelled_scaled, "formal_scaled": formal_scaled,
    "blank_before_scale": blank_before_scale, "two_breaths": two_breaths,
}  # fmt: skip
#: Measured relative to something else, or small by nature: never in 万, never in thousands.
RELATIVE = ("percent", "points", "permille", "times")
SMALL = ("℃", "摄氏度", "岁", "天")
#: Everyday words behind a short Chinese numeral: 三方 and 一度 are no amounts.
EVERYDAY = ("度", "方", "天", "升", "克", "米", "块钱")
_DECIMAL = ("decimal", "full_decimal", "thousands_decimal", "spelled_decimal")
_SMALL = ("plain", "full", "mixed", "decimal", "full_decimal", "spaced", "spelled", "spelled_decimal", "formal")
_SPELLED = ("spelled", "formal", "spelled_decimal")


def allowed(notation: str, thing: Thing) -> bool:
    """Whether anyone would print the thing in this notation."""
    if thing.word in SMALL or thing.nature in RELATIVE:
        if notation not in _SMALL:
            return False
        return thing.word not in ("%", "‰", "℃", "百分点", "天") or notation not in _SPELLED  # 百分之三, not 三%
    if thing.nature == "count" and notation in _DECIMAL:
        return False
    # 三千瓦 and 千千米 can be read in two ways.
    return not (thing.word[0] in "瓦克米" and notation in _SPELLED)


# -- meaning ----------------------------------------------------------------------------------------------------------


def ends(rule: str, value: Fraction, thing: Thing) -> tuple[Fraction | None, Fraction | None]:
    """What a qualifier leaves open."""
    if rule == "about":
        return None, None
    if rule in ("at_least", "above"):
        return value, Fraction(100) if thing.nature == "percent" else None
    return (None if thing.unit == "degC" else Fraction(0)), value


def _phrase(
    printed: str, value: Fraction, low: Fraction | None, high: Fraction | None, rule: str, thing: Thing
) -> Phrase:
    factor = thing.factor
    return Phrase(
        printed, float(value * factor), None if low is None else float(low * factor),
        None if high is None else float(high * factor), thing.unit, rule, thing.noun, thing.nature,
    )  # fmt: skip


def qualified(number: Number, thing: Thing, before: str = "", after: str = "", done: str = "") -> Phrase:
    """A number with at most one qualifier: 近50万元, 20家以上, 超过了3公顷."""
    value = number.whole * number.times
    step = number.place * number.times
    printed = before + done + number.text + number.scale + thing.word + after
    large = set(number.text + number.scale) & set("万亿")
    if before or after:
        rule = BEFORE[before] if before else AFTER[after]
        low, high = ends(rule, value, thing)
    elif thing.nature == "count" and not large and number.place == 1:
        rule, low, high = "exact", value, value
    else:
        rule, low, high = "rounded", value - step / 2, value + step / 2
        if thing.nature == "percent":
            high = min(high, Fraction(100))
    phrase = _phrase(printed, value, low, high, rule, thing)
    return replace(phrase, verbal=before in VERBAL or bool(done), noun_first=bool(after))


def _open(number: Number, step: Fraction, thing: Thing, printed: str) -> Phrase:
    """多: more than the number, less than a step more."""
    value, top = number.whole * number.times, (number.whole + step) * number.times
    if thing.nature == "count":
        value, top = value, top - 1
        return _phrase(printed, value, value + 1, top, "more_than", thing)
    return _phrase(printed, value, value, top, "more_than", thing)


def small(thing: Thing) -> bool:
    return thing.word in SMALL or thing.nature in RELATIVE


def more_inside(random: Random, thing: Thing) -> Phrase:
    """20多家, 6000余亩, 30多万吨: the place of the last digit that is no zero stays open."""
    tens = random.randint(1, 9) * 10 if small(thing) else random.choice((10, 20, 120, 250, 300, 1200, 6000))
    text = random.choice((str(tens), str(tens).translate(FULL_WIDTH)))
    number = Number(text, Fraction(tens), scale="" if small(thing) else random.choice(("", "", "万", "亿")))
    return _open(number, number.round_to, thing, number.text + random.choice("多余") + number.scale + thing.word)


def more_spelled(random: Random, thing: Thing) -> Phrase:
    """十多家, 三十余万吨, 百余家, 两千多人."""
    tens = random.choice((10, 20, 90) if small(thing) else (10, 20, 90, 120, 300, 1000, 2000))
    text = "千" if tens == 1000 else spell(tens)
    number = Number(text, Fraction(tens), scale="" if small(thing) else random.choice(("", "万")))
    return _open(number, number.round_to, thing, number.text + random.choice("多余") + number.scale + thing.word)


def more_behind(random: Random, thing: Thing) -> Phrase:
    """1万多家, 3.5万多亩, 十万余人: what follows the last digit stays open."""
    number = random.choice((plain, full, decimal, spelled))(random, thing)
    number = replace(number, scale=random.choice("万亿"))
    return _open(number, number.place, thing, number.text + number.scale + random.choice("多余") + thing.word)


def more_after(random: Random, thing: Thing) -> Phrase:
    """5公里多: between five and six."""
    number = Number(str(digit := random.randint(2, 19)), Fraction(digit))
    return _open(number, Fraction(1), thing, number.text + thing.word + "多")


def teens_several(random: Random, thing: Thing) -> Phrase:
    """十几家, 二十几家, 20几家."""
    tens = random.choice((10, 20, 30, 50))
    text = random.choice((spell(tens), str(tens)))
    low, high = Fraction(tens + 1), Fraction(tens + 9 if thing.nature == "count" else tens + 10)
    return _phrase(text + "几" + thing.word, Fraction(tens), low, high, "several", thing)


def several(random: Random, thing: Thing) -> Phrase:
    """几十家, 数百亩, 几万人, 数十亿元: from two to nine of it."""
    unit = random.choice(("十",) if small(thing) else ("十", "百", "千", "万", "十万", "百万", "千万", "亿", "十亿"))
    times = Fraction(10 ** (SCALES | {"十万": 5, "十亿": 9})[unit])
    top = 10 * times - (1 if thing.nature == "count" else 0)
    return _phrase(random.choice("几数") + unit + thing.word, 2 * times, 2 * times, top, "several", thing)


def round_alone(random: Random, thing: Thing) -> Phrase:
    """上百家, 近千亩, 超亿元, 过百万吨: a scale without a number."""
    unit = random.choice(("百", "千", "万", "百万", "千万", "亿", "百亿", "千亿", "万亿"))
    before = random.choice(("上", "上", "近", "超", "过", "逾", "超过", "突破", "不足", "约"))
    low, high = ends(BEFORE[before], value := Fraction(10 ** SCALES[unit]), thing)
    phrase = _phrase(before + unit + thing.word, value, low, high, BEFORE[before], thing)
    return replace(phrase, verbal=before in VERBAL)


def neighbours(random: Random, thing: Thing) -> Phrase:
    """三四家, 两三百亩, 十七八吨, 五六万人."""
    first = random.randint(1, 8)
    signs = ("两" if first == 2 else "一二三四五六七八"[first - 1]) + "二三四五六七八九"[first - 1]
    low, high = Fraction(first), Fraction(first + 1)
    form = random.choice(("", "十") if small(thing) else ("", "十", "before", "百", "千", "万", "亿", "十万"))
    if form == "before":
        return _phrase("十" + signs.replace("两", "二") + thing.word, 10 + low, 10 + low, 10 + high, "range", thing)
    times = 10 ** (SCALES | {"十万": 5})[form]
    if form.startswith("十"):
        signs = signs.replace("两", "二")
    return _phrase(signs + form + thing.word, low * times, low * times, high * times, "range", thing)


JOINTS = ("-", "—", "——", "–", "～", "~", "－", "至", "到")


def span(random: Random, thing: Thing, joint: str = "") -> Phrase:
    """20-50亿元, 3%—5%, 三至五家, 2万～3万人, 20亿元至50亿元."""
    joint = joint or random.choice(JOINTS)
    low = random.randint(2, 40)
    high = low + random.randint(1, 50)
    scale = "" if small(thing) else random.choice(("", "", "万", "亿"))
    times = 10 ** SCALES[scale]
    form = random.choice(("digits", "full", "both", "words", "decimals"))
    first, last, divide = str(low), str(high), 1
    if form == "full":
        first, last = first.translate(FULL_WIDTH), last.translate(FULL_WIDTH)
    elif (
        form == "words"
        and thing.unit != "item"
        and thing.word not in ("%", "‰", "℃", "百分点", *EVERYDAY)
        and thing.word[0] not in "瓦克米"
    ):
        joint = random.choice("至到")
        first, last = spell(low), spell(high)
    elif form == "decimals" and (thing.nature != "count" or scale):
        first, last, divide = f"{low / 10:.1f}", f"{high / 10:.1f}", 10
    own = scale + thing.word if form == "both" else scale if form == "full" and scale else ""
    ends_at = [Fraction(each * times, divide) for each in (low, high)]
    return _phrase(first + own + joint + last + scale + thing.word, ends_at[0], *ends_at, "range", thing)


PERCENT = Thing("%", "percent", 1, "percent")


def tenths(random: Random, thing: Thing = PERCENT) -> Phrase:
    """七成, 近五成, 三成多, 七八成, 6成以上, 2.5成."""
    digit = random.randint(2, 8)
    value = Fraction(10 * digit)
    text = random.choice(("两" if digit == 2 else "一二三四五六七八"[digit - 1], str(digit)))
    form = random.choice(("", "more", "both", "before", "after", "decimal"))
    if form == "more":
        return _phrase(text + "成多", value, value, value + 10, "more_than", thing)
    if form == "both":
        signs = ("两" if digit == 2 else "一二三四五六七八"[digit - 1]) + "二三四五六七八九"[digit - 1]
        return _phrase(signs + "成", value, value, value + 10, "range", thing)
    if form == "decimal":
        return _phrase(f"{digit}.5成", value + 5, value + Fraction(9, 2), value + Fraction(11, 2), "rounded", thing)
    if form:
        word = random.choice(sorted(BEFORE if form == "before" else AFTER))
        if word == "上":
            word = "近"
        rule = BEFORE.get(word) or AFTER[word]
        low, high = ends(rule, value, thing)
        printed = word + text + "成" if form == "before" else text + "成" + word
        return replace(_phrase(printed, value, low, high, rule, thing), verbal=word in VERBAL, noun_first=True)
    return _phrase(text + "成", value, value - 5, value + 5, "rounded", thing)


def hundredths(random: Random, thing: Thing = PERCENT) -> Phrase:
    """百分之二十五, 百分之十二点五, 百分之二十多, 近百分之三十, 百分之30, 千分之三."""
    thousand = random.random() < 0.2
    thing = Thing("", "permille", 1, "permille") if thousand else thing
    number = random.choice((spelled, spelled_decimal, plain))(random, PERCENT)
    head = "千分之" if thousand else "百分之"
    form = random.choice(("", "", "before", "after", "more"))
    if form == "more" and not thousand:
        tens = random.randint(2, 9) * 10
        return _phrase(
            head + spell(tens) + random.choice("多余"),
            Fraction(tens),
            Fraction(tens),
            Fraction(tens + 10),
            "more_than",
            thing,
        )
    if form in ("before", "after"):
        word = random.choice(sorted(set(BEFORE) - {"上"} if form == "before" else AFTER))
        rule = BEFORE.get(word) or AFTER[word]
        low, high = ends(rule, number.whole, thing)
        printed = word + head + number.text if form == "before" else head + number.text + word
        return replace(_phrase(printed, number.whole, low, high, rule, thing), verbal=word in VERBAL)
    half = number.place / 2
    return _phrase(head + number.text, number.whole, number.whole - half, number.whole + half, "rounded", thing)


def fractions(random: Random, thing: Thing = PERCENT) -> Phrase:
    """1/4, ３/４, 三分之一, 五分之二以上, 近三分之二, 三分之一强."""
    whole = random.randint(3, 10)
    part = random.randint(1, whole - 1)
    value = Fraction(100 * part, whole)
    digits = f"{part}/{whole}"
    text = random.choice((digits, digits.translate(FULL_WIDTH), f"{spell(whole)}分之{spell(part, two='二')}"))
    form = random.choice(("", "before", "after", "strong", "weak", "more"))
    if form in ("before", "after"):
        word = random.choice(sorted(set(BEFORE) - {"上"} if form == "before" else AFTER))
        rule = BEFORE.get(word) or AFTER[word]
        low, high = ends(rule, value, thing)
        printed = word + text if form == "before" else text + word
        return replace(_phrase(printed, value, low, high, rule, thing), verbal=word in VERBAL)
    if form == "weak":
        return _phrase(text + "弱", value, Fraction(0), value, "fraction", thing)
    if form:
        return _phrase(text + ("强" if form == "strong" else "多"), value, value, Fraction(100), "fraction", thing)
    return _phrase(text, value, value, value, "fraction", thing)


def halves(random: Random, thing: Thing = PERCENT) -> Phrase:
    """一半, 一半多, 过半, 半数以上, 近一半, 约半数, 一半左右."""
    half = Fraction(50)
    printed = random.choice(
        ("一半", "半数", "一半多", "过半", "过半数", "超过一半", "超过半数", "半数以上", "一半以上", "逾半数", "近一半",
         "近半数", "近半", "不足一半", "不到半数", "约一半", "大约半数", "一半左右")
    )  # fmt: skip
    if printed in ("一半", "半数"):
        return _phrase(printed, half, half, half, "fraction", thing)
    if printed[0] in "近不":
        return _phrase(printed, half, Fraction(0), half, "below", thing)
    if printed[0] in "约大" or printed.endswith("左右"):
        return _phrase(printed, half, None, None, "about", thing)
    return _phrase(printed, half, half, Fraction(100), "half_and_more", thing)


#: Form -> how to write it, for the things that `fits` lets through.
FORMS = {
    "more_inside": more_inside, "more_spelled": more_spelled, "more_behind": more_behind, "more_after": more_after,
    "teens_several": teens_several, "several": several, "round_alone": round_alone, "neighbours": neighbours,
    "span": span,
}  # fmt: skip
SHARES = {"tenths": tenths, "hundredths": hundredths, "fractions": fractions, "halves": halves}


def fits(form: str, thing: Thing) -> bool:
    """Whether the form makes sense with the thing."""
    if form in ("more_behind", "round_alone") and small(thing):
        return False
    if form == "more_after":
        return thing.nature == "measure" and not small(thing) and not thing.word[-1].isascii() and "/" not in thing.word
    if form == "teens_several" and thing.nature != "count":
        return False  # whether 十几亿元 starts at ten or at eleven is a matter of taste
    if thing.nature in ("points", "times") and form in ("more_inside", "more_spelled", "several"):
        return False
    if form in ("more_spelled", "several", "round_alone", "neighbours"):
        if thing.word in EVERYDAY or (thing.unit == "item" and form == "neighbours"):
            return False
        return thing.word not in ("%", "‰", "℃", "百分点") and thing.word[0] not in "瓦克米千"
    return True


# -- things -----------------------------------------------------------------------------------------------------------

#: Classifier, noun and what they count, where the classifier asks for a noun of its own.
_CLASSIFIED = """
家 企业 firm|家 超市 shop|个 市场 market|户 农户 household|户 个体工商户 self_employed|条 生产线 production_line
种 产品 kind|类 商品 kind|大类 产品 category|小类 产品 category|件 商标 brand|项 专利 patent|台 机床 machine
台套 设备 machine|台（套） 设备 machine|套 设备 machine|所 学校 school|座 仓库 warehouse|名 职工 person|位 专家 person
人 - person|人次 - person_visit|户次 - household|辆 汽车 vehicle|艘 船舶 ship|架 飞机 aircraft|株 果树 plant
棵 果树 plant|头 生猪 animal|只 山羊 item|羽 肉鸡 animal|本 图书 item|篇 论文 paper|部 手机 phone|份 合同 contract
支 球队 item|块 地砖 item|张 床位 bed|处 码头 berth|片 园区 park|栋 厂房 building|幢 楼宇 building|间 商铺 shop
门 课程 item|场 展会 exhibition|口 水井 item|眼 机井 item|枚 印章 item|宗 土地 item|笔 订单 order|双 皮鞋 pair
副 眼镜 item|对 夫妻 pair|把 剪刀 item|批次 货物 batch|单 - order|班 客车 item|列 火车 item|节 电池 item|锭 - spindle
纱锭 - spindle|床 棉被 bed|票 货物 item|箱 苹果 item|瓶 果汁 item|袋 化肥 item|桶 油漆 item|盏 路灯 item|颗 纽扣 item
尾 鱼苗 item|匹 布料 item|艇 - item|村 - village|镇 - town
"""
_CLASSIFIER_OF = {
    "firm": "家", "shop": "家", "person": "名", "self_employed": "户", "patent": "项", "school": "所", "hospital": "所",
    "vehicle": "辆", "production_line": "条", "aircraft": "架", "ship": "艘", "phone": "部", "machine": "台",
    "paper": "篇", "bed": "张", "animal": "头", "project": "项", "street": "条", "road": "条", "route": "条",
    "television": "台", "refrigerator": "台", "computer": "台", "air_conditioner": "台", "robot": "台", "bridge": "座",
    "award": "项",
}  # fmt: skip
#: They count themselves (5户, 300人次), or stand in a compound only.
_NO_NOUN = {"人", "户", "人次", "件次", "套", "企", "人口"}
_GREAT = ("基地", "市场", "经济圈", "产业集群", "园区", "商会")


def classified() -> list[Thing]:
    """Every classifier with a noun that takes it."""
    listed = [entry.split() for line in _CLASSIFIED.split("\n") for entry in line.split("|") if entry]
    return [Thing(word, unit, 1, "count", "" if noun == "-" else noun) for word, noun, unit in listed]


def nouns() -> list[Thing]:
    """Every noun behind its classifier."""
    words = {row["word"]: row["unit"] for row in table("nouns") if row["word"] not in _NO_NOUN}
    return [Thing(_CLASSIFIER_OF.get(unit, "个"), unit, 1, "count", noun) for noun, unit in words.items()]


def measured() -> list[Thing]:
    """Every unit of the table."""
    return [Thing(row["word"], row["unit"], int(row["factor"]), row["nature"]) for row in table("units")]


def things() -> list[Thing]:
    return measured() + classified() + nouns()


def bare(random: Random, thing: Thing) -> Phrase:
    """A number directly on its noun: 500企业, 12园区; the noun is part of the figure."""
    number = plain(random, thing)
    return qualified(number, replace(thing, word=thing.noun, noun=""))


def great(random: Random) -> Phrase:
    """三大经济圈, 两大基地."""
    noun = random.choice(_GREAT)
    unit = {row["word"]: row["unit"] for row in table("nouns")}[noun]
    number = random.randint(2, 9)
    text = random.choice((spell(number), str(number)))
    return qualified(Number(text, Fraction(number)), Thing("大" + noun, unit, 1, "count"))


# -- sentences --------------------------------------------------------------------------------------------------------

_FILLER = "沿河而建的厂房绵延不断，门前的河水缓缓东流，"
#: What stands before, what stands behind, and the other figure of the sentence.
_EVERYWHERE = [("", "。", ""), ("上文说过。\n", "\n", ""), ("　　", "；", ""), ("目前", "", "")]
_COUNTED = [
    *_EVERYWHERE, ("全镇有", "。", ""), ("这里集聚了", "，另有其他。", ""), ("目前城东有", "，城西另计。", ""),
    ("共有", "", ""), ("区内（", "）相邻。", ""), ("东边是闹市,西边有", ";北面是山。", ""),
    ("甲区占地12公顷，乙区有", "。", "12公顷"), (f"{_FILLER * 20}岸边有", f"，{_FILLER * 20}", ""),
]  # fmt: skip
_LEVELS = [
    *_EVERYWHERE, ("库存为", "。", ""), ("库存达", "，其余不计。", ""), ("仓中有", "；", ""), ("库存:", ";", ""),
    ("余料（", "）已入库。", ""), ("甲库占地12公顷，乙库存有", "。", "12公顷"),
    (f"{_FILLER * 20}库存为", f"，{_FILLER * 20}", ""),
]  # fmt: skip
_SHARED = [
    *_EVERYWHERE, ("内销占", "。", ""), ("覆盖率为", "，", ""), ("合格率达", "；", ""), ("内销（占", "）较少。", ""),
    ("其中内销占", "", ""), ("内销占", ";", ""), ("甲区占地12公顷，绿地占", "。", "12公顷"),
    (f"{_FILLER * 20}覆盖率为", f"，{_FILLER * 20}", ""),
]  # fmt: skip
_CARRIERS = {
    "count": _COUNTED, "money": _LEVELS, "measure": _LEVELS, "percent": _SHARED,
    "permille": [("出生率为", "。", ""), ("（出生率", "）", "")],
    "points": [("比重提高", "。", ""), ("比重上升了", "，", ""), ("（合格率提高", "）", "")],
    "times": [("产能是前者的", "。", ""), ("（相当于前者的", "）", "")],
}  # fmt: skip
_VERBS = "为达有占了"


def embed(random: Random, phrase: Phrase) -> tuple[str, int, list[str]]:
    """A text with the phrase in it, where the phrase starts, and every figure of the text in order."""
    before, after, companion = random.choice(_CARRIERS[phrase.nature])
    if phrase.verbal and phrase.nature in ("count", "money", "measure", "percent"):
        before = before.rstrip(_VERBS)
    if phrase.noun and (phrase.noun_first or random.random() < 0.25):
        verb = "" if phrase.verbal else random.choice(("有", "达", "为", ""))
        before = before.rstrip(_VERBS) + phrase.noun + verb
    else:
        after = phrase.noun + after
    return before + phrase.printed + after, len(before), [companion, phrase.printed] if companion else [phrase.printed]


def traditional(text: str, phrase: Phrase) -> tuple[str, Phrase]:
    """The same in traditional signs."""
    return text.translate(TRADITIONAL), replace(phrase, printed=phrase.printed.translate(TRADITIONAL))
