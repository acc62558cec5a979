"""Jobs of JupyterLab (jupyter-scheduler) through the renderer of reports.

A job's form has text fields only, and the scheduler would put them into the notebook as code. Here each is read as the
type that the notebook declares for it and checked before anything runs, and the outputs are those of `clusterlib
report`: the page without code, the table, the document. Notebooks that are no reports run as the scheduler itself would
run them, since they may need another kernel, the files beside them, or parameters that are code.

Set for a server by the options `--Scheduler.execution_manager_class=clusterlib.report.lab.ReportExecutionManager` and
`--SchedulerApp.environment_manager_class=clusterlib.report.lab.ReportEnvironmentManager`, or in its configuration.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import fsspec
from jupyter_scheduler.environments import EnvironmentManager
from jupyter_scheduler.executors import DefaultExecutionManager
from jupyter_scheduler.models import RuntimeEnvironment
from jupyter_scheduler.orm import Job as Record

from clusterlib import parameters, paths
from clusterlib.errors import ClusterlibError, InputError
from clusterlib.extraction.documents import read_source
from clusterlib.report import inputs, typeset
from clusterlib.report.plan import Document, Job, slug
from clusterlib.report.produce import Failure, Settings, attempt
from clusterlib.study import Study

#: Output formats of a report: what the form calls them. The first two are those of any notebook.
FORMATS = {"ipynb": "Notebook", "html": "Page", "csv": "Table (CSV)", "pdf": "PDF", "docx": "Word"}
_OF_ANY = ("ipynb", "html")
_TRUTHS = {"true": True, "false": False}


class ReportEnvironmentManager(EnvironmentManager):  # type: ignore[misc]
    """The one environment that reports are rendered in, the server's own, and the formats that it can make."""

    def list_environments(self) -> list[RuntimeEnvironment]:
        """This Python; PDF and Word if the programs for them are installed."""
        name = Path(sys.executable).name
        return [
            RuntimeEnvironment(
                name=name,
                label=name,
                description=f"Python of this server: {sys.executable}",
                file_extensions=["ipynb"],
                output_formats=[each for each in FORMATS if _can_be_made(each)],
                metadata={"path": sys.executable},
            )
        ]

    def manage_environments_command(self) -> str:
        """No command: there is nothing to manage."""
        return ""

    def output_formats_mapping(self) -> dict[str, str]:
        """All formats and what the form calls them."""
        return FORMATS


class ReportExecutionManager(DefaultExecutionManager):  # type: ignore[misc]
    """Runs a job: a report through the renderer, any other notebook as the scheduler does."""

    def execute(self) -> None:
        """Run the job and write its files to the staging area.

        Raises
        ------
        InputError
            If a parameter cannot be used; the scheduler shows the message with the job.
        ClusterlibError
            If the notebook fails; what it came to is kept as the executed notebook.
        """
        path = Path(self.staging_paths["input"])
        formats = self.model.output_formats or []
        if is_report(path):
            self._report(path, formats)
        else:
            # The form offers every format for every notebook, and has all of them ticked.
            self._keep([each for each in formats if each in _OF_ANY])
            super().execute()

    def _keep(self, formats: list[str]) -> None:
        """Take the other formats off the job, so that nobody waits for files that are not made."""
        with self.db_session() as session:
            session.query(Record).filter(Record.job_id == self.job_id).update({"output_formats": formats})
            session.commit()
        self._model = None

    def _report(self, path: Path, formats: list[str]) -> None:
        job, study = job_of(path, self.model.parameters or {}, Path(self.root_dir))
        made = tuple(each for each in formats if each not in ("ipynb", "csv"))
        settings = Settings(formats=made, warm=False, folder=str(path.parent), checked=study.digest)
        result = attempt(job, inputs.read(job, study), (), settings)
        if isinstance(result, Failure):
            if result.partial and "ipynb" in formats:
                self._write("ipynb", result.partial)
            place = f" in the cell {result.cell.splitlines()[-1]!r}" if result.cell else ""
            raise ClusterlibError(f"{result.error}{place}")
        names = {f"{path.stem}.{each}": Path(self.staging_paths[each]).name for each in formats}
        for each in formats:
            content = result.files[each]
            self._write(each, alone(content.decode("utf-8"), names).encode("utf-8") if each == "html" else content)

    def _write(self, suffix: str, content: bytes) -> None:
        # As the scheduler writes: its staging area may be on another machine.
        with fsspec.open(self.staging_paths[suffix], "wb") as file:
            file.write(content)


def is_report(path: Path) -> bool:
    """Whether a notebook declares, in its parameters cell, what every report has: a language and a subject."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tagged = ["".join(each["source"]) for each in cells if "parameters" in each["metadata"].get("tags", [])]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    names = set(re.findall(r"(?m)^(\w+)\s*:\s*\w+\s*=", "\n".join(tagged)))
    return "lang" in names and bool(names & {"cluster", "file"})


def job_of(path: Path, given: Mapping[str, str], root: Path) -> tuple[Job, Study]:
    """Read the parameters of a form as a job of the renderer.

    Parameters
    ----------
    path : Path
        The notebook.
    given : mapping of str to str
        What stands in the form, by parameter.
    root : Path
        Where relative paths in it begin: the folder that JupyterLab shows.

    Raises
    ------
    InputError
        If a name is unknown or a value cannot be used, with what is allowed.
    DataError
        If the data folder is faulty.
    """
    declared = parameters.declared(path)
    values = {name: typed(text, declared[name].type if name in declared else "str") for name, text in given.items()}
    if values.get("data"):
        values["data"] = str(root / str(values["data"]))
    if "file" in declared:
        values["file"] = str(root / str(values["file"])) if values.get("file") else str(paths.EXAMPLE)
    study = Study.load(str(values.get("data", "")))
    checked = parameters.check(path.stem, values, study, path.parent)
    document = _document(Path(checked["file"])) if "file" in checked else None
    return Job(path.stem, checked.get("cluster", ""), checked["lang"], path, checked, document), study


def typed(text: str, kind: str) -> object:
    """Read what stands in a field of the form as a type; text that cannot be read so comes back as it is.

    Parameters
    ----------
    text : str
        The field. Text may stand in quotes, which the scheduler asks for where it puts fields into notebooks as code.
    kind : {"str", "int", "float", "bool"}
        The type.

    Examples
    --------
    >>> typed("0.2", "float"), typed("true", "bool"), typed("zh", "str"), typed('"zh"', "str"), typed("0,2", "float")
    (0.2, True, 'zh', 'zh', '0,2')
    """
    try:
        match kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return _TRUTHS.get(text.strip().casefold(), text)
        value = ast.literal_eval(text.strip()) if text.strip()[:1] in ("'", '"') else text
    except (ValueError, SyntaxError):
        return text
    return value if isinstance(value, str) else text


def alone(page: str, names: Mapping[str, str]) -> str:
    """A page that stands beside other files than in the folder of all reports, its links set right.

    Parameters
    ----------
    page : str
        The page of a report.
    names : mapping of str to str
        Files that it links to: the name in the page to the name here. Links in its head and foot to any other file go.

    Examples
    --------
    >>> alone('<footer><p><a href="a.csv">Data</a> · <a href="a.ipynb">Notebook</a></p></footer>', {"a.csv": "b c.csv"})
    '<footer><p><a href="b%20c.csv">Data</a></p></footer>'
    """

    def link(match: re.Match[str]) -> str:
        name = names.get(match["name"])
        return f'<a href="{quote(name)}">{match["text"]}</a>' if name else ""

    def mended(part: re.Match[str]) -> str:
        text = re.sub(r'<a href="(?P<name>[^"#:]+)"[^>]*>(?P<text>.*?)</a>', link, part[0])
        text = re.sub(r"(<(?:p|nav)[^>]*>)\s*(?:·\s*)+", r"\1", text)
        text = re.sub(r"\s*·\s*(?=·|</(?:p|nav)>)", "", text)
        return re.sub(r"<(p|nav)[^>]*>\s*</\1>", "", text)

    return re.sub(r"<(header|footer)>.*?</\1>", mended, page, flags=re.DOTALL)


def _document(path: Path) -> Document:
    read_source(path)  # raises where a kernel would fail later
    return Document(path, slug(path.stem), hashlib.sha256(path.read_bytes()).hexdigest())


def _can_be_made(suffix: str) -> bool:
    try:
        typeset.require({suffix} & set(typeset.FORMATS))
    except InputError:
        return False
    return True
