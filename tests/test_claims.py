"""Claims: verdicts worked out by hand from the documents, and that they follow the figures when these change."""

import re

import pytest
from studies import bare, changed, reprinted

from clusterlib import findings, plots, tables
from clusterlib.analysis import judged_claims
from clusterlib.analysis.claims import CLAIM_COLUMNS
from clusterlib.display import NoPicture, Picture
from clusterlib.errors import InputError
from clusterlib.page import page_of
from clusterlib.study import Study


@pytest.fixture(scope="module")
def study():
    return Study.load()


@pytest.fixture(scope="module")
def found(study):
    return {cluster: judged_claims(study, cluster) for cluster in study.reported}


def claim(claims, key):
    return next(each for each in claims.claims if each.key == key)


def numbers(claims, key):
    """Measure or indicator -> (low, high, verdict) of each reading of a claim."""
    return [
        (each.result["measure"], each.result["low"], each.result["high"], each.verdict)
        for each in claim(claims, key).readings
    ]


# Verdicts by hand, from the printed words alone.
VERDICTS = [
    # 67.41 % and 61.69 % of output and sales by 56.87 % of the workers, but 50 % of the pieces.
    ("china-garment", "china-garment.productivity-above-average", "mixed"),
    # 70.24 % of profit against 61.69 % of sales, 67.41 % of output, 56.87 % of workers.
    ("china-garment", "china-garment.profitability-above-average", "supported"),
    ("china-garment", "china-garment.quarter-of-firms", "mixed"),  # 25.37 is no 25, but rounds to it
    ("china-garment", "china-garment.half-of-workers", "supported"),  # 56.87
    ("china-garment", "china-garment.seventy-of-profit", "supported"),  # 70.24
    ("china-garment", "china-garment.most-market-based", "supported"),  # 60 % or more
    ("china-garment", "china-garment.large-prominent", "undecidable"),  # 50 % of the pieces: 49.5 to 50.5
    ("china-garment", "china-garment.chain-complete", "undecidable"),  # no link is called lacking; silence is no proof
    ("china-garment", "china-garment.inside-better", "undecidable"),  # nothing is printed about firms outside
    # 6,001 to 6,999 of 10,001 to 19,999 shops: 30 to 70 %.
    ("shishi-garment", "shishi-garment.streets-mainly-garments", "undecidable"),
    ("shishi-garment", "shishi-garment.garment-shops-part", "supported"),
    # 0.465 to 2.129 billion by the counts, 2 to 3 billion printed: 129 of 1,664 million.
    ("baoying-glass", "baoying-glass.total-against-counts", "only_at_the_extreme"),
    ("baoying-glass", "baoying-glass.size-counts-nested", "supported"),
    ("baoying-glass", "baoying-glass.chain-complete", "contradicted"),  # two links are said to be lacking
    ("baoying-glass", "baoying-glass.most-firms-weak", "supported"),  # 80 of 201 to 299 reach a million
    ("baoying-glass", "baoying-glass.mainly-exports", "undecidable"),  # exports are open above
    # The same sentence says that links are lacking and which: it cannot bear itself out.
    ("qingshanhu-textile", "qingshanhu-textile.chain-has-gaps", "undecidable"),
]


@pytest.mark.parametrize(("cluster", "key", "verdict"), VERDICTS)
def test_verdict_by_hand(found, cluster, key, verdict):
    assert claim(found[cluster], key).verdict == verdict


def test_productivity_by_hand(found):
    output, sales, pieces = numbers(found["china-garment"], "china-garment.productivity-above-average")
    assert output == ("output_per_worker", pytest.approx(67.405 / 56.875), pytest.approx(67.415 / 56.865), "supported")
    assert sales == ("sales_per_worker", pytest.approx(61.685 / 56.875), pytest.approx(61.695 / 56.865), "supported")
    assert pieces == (
        "volume_per_worker", pytest.approx(49.5 / 56.875), pytest.approx(50.5 / 56.865), "contradicted",
    )  # fmt: skip


def test_margin_of_clearly_by_hand(study, found):
    readings = claim(found["china-garment"], "china-garment.profitability-above-average").readings
    assert [each.margin for each in readings] == pytest.approx(
        [70.235 / 61.695 - 1, 70.235 / 67.415 - 1, 70.235 / 56.875 - 1]
    )
    wide = judged_claims(study, "china-garment", margin=0.05)  # profit per output is 4.2 % above the average
    assert claim(wide, "china-garment.profitability-above-average").verdict == "mixed"
    assert claim(wide, "china-garment.most-market-based").verdict == "supported"  # the margin is for "clearly" alone


def test_total_by_hand(found):
    """Most: 219 of 1 million, 50 of 5, 1 of 10, 25 of 50, 4 of 100; least: 50 of 1, 9 of 5, 17 of 10, 4 of 50."""
    ((measure, low, high, verdict),) = numbers(found["baoying-glass"], "baoying-glass.total-against-counts")
    assert (measure, verdict) == ("total", "only_at_the_extreme")
    assert low == pytest.approx(465e6) and high == pytest.approx(2129e6)


def test_dominance_by_hand(found):
    """With none above 100 million, six firms have at most 4 times 100 and 2 times 50 of 2,000 million."""
    capped, free = numbers(found["baoying-glass"], "baoying-glass.six-dominant")
    assert capped[2] == pytest.approx(25) and capped[3] == "contradicted"
    assert free[2] > 50 and free[3] == "undecidable"


def test_exports_by_hand(study, found):
    """20 and 40 million dollars at 6.1 to 6.8 yuan, against 2 to 3 billion yuan."""
    both, both_at, larger, larger_at = numbers(found["baoying-glass"], "baoying-glass.mainly-exports")
    assert both[1] == pytest.approx(100 * 60e6 * 6.1 / 3e9) and both[2] != both[2]
    assert both_at[1:] == (pytest.approx(12.2), pytest.approx(20.4), "contradicted")
    assert larger[1] == pytest.approx(100 * 40e6 * 6.1 / 3e9) and larger[3] == "undecidable"
    assert larger_at[2] == pytest.approx(13.6)
    dear = judged_claims(study, "baoying-glass", rate_low=30, rate_high=30)
    assert claim(dear, "baoying-glass.mainly-exports").readings[0].verdict == "supported"


def test_no_figure_no_verdict(study, found):
    """Documents 2 and 5 print no statistic, document 4 only plans: no verdict but on what the text itself counts."""
    for cluster in ("park-model", "xiangfan-district", "qingshanhu-textile"):
        assert {each.verdict for each in found[cluster].claims} == {"undecidable"}
        assert found[cluster].result["figures"].eq("").all()


def test_targets_are_never_held_against_a_claim(study, found):
    status = study.figures.set_index("figure")["status"]
    used = {slug for each in found.values() for slugs in each.numbers["figures"] for slug in slugs.split()}
    assert set(status[list(used)]) == {"observed"}


PAIRS = [
    ("baoying-glass.chain-complete", "baoying-glass.chain-relations-missing"),
    ("baoying-glass.new-products-yearly", "baoying-glass.products-stuck"),
    ("baoying-glass.beyond-christmas", "baoying-glass.mainly-christmas"),
    ("baoying-glass.remarkable-results", "baoying-glass.scale-not-large"),
    ("qingshanhu-textile.dyeing-to-be-brought-in", "qingshanhu-textile.dyeing-exists"),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_contradictions_inside_a_document_are_paired(found, pair):
    cluster = pair[0].partition(".")[0]
    assert frozenset(pair) in {frozenset(row["claim"] for row in both) for both in found[cluster].pairs}


def test_each_pair_stands_once(found):
    for each in found.values():
        pairs = [frozenset(row["claim"] for row in both) for both in each.pairs]
        assert len(pairs) == len(set(pairs))
        assert all(len({row["document"] for row in both}) == 1 for both in each.pairs)


def test_a_pair_about_two_clusters_stands_on_both_pages(study, found):
    pair = {"shishi-garment.complementary-community", "china-garment.homogeneous-competition"}
    for cluster, name in (("shishi-garment", "China's garment clusters"), ("china-garment", "Shishi garment cluster")):
        assert pair in [{row["claim"] for row in both} for both in found[cluster].pairs]
        assert name in tables.claim_pairs(page_of(study, cluster, "en"), found[cluster]).plain


def test_surprising_ones_first(found):
    for each in found.values():
        surprise = [claim.surprise for claim in each.claims]
        assert surprise == sorted(surprise)
    assert found["china-garment"].claims[0].key == "china-garment.productivity-above-average"


class TestVerdictsFollowTheFigures:
    def test_more_workers_make_them_less_productive(self, tmp_path):
        key = "china-garment.above-scale.worker-share"
        study = reprinted(tmp_path / "data", key, "71.00%", 71, 70.995, 71.005)
        assert claim(judged_claims(study, "china-garment"), PRODUCTIVITY).verdict == "contradicted"

    def test_fewer_workers_make_the_pieces_agree(self, tmp_path):
        key = "china-garment.above-scale.worker-share"
        study = reprinted(tmp_path / "data", key, "49.00%", 49, 48.995, 49.005)
        assert claim(judged_claims(study, "china-garment"), PRODUCTIVITY).verdict == "supported"

    def test_more_large_firms_make_room_for_the_total(self, tmp_path):
        """14 firms from 50 million: up to 2,629 million, so 629 of 1,764 or so agree with the printed total."""
        study = reprinted(tmp_path / "data", "baoying-glass.firms.50m", "14家", 14, 14, 14)
        assert claim(judged_claims(study, "baoying-glass"), TOTAL).verdict == "undecidable"

    def test_a_larger_total_is_refuted(self, tmp_path):
        study = reprinted(tmp_path / "data", "baoying-glass.production-sales", "30多亿元", 3e9, 3e9, 4e9)
        claims = judged_claims(study, "baoying-glass")
        assert claim(claims, TOTAL).verdict == "contradicted"

    def test_a_figure_that_is_no_longer_printed_decides_nothing(self, tmp_path):
        study = Study.load(changed(tmp_path / "data", ("figures", "china-garment.above-scale.volume-share", "", None)))
        readings = claim(judged_claims(study, "china-garment"), PRODUCTIVITY).readings
        assert [each.verdict for each in readings] == ["supported", "supported", "undecidable"]
        page = page_of(study, "china-garment", "en")
        assert "not printed" in tables.claim_numbers(page, judged_claims(study, "china-garment")).plain

    def test_a_chain_without_missing_links_is_left_open(self, tmp_path):
        links = Study.load().said("value_chain", "baoying-glass")
        rows = [("value_chain", key, "state", "has") for key in links.loc[links["state"] != "has", "link"]]
        study = Study.load(changed(tmp_path / "data", *rows))
        assert claim(judged_claims(study, "baoying-glass"), "baoying-glass.chain-complete").verdict == "undecidable"

    def test_a_garbled_count_is_not_used(self, tmp_path):
        flagged = ("figures", "shishi-garment.garment-shops", "flag", "year_in_place_of_number")
        study = Study.load(changed(tmp_path / "data", flagged))
        claims = judged_claims(study, "shishi-garment")
        assert claim(claims, "shishi-garment.garment-shops-part").verdict == "undecidable"


PRODUCTIVITY = "china-garment.productivity-above-average"
TOTAL = "baoying-glass.total-against-counts"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("cluster", Study.load().reported)
def test_page_in_words(study, found, cluster, lang):
    page, claims = page_of(study, cluster, lang), found[cluster]
    shown = [tables.verdicts, tables.claim_numbers, tables.claim_pairs, tables.undecided, tables.counted_links]
    parts = [draw(page, claims).html for draw in shown]
    parts += [tables.sources(page, claims.cited).html, tables.gaps(page, claims.result, "claims").html]
    html = "".join(map(str, parts))  # plain text: markup would escape what is added to it
    html += str(findings.claims(page, claims)._repr_mimebundle_()["text/html"])
    ids = re.findall(r'id="(source-[^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#(source-[^"]+)"', html)) <= set(ids)
    assert len([each for each in ids if each.startswith("source-C")]) == len(claims.claims)
    drawn = cluster in ("china-garment", "shishi-garment", "baoying-glass")
    assert isinstance(plots.claims(page, claims), Picture if drawn else NoPicture)


def test_opening_sentences(study, found):
    page = page_of(study, "china-garment", "en")
    said = " ".join(each.text for each in findings.claims(page, found["china-garment"]).sentences)
    assert "true by output per worker: 1.185 and sales per worker: 1.085; false by pieces per worker: 0.88" in said
    assert "No claim mentions it: sales per output of above-scale firms is 0.915 of the cluster average." in said
    page = page_of(study, "baoying-glass", "en")
    said = " ".join(each.text for each in findings.claims(page, found["baoying-glass"]).sentences)
    assert "465 million–2.129 billion" in said and "it is true only for 2–2.129 billion" in said
    assert "foreign markets such as Europe and America” cannot be decided: false by" in said
    assert "(2 readings): 8.13–20.4%; left open by" in said  # 40 or 60 million dollars at their number
    page = page_of(study, "park-model", "en")
    (first, *_) = findings.claims(page, found["park-model"]).sentences
    assert "no figure that could decide any of them" in first.text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_study_without_claims_says_so(tmp_path, lang):
    study = bare(tmp_path / "data")
    page, claims = page_of(study, "baoying-glass", lang), judged_claims(study, "baoying-glass")
    assert claims.claims == () and list(claims.result.columns) == CLAIM_COLUMNS and claims.result.empty
    told = {"en": "records no claim", "zh": "没有记录"}[lang]
    assert told in findings.claims(page, claims).sentences[0].text
    for draw in (tables.verdicts, tables.undecided):
        assert told in draw(page, claims).plain
    assert isinstance(plots.claims(page, claims), NoPicture)
    assert tables.sources(page, claims.cited).rows == []


@pytest.mark.parametrize(
    "given", [{"margin": 1}, {"margin": -0.1}, {"extreme": 1}, {"rate_low": 0}, {"rate_low": 7, "rate_high": 6}]
)
def test_impossible_parameters(study, given):
    with pytest.raises(InputError, match="allowed"):
        judged_claims(study, "baoying-glass", **given)
