"""The scores of benchmarks/readers.py, by hand."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from scoring import COUNT, Label, Result, equal, match, of_money, parts, score


def test_numbers_are_equal_but_for_rounding():
    assert equal(1e10, 1e10 + 1)
    assert not equal(1e10, 1e10 + 100)
    assert equal(0.0, 0.0)
    assert equal(None, None)
    assert not equal(None, 0.0)


def test_the_best_overlap_is_paired_first():
    labels = [Label(0, 5), Label(6, 9)]
    wide, near, far = Result(0, 8), Result(6, 9), Result(20, 22)
    matching = match(labels, [wide, near, far])
    assert matching.pairs == ((labels[0], wide), (labels[1], near))
    assert matching.extra == (far,)
    assert match(labels, [far]).missed == tuple(labels)


def test_a_result_is_on_one_label_only():
    matching = match([Label(0, 3), Label(3, 6)], [Result(0, 6)])
    assert len(matching.pairs) == len(matching.missed) == 1


def test_a_second_result_on_a_label_is_false_but_for_a_peer():
    label = Label(0, 6)
    assert len(match([label], [Result(0, 2), Result(3, 6)]).extra) == 1
    assert match([label], [Result(0, 2, peer=True), Result(3, 6, peer=True)]).extra == ()


def test_a_loose_result_may_be_right_but_not_wrong():
    date = Result(0, 4, peer=True, loose=True)
    assert match([Label(6, 7)], [date]).extra == ()
    assert len(match([Label(0, 4)], [date]).pairs) == 1


def test_a_size_is_no_false_result_of_a_peer():
    label = Label(5, 8, value=12, unit="firm", threshold=1e8, threshold_unit="CNY")
    assert match([label], [Result(0, 3, value=1e8, unit="CNY", peer=True)]).extra == ()
    assert len(match([label], [Result(0, 3, value=1e7, unit="CNY", peer=True)]).extra) == 1
    assert len(match([label], [Result(0, 3, value=1e8, unit="CNY")]).extra) == 1


def test_base_unit_and_full_unit():
    label = Label(0, 1, value=1e8, unit="CNY/year")
    assert parts(label, Result(0, 1, value=1e8, unit="CNY/year"))["full unit"]
    half = parts(label, Result(0, 1, value=1e8, unit="CNY"))
    assert half["value+unit"]
    assert not half["full unit"]
    assert not parts(label, Result(0, 1, value=1e7, unit="CNY"))["value+unit"]


def test_a_blank_end_is_no_number():
    label = Label(0, 1, value=5, low=5)
    assert parts(label, Result(0, 1, value=5, low=5))["interval"]
    assert not parts(label, Result(0, 1, value=5, low=5, high=5))["interval"]


def test_what_is_granted_to_a_peer():
    firms = Label(0, 1, value=12, low=12, high=12, unit="firm")
    number = parts(firms, Result(0, 1, value=12, unit=COUNT, peer=True, interval=False))
    assert number["value+unit"]
    assert number["full unit"]
    assert number["interval"]
    assert not parts(firms, Result(0, 1, value=12, unit=COUNT))["value+unit"]
    money = Label(0, 1, value=12, unit="CNY")
    assert not parts(money, Result(0, 1, value=12, unit=COUNT, peer=True))["value+unit"]
    decline = Label(0, 1, value=-3.2, unit="percent")
    assert parts(decline, Result(0, 1, value=3.2, unit="percent", peer=True))["value+unit"]
    assert not parts(decline, Result(0, 1, value=3.2, unit="percent"))["value+unit"]


def test_a_threshold_is_asked_where_there_is_one():
    label = Label(0, 1, threshold=1e8, threshold_unit="CNY")
    assert not parts(label, Result(0, 1))["threshold"]
    assert not parts(Label(0, 1), Result(0, 1, threshold=1e8))["threshold"]
    assert "threshold" not in parts(Label(0, 1), Result(0, 1))


def test_shares_are_of_all_labels():
    labels = [Label(0, 2, value=1, unit="firm"), Label(3, 5, value=2, unit="CNY"), Label(6, 8, value=3, unit="CNY")]
    results = [Result(0, 2, value=1, unit="firm"), Result(3, 5, value=2, unit="firm"), Result(10, 12, unit="CNY")]
    matching = match(labels, results)
    total = score([matching])
    assert (total.share("recall"), total.share("precision")) == (2 / 3, 2 / 3)
    assert total.share("value+unit") == 1 / 3
    assert total.share("threshold") is None
    money = score([of_money(matching)])
    assert (money.labels, money.found, money.results) == (2, 1, 2)
    assert score([]).share("recall") is None


def test_a_result_in_money_on_no_money_is_false():
    label, result = Label(0, 2, value=1, unit="firm"), Result(0, 2, value=1, unit="CNY")
    money = score([of_money(match([label], [result]))])
    assert (money.labels, money.results, money.found) == (0, 1, 0)


def test_only_what_a_table_holds_is_asked():
    label = Label(0, 1, asked=frozenset({"rule"}))
    assert set(parts(label, Result(0, 1))) == {"value+unit", "full unit", "interval", "rule"}
