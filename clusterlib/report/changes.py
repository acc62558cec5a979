"""What changed since the last run: in each report, in all of them together, and the page that says it in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from clusterlib import labels
from clusterlib.labels import LANGS, Lang
from clusterlib.report import pages
from clusterlib.report.differences import NUMBERS, RESULT, Change, How, Sort, compare, plain
from clusterlib.report.wording import Words
from clusterlib.study import Study

#: What is compared, in the order of the page.
SORTS: tuple[Sort, ...] = ("figure", "verdict", "result")
#: Rows of a table that are shown at once; more of them are unfolded.
SHOWN = 12
#: How much of two sentences must be alike for one to be shown as a change of the other.
_ALIKE = 0.7
_WORD = re.compile(r"[−-]?[0-9]+(?:[.,–][0-9]+)*%?|[A-Za-z]+|\s+|.", re.S)


@dataclass(frozen=True)
class Changed:
    """What a run changed in one report.

    Attributes
    ----------
    key, notebook, cluster, document, file, lang : str
        Which report, as in the manifest.
    before, after : str
        When the version before and this one were rendered, ISO 8601.
    rows : tuple of Change
        Differences of the result tables.
    findings_before, findings_after : tuple of str
        The sentences that open the page.
    first : bool
        Whether it was rendered for the first time: there is nothing to compare.
    """

    key: str
    notebook: str
    cluster: str
    document: str
    file: str
    lang: str
    before: str
    after: str
    rows: tuple[Change, ...] = ()
    findings_before: tuple[str, ...] = ()
    findings_after: tuple[str, ...] = ()
    first: bool = False

    @property
    def folder(self) -> str:
        """What it is about, as in its key."""
        return self.document or self.cluster

    @property
    def reworded(self) -> bool:
        """Whether its opening sentences are not what they were, in whatever order."""
        return not self.first and Counter(self.findings_before) != Counter(self.findings_after)

    @property
    def different(self) -> bool:
        """Whether anything that a reader would look for changed."""
        return bool(self.rows) or self.reworded


def changed(entry: Mapping[str, Any], previous: Mapping[str, Any] | None, csv_before: str, csv_after: str) -> Changed:
    """Say what changed in a report.

    Parameters
    ----------
    entry : dict
        The report as the manifest has it now.
    previous : dict or None
        As it had it before; None for a report that was not there.
    csv_before, csv_after : str
        The result table that was replaced, and the one that stands.
    """
    before = ""
    rows: tuple[Change, ...] = ()
    # A report that failed at its first try has no page that could have changed.
    first = previous is None or not (previous.get("status") == "ready" or previous.get("kept"))
    if previous is not None and not first:
        before = str(entry.get("replaced") or previous.get("kept") or previous.get("time", ""))
        rows = tuple(compare(csv_before, csv_after))
    return Changed(
        key=str(entry["key"]),
        notebook=str(entry["notebook"]),
        cluster=str(entry.get("cluster", "")),
        document=str(entry.get("document", "")),
        file=str(entry.get("file", "")),
        lang=str(entry["lang"]),
        before=before,
        after=str(entry.get("time", "")),
        rows=rows,
        findings_before=() if previous is None else tuple(previous.get("findings", ())),
        findings_after=tuple(entry.get("findings", ())),
        first=first,
    )


def summary(changes: Sequence[Changed]) -> dict[str, Any]:
    """Count what changed: a result that stands in several reports counts once, and so do both languages of a report.

    Parameters
    ----------
    changes : sequence of Changed
        All reports that a run replaced or made.

    Returns
    -------
    dict
        ``figures``, ``verdicts`` and ``results``, each with the numbers ``changed``, ``added`` and ``removed``;
        ``moved``: figures of which only the place changed; ``reports``: reports in which anything changed;
        ``sentences``: those with other opening sentences; ``new``: reports made for the first time; ``same``: the rest.

    Examples
    --------
    >>> summary([])["figures"]
    {'changed': 0, 'added': 0, 'removed': 0}
    """
    lines = [line for lines in _merged(changes).values() for line in lines]
    counted = Counter((line.change.sort, line.change.how) for line in lines)
    ways: tuple[How, ...] = ("changed", "added", "removed")
    return {
        **{f"{sort}s": {how: counted[sort, how] for how in ways} for sort in SORTS},
        "moved": sum(line.change.how == "moved" for line in lines),
        "reports": _count(changes, lambda report: report.different),
        "sentences": _count(changes, lambda report: report.reworded),
        "new": _count(changes, lambda report: report.first),
        "same": _count(changes, lambda report: not report.first) - _count(changes, lambda report: report.different),
    }


def _count(changes: Sequence[Changed], of: Callable[[Changed], bool]) -> int:
    """Number of reports, both languages of one together."""
    return len({(report.folder, report.notebook) for report in changes if of(report)})


def sentence(counts: Mapping[str, Any], since: str, lang: str) -> str:
    """Say in a sentence or two what changed.

    Parameters
    ----------
    counts : dict
        As `summary` gives it.
    since : str
        When the run before was, ISO 8601; "" if there was none.
    lang : {"en", "zh"}
        Language.

    Examples
    --------
    >>> sentence(summary([]), "2026-11-27T08:00", "en")
    'Nothing changed since 27 Nov 2026, 08:00.'
    """
    if not since:
        return labels.text("changes.first", lang)
    moment = labels.date(since, lang)
    lists = {how: _counted({sort: counts[f"{sort}s"][how] for sort in SORTS}, lang) for how in counts["figures"]}
    parts = [labels.text("changes.some", lang, list=lists["changed"], time=moment)] if lists["changed"] else []
    parts += [labels.text(f"changes.{how}", lang, list=lists[how]) for how in ("added", "removed") if lists[how]]
    for key, unit in (("sentences", "report"), ("moved", "figure")):
        if counts[key]:
            parts.append(labels.text(f"changes.{key}", lang, list=_counted({unit: counts[key]}, lang)))
    if not parts and not counts["reports"] and not counts["new"]:
        return labels.text("changes.nothing", lang, time=moment)
    if not lists["changed"]:
        parts.insert(0, labels.text("changes.unchanged", lang, time=moment))
    if counts["new"]:
        parts.append(labels.text("changes.added", lang, list=_counted({"report": counts["new"]}, lang)))
    return ("" if lang == "zh" else " ").join(parts)


def page(study: Study, changes: Sequence[Changed], since: str) -> str:
    """Make the page that says what changed, in both languages.

    Parameters
    ----------
    study : Study
        The data: it names clusters, indicators, groups and claims.
    changes : sequence of Changed
        All reports that the run replaced or made.
    since : str
        When the run before was, ISO 8601; "" if there was none.

    Returns
    -------
    str
        HTML that fetches nothing.
    """
    counts = summary(changes)
    return filled("changes.html.j2", {lang: _body(study, changes, counts, since, lang) for lang in LANGS})


def filled(template: str, bodies: Mapping[str, Mapping[str, Any]]) -> str:
    """Fill a template that shows the same in every language, one after the other with a switch.

    Parameters
    ----------
    template : str
        Name of the template.
    bodies : dict of str to dict
        What it shows in each language.
    """
    environment = jinja2.Environment(loader=pages.templates(), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    style = pages.template_file("listing.css").read_text(encoding="utf-8")
    languages = {lang: pages.html_lang(lang) for lang in bodies}
    page = environment.get_template(template).render(bodies=bodies, languages=languages, style=style, t=labels.text)
    return pages.with_font(page)


@dataclass
class _Line:
    """A difference, and the reports in which it stands."""

    change: Change
    reports: list[Changed]


def _merged(changes: Sequence[Changed]) -> dict[tuple[str, str], list[_Line]]:
    """Differences by what they are about, (cluster, document), each once for all reports and languages."""
    found: dict[tuple[str, str], dict[tuple[object, ...], _Line]] = {}
    for report in sorted(changes, key=lambda report: (report.notebook, report.key)):
        for change in report.rows:
            if change.sort == "table":
                continue
            subject = ("", report.document) if report.document else (change.row.get("cluster") or report.cluster, "")
            line = found.setdefault(subject, {}).setdefault(_identity(change, report), _Line(change, []))
            line.reports.append(report)
    return {subject: list(lines.values()) for subject, lines in found.items()}


def _identity(change: Change, report: Changed) -> tuple[object, ...]:
    """What makes two differences one: the same thing, from the same to the same."""
    both = (change.before, change.after)
    if change.sort == "result" and change.row.get("measure"):
        named = tuple(change.row.get(column, "") for column in RESULT)
        said = tuple(tuple(plain(row.get(column, "")) for column in (*NUMBERS, "unit")) for row in both)
        # A result that is the same but for what stands beside it, such as what a claim needs, is a matter of its table.
        beside = () if {*NUMBERS, "unit"} & {*change.columns} or change.how != "changed" else change.columns
        return change.how, named, said, beside, report.notebook if beside else ""
    where = "" if "figure" in change.row or "claim" in change.row else report.notebook
    return change.sort, change.how, where, *(tuple(sorted(row.items())) for row in both)


def _counted(counts: Mapping[str, int], lang: str) -> str:
    """``3 figures and 1 verdict``; blank if there is none."""
    parts = [labels.with_unit(labels.number(count, lang), unit, lang) for unit, count in counts.items() if count]
    return labels.join(parts, lang)


def _body(
    study: Study, changes: Sequence[Changed], counts: Mapping[str, Any], since: str, lang: Lang
) -> dict[str, object]:
    """What the page shows in one language."""
    merged, about = _merged(changes), _by_subject(changes)
    subjects = []
    for subject in _ordered(study, {*merged, *about}):
        lines, groups = merged.get(subject, []), _by_report(about.get(subject, []))
        words = Words(study, subject[0], lang)
        remarks = [
            {**_link(group, lang), "text": text} for group in groups for text in _remarks(_chosen(group, lang), lang)
        ]
        if moved := sum(line.change.how == "moved" for line in lines):
            remarks.append({"text": labels.text("changes.moved", lang, list=_counted({"figure": moved}, lang))})
        shown = {
            "name": study.label("clusters", subject[0], lang) if subject[0] else groups[0][0].file or groups[0][0].key,
            "tables": [_table(words, sort, rows, lang) for sort in SORTS if (rows := _of_sort(lines, sort))],
            "findings": [
                {**_link(group, lang), "lang": pages.html_lang(report.lang), "sentences": _reworded(report)}
                for group in groups
                if (report := _chosen(group, lang)).reworded
            ],
            "remarks": remarks,
        }
        if shown["tables"] or shown["findings"] or remarks:
            subjects.append(shown)
    new = [
        {**_link(group, lang), "name": group[0].file or study.label("clusters", group[0].cluster, lang)}
        for group in _by_report([report for report in changes if report.first])
    ]
    return {
        "sentence": sentence(counts, since, lang),
        "subjects": subjects,
        "new": new,
        "same": _counted({"report": counts["same"]}, lang),
        "shown": SHOWN,
    }


def _of_sort(lines: Sequence[_Line], sort: Sort) -> list[_Line]:
    return [line for line in lines if line.change.sort == sort and line.change.how != "moved"]


def _table(words: Words, sort: Sort, lines: Sequence[_Line], lang: str) -> dict[str, Any]:
    """Differences of one sort: what, before, after, and in which reports."""
    rows = []
    for line in lines:
        change = line.change
        what, detail = words.name(change)
        before, after = words.both(change)
        own = [report for report in line.reports if report.cluster == change.row.get("cluster")]
        rows.append(
            {
                "what": what or "–",
                "detail": detail,
                "before": before,
                "after": after,
                "how": change.how,
                "beside": words.beside(change),
                "links": [_link(group, lang) for group in _by_report(own or line.reports)],
            }
        )
    return {
        "sort": sort,
        "rows": rows,
        "caption": labels.text(f"changes.{sort}", lang),
        "more": labels.text("changes.more", lang, list=_counted({sort: len(rows) - SHOWN}, lang)),
    }


def _by_subject(changes: Sequence[Changed]) -> dict[tuple[str, str], list[Changed]]:
    found: dict[tuple[str, str], list[Changed]] = {}
    for report in sorted(changes, key=lambda report: (report.notebook, report.key)):
        if not report.first:
            found.setdefault(("" if report.document else report.cluster, report.document), []).append(report)
    return found


def _ordered(study: Study, subjects: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Clusters in the order of the study, then others, then documents."""
    order = {cluster: i for i, cluster in enumerate(study.clusters["cluster"])}
    return sorted(subjects, key=lambda each: (each[1], order.get(each[0], len(order)), each[0]))


def _by_report(reports: Sequence[Changed]) -> list[list[Changed]]:
    """The languages of each report together."""
    found: dict[tuple[str, str], list[Changed]] = {}
    for report in reports:
        found.setdefault((report.folder, report.notebook), []).append(report)
    return list(found.values())


def _chosen(group: Sequence[Changed], lang: str) -> Changed:
    """The report in a language, or in another one that it has."""
    return next((report for report in group if report.lang == lang), group[0])


def _link(group: Sequence[Changed], lang: str) -> dict[str, str]:
    report = _chosen(group, lang)
    return {"title": pages.title(report.notebook, lang), "href": quote(f"{report.key}.html"), "hreflang": report.lang}


def _remarks(report: Changed, lang: str) -> Iterator[str]:
    """What happened to the result table of a report as a whole."""
    for change in report.rows:
        if change.how == "rewritten":
            yield labels.text("changes.rewritten", lang)
        elif change.sort == "table":
            for how, row in (("added", change.after), ("removed", change.before)):
                if names := [name or "–" for name in change.columns if name in row]:
                    yield labels.text(f"changes.columns.{how}", lang, list=labels.join(names, lang))


def _reworded(report: Changed) -> list[Markup]:
    """The opening sentences that changed, each beside the one that it was if one is alike; what is gone comes last."""
    left = list((Counter(report.findings_before) - Counter(report.findings_after)).elements())
    sentences = []
    for new in (Counter(report.findings_after) - Counter(report.findings_before)).elements():
        ratios = [_matcher(_words(old), _words(new)).ratio() for old in left]
        alike = bool(ratios) and max(ratios) >= _ALIKE
        sentences.append(_edited(left.pop(ratios.index(max(ratios))) if alike else "", new))
    return sentences + [_edited(old, "") for old in left]


def _edited(old: str, new: str) -> Markup:
    """One sentence, in it what is gone struck through and what is new underlined."""
    first, second = _words(old), _words(new)
    edited = gone = there = Markup("")
    for how, i, j, k, m in _matcher(first, second).get_opcodes():
        kept = "".join(first[i:j])
        # Edits with no word between them are one; a Chinese sign alone is none.
        if how == "equal" and (sum(map(str.isalnum, kept)) > 1 or not (gone or there)):
            edited += _tagged("del", gone) + _tagged("ins", there) + Markup.escape(kept)
            gone = there = Markup("")
        else:
            gone += kept
            there += "".join(second[k:m])
    return edited + _tagged("del", gone) + _tagged("ins", there)


def _words(sentence: str) -> list[str]:
    return _WORD.findall(sentence)


def _matcher(first: Sequence[str], second: Sequence[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, first, second, autojunk=False)


def _tagged(tag: str, text: str) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), text) if text else Markup("")
