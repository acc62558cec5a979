"""How far a cluster is by a judgement of words, what its chain lacks, what answers its problems, what targets need."""

from __future__ import annotations

from clusterlib import labels
from clusterlib.analysis.chain import LINK_STATES
from clusterlib.analysis.stages import Development, Track, elements
from clusterlib.analysis.targets import Growth, growths
from clusterlib.display import Finding, Findings, Source
from clusterlib.findings.parts import sentence
from clusterlib.interval import Interval
from clusterlib.page import Page, result_interval

#: The baseline of the grid, as a part of the target, and the years that the sentence gives; the table has all.
PART, YEARS = 0.5, 5
#: A sentence cites at most so many statements; where there are more, their table says it of each.
MOST_CITED = 20


def development(page: Page, found: Development) -> Findings:
    """What the documents say about stage, chain, problems and targets; silence is said."""
    if page.study.cluster(page.cluster)["kind"] == "model":
        return Findings([_model(page)])
    told = [_stage(page, track) for track in found.tracks]
    told += [_chain(page, found), *_problems(page, found), *_targets(page, found)]
    if page.study.figures_of(page.cluster).empty:
        told.append(Finding(sentence(page, "finding.development.no_figure")))
    nothing = not found.tracks and found.links.empty and not found.problems and not found.targets
    return Findings([Finding(sentence(page, "finding.development.none"))] if nothing else told)


def _model(page: Page) -> Finding:
    every = elements(page.study)
    if not every:
        return Finding(sentence(page, "finding.development.none"))
    tracks = {each["track"] for each in every}
    fields = {
        "tracks": str(len(tracks)),
        "stages": str(len({(each["track"], each["stage"]) for each in every})),
        "elements": str(len(every)),
        "required": str(sum(each["aspect"] == "required" for each in every)),
    }
    return Finding(sentence(page, "finding.development.model", **fields))


def _stage(page: Page, track: Track) -> Finding:
    """Both ends of one line of stages, and what is open and denied in the stages next to them."""
    low, high = track.range.low, track.range.high
    key = ("range" if low else "none") if low < high else ("point" if low else "nowhere")
    fields = {"track": page.text(f"track.{track.track}"), "low": page.stage(track, low)}
    text = sentence(page, f"finding.development.stage.{key}", **fields, high=page.stage(track, high))
    parts, cited = [], []
    left_open = [item for item in track.open if item.state != "absent"]
    for kind, items, order in (("open", left_open, low + 1), ("denied", track.ruled_out, high + 1)):
        if items:
            numbers = {"count": len(items), "all": len(track.needed(order)), "number": order}
            fields = {name: str(number) for name, number in numbers.items()}
            parts.append(page.text(f"finding.development.stage.{kind}", **fields))
            cited += [str(item.element["element"]) for item in items]
    if parts:
        text += page.text("finding.development.stage.because", parts=page.join(parts))
    return Finding(text, page.cite_marks("stages", cited))


def _chain(page: Page, found: Development) -> Finding:
    """Links by state; those that are weak or lacking are cited."""
    if found.links.empty:
        return Finding(sentence(page, "finding.development.chain.none"))
    counts = found.links["state"].value_counts()
    parts = [
        page.text(f"finding.development.chain.{state}", count=str(counts[state]))
        for state in LINK_STATES
        if state in counts
    ]
    fields = {"all": str(len(found.links)), "parts": labels.join(parts, page.lang)}
    text = sentence(page, "finding.development.chain", **fields)
    short = found.links[found.links["state"].isin(["weak", "lacking"])]
    return Finding(text, _few(page.cite_marks("value_chain", short["link"])))


def _problems(page: Page, found: Development) -> list[Finding]:
    """How many problems nothing answers, and instruments that answer none."""
    said = []
    if not found.problems:
        said.append(Finding(sentence(page, "finding.development.problems.none")))
    else:
        unanswered = [str(problem["problem"]) for problem, acting in found.problems if not acting]
        key = "finding.development.problems" if unanswered else "finding.development.problems.all"
        fields = {"all": str(len(found.problems)), "unanswered": str(len(unanswered))}
        said.append(Finding(sentence(page, key, **fields), _few(page.cite_marks("problems", unanswered))))
    own = len(page.study.said("instruments", page.cluster))
    if own:
        unaimed = [str(each["instrument"]) for each in found.unaimed]
        key = "finding.development.instruments" if unaimed else "finding.development.instruments.all"
        text = sentence(page, key, all=str(own), unaimed=str(len(unaimed)))
        said.append(Finding(text, _few(page.cite_marks("instruments", unaimed))))
    return said


def _few(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    return sources if len(sources) <= MOST_CITED else ()


def _targets(page: Page, found: Development) -> list[Finding]:
    """Growth that targets need, and the money of a year against them."""
    if not found.targets:
        return [Finding(sentence(page, "finding.development.targets.none"))]
    said = []
    needed = growths(found.targets, found.result)
    if not needed:
        cited = page.cite([str(each.figure["figure"]) for each in found.targets])
        said.append(Finding(sentence(page, "finding.development.targets.plans", count=str(len(found.targets))), cited))
    said += [_growth(page, one) for one in needed]
    shares = found.result[found.result["measure"] == "money_share"]
    together = shares[shares["group"] == "all"]
    for _, row in (together if len(together) else shares).iterrows():
        told, *served = row["figures"].split()
        high = labels.words(Interval(float("-inf"), result_interval(row).high), row["unit"], page.lang)
        text = sentence(
            page, "finding.development.money", money=page.stated(page.study.figure(told)),
            count=str(len(served)), share=high,
        )  # fmt: skip
        said.append(Finding(text, page.cite(row["figures"])))
    return said


def _growth(page: Page, each: Growth) -> Finding:
    """What one baseline asks for: the one given or printed, or half of the target in five years."""
    start = next((one for one in each.starts if not each.is_grid or one.part == PART), each.starts[0])
    years = YEARS if YEARS in start.rows else next(iter(start.rows))
    row = start.rows[years]
    figures = [one.figure for one in each.targets]
    fields = {
        "count": str(len(figures)),
        "target": page.stated(figures[0]),
        "years": str(years),
        "growth": labels.words(result_interval(row), "percent", page.lang),
    }
    if each.is_grid:
        fields["baseline"] = page.amount(start.told, str(figures[0]["unit"]))
        key = "finding.development.growth.grid"
    elif start.part is None:
        fields["baseline"] = page.stated(page.study.figure(start.told))
        key = "finding.development.growth.printed"
    else:
        fields["baseline"] = page.amount(start.told, str(figures[0]["unit"]))
        key = "finding.development.growth.given"
    cited = [slug for one in figures for slug in (str(one["figure"]),)]
    if start.part is None:
        cited.append(start.told)
    return Finding(sentence(page, key, **fields), page.cite(cited))
