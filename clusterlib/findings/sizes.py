"""Size counts: whether they can all be true with the total, what that bounds, and what a fitted tail does not say."""

from __future__ import annotations

from collections.abc import Sequence

from clusterlib import labels
from clusterlib.analysis.sizes import Case, SizeDistribution, Sizes, Tail, headline
from clusterlib.display import Finding, Findings, Source
from clusterlib.findings.parts import sentence
from clusterlib.interval import Interval
from clusterlib.page import Page

#: A p-value below this counts against the model.
REJECTED = 0.05


def sizes(page: Page, found: SizeDistribution) -> Findings:
    """What stands or falls with the printed counts, first of all whether they can be true together."""
    sentences: list[Finding] = []
    for each, cases, tails in found.families:
        sentences += _family(page, each, cases, tails)
    return Findings(sentences or [Finding(sentence(page, "finding.sizes.none"))])


def _family(page: Page, each: Sizes, cases: Sequence[Case], tails: Sequence[Tail]) -> list[Finding]:
    full = [case for case in cases if case.with_total == (each.total is not None)]
    if each.cap < float("inf"):
        full = [case for case in full if case.capped]
    told = [_consistency(page, each, case) for case in full]
    conditions = [_condition(page, each, case) for case in full]
    ranges = [_ranges(page, each, cases)]
    models = [_model(page, each, tail) for tail in tails[:1]]
    return [finding for finding in (*told, *conditions, *ranges, *models) if finding is not None]


def _sources(page: Page, each: Sizes, case: Case) -> tuple[Source, ...]:
    return page.cite([str(figure["figure"]) for figure in each.figures(cap=case.capped, total=case.with_total)])


def _consistency(page: Page, each: Sizes, case: Case) -> Finding:
    examined = case.consistency
    fields = {"setting": page.setting(case.assumption), "by": page.indicator(each.by or each.indicator)}
    if not examined.possible:
        shortest = min(examined.conflicts, key=len)
        fields["statements"] = labels.join([page.stated_as(each, one) for one in shortest], page.lang)
        if examined.allowed_total.low == examined.allowed_total.low and each.total is not None:
            fields["allowed"] = labels.words(examined.allowed_total, each.unit, page.lang)
            key = "finding.sizes.total_conflict"
        else:
            key = "finding.sizes.conflict"
        return Finding(sentence(page, key, **fields), page.cite_statements(shortest))
    left = [_left(page, each, one.statement.of_total, one.interval, page.statement(each, one.statement))
            for one in examined.survivors if one.narrowed]  # fmt: skip
    whole = examined.readings is None or examined.readings[0] == examined.readings[1]
    if not left:
        return Finding(sentence(page, "finding.sizes.all", **fields), _sources(page, each, case))
    fields["left"] = labels.join(left, page.lang)
    if examined.readings is not None and not whole:
        fields |= {"some": labels.number(examined.readings[0], page.lang),
                   "every": labels.number(examined.readings[1], page.lang)}  # fmt: skip
        return Finding(sentence(page, "finding.sizes.barely", **fields), _sources(page, each, case))
    return Finding(sentence(page, "finding.sizes.narrowed", **fields), _sources(page, each, case))


def _left(page: Page, each: Sizes, of_total: bool, interval: Interval, name: str) -> str:
    unit = each.unit if of_total else ""
    return page.text("finding.sizes.left", name=name, interval=labels.span(interval, unit, page.lang))


def _condition(page: Page, each: Sizes, case: Case) -> Finding | None:
    """The tightest reading: what the smallest surviving count needs of the others."""
    conditions = [one for one in case.consistency.conditions if one.others]
    if not conditions:
        return None
    first = conditions[0]
    others = [_left(page, each, one.statement.of_total, one.interval, page.statement(each, one.statement))
              for one in first.others]  # fmt: skip
    text = sentence(
        page, "finding.sizes.condition", setting=page.setting(case.assumption),
        name=page.statement(each, first.statement), value=labels.number(first.value, page.lang),
        others=labels.join(others, page.lang),
    )  # fmt: skip
    return Finding(text, page.cite_statements([first.statement, *(one.statement for one in first.others)]))


def _ranges(page: Page, each: Sizes, cases: Sequence[Case]) -> Finding | None:
    main = headline(cases)
    if main is None:
        return None
    largest = max((key for key in main.bounds if key.startswith("cr")), key=lambda key: int(key[2:]))
    fields = {"setting": page.setting(main.assumption)} | _pair(page, main, largest)
    key = "finding.sizes.ranges.total" if main.with_total else "finding.sizes.ranges"
    text = sentence(page, key, measure=page.measure(largest), by=page.indicator(each.by or each.indicator), **fields)
    beside = [case for case in cases if case.reading == main.reading and case.with_total == main.with_total
              and case.capped != main.capped and case.bounds]  # fmt: skip
    if beside:
        text += page.text("finding.sizes.ranges.open", **_pair(page, beside[0], largest))
    text += page.text("stop")
    return Finding(text, _sources(page, each, main))


def _pair(page: Page, case: Case, largest: str) -> dict[str, str]:
    share = Interval(*(100 * end for end in case.bounds[largest]))
    return {
        "share": labels.span(share, "percent", page.lang),
        "gini": labels.span(case.bounds["gini"], "index", page.lang),
    }


def _model(page: Page, each: Sizes, tail: Tail) -> Finding:
    exponents = [fit.exponent for fit in tail.fits]
    profile = Interval(min(fit.profile.low for fit in tail.fits), max(fit.profile.high for fit in tail.fits))
    text = sentence(
        page, "finding.sizes.model",
        exponent="–".join(dict.fromkeys(labels.number(end, page.lang, 2) for end in (min(exponents), max(exponents)))),
        profile="–".join(labels.number(end, page.lang, 2) for end in profile),
        size=page.amount(each.thresholds[0], each.unit),
    )  # fmt: skip
    text += page.text("finding.sizes.model.endless" if tail.refused else "stop")
    p_values = [fit.p_value for fit in tail.fits if fit.p_value == fit.p_value]
    if p_values and min(p_values) < REJECTED:
        key = "finding.sizes.model.rejected" if max(p_values) < REJECTED else "finding.sizes.model.doubtful"
        text += page.text(key)
    return Finding(text, page.cite([str(figure["figure"]) for figure in each.counts]))
