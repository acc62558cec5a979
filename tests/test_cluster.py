"""Reports made by the workers of a dask cluster: the same as those made here, and nothing is left on the workers."""

import json
import re
import socket
import sys

import nbformat
import pytest

from clusterlib.cli import main
from clusterlib.errors import InputError
from clusterlib.report.cluster import connect
from clusterlib.report.plan import jobs
from clusterlib.report.render import run
from clusterlib.study import Study


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed", reason="clusterlib[dask] is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as cluster:
        yield cluster


def children():
    """Command lines of the processes that a worker has started."""
    import psutil

    return [process.cmdline() for process in psutil.Process().children(recursive=True)]


def lasting(path):
    """Of a file, what is the same wherever and whenever it is made."""
    if path.suffix == ".html":
        return re.sub(r"Rendered \d.*? from|\d+年\d+月\d+日 \d\d:\d\d", "", path.read_text(encoding="utf-8"))
    if path.suffix == ".ipynb":
        notebook = json.loads(path.read_text(encoding="utf-8"))
        shown = [(cell["source"], cell.get("outputs")) for cell in notebook["cells"]]
        return shown, notebook["metadata"]["papermill"]["parameters"]
    return path.read_bytes()


@pytest.fixture
def plan(tmp_path):
    """A small report on two clusters in two languages."""
    cells = [
        'cluster: str = "china-garment"  # cluster\nlang: str = "en"  # language\ndata: str = ""  # folder',
        "from IPython.display import display\n\n"
        'told = {"text/csv": f"cluster\\n{cluster}\\n", "text/html": f"<p>{cluster} {lang} 产业", "text/plain": ""}\n'
        "display(told, raw=True)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.cells[0].metadata.tags = ["parameters"]
    notebook.metadata.language_info = {"name": "python"}
    nbformat.write(notebook, tmp_path / "small.ipynb")
    file = tmp_path / "plan.toml"
    file.write_text('[[report]]\nnotebook = "small"\nclusters = ["china-garment", "baoying-glass"]\n', encoding="utf-8")
    return file


def test_reports_of_a_cluster_are_those_made_here(cluster, plan, tmp_path):
    study = Study.load()
    asked = jobs(plan, study, folder=tmp_path)
    # Ordinary kernels here, forked ones there.
    assert {each.status for each in run(asked, study, tmp_path / "here", cold=True).outcomes} == {"ready"}
    with connect(cluster.scheduler_address.replace("tcp", "dask")) as executor:
        made = run(asked, study, tmp_path / "there", executor=executor)
    assert [(outcome.status, outcome.error) for outcome in made.outcomes] == [("ready", "")] * 4
    for job in asked:
        for suffix in ("csv", "ipynb", "html"):
            here, there = (tmp_path / place / f"{job.key}.{suffix}" for place in ("here", "there"))
            assert lasting(here) == lasting(there), job.key
    with cluster.get_client() as client:
        assert client.run(children) == {worker: [] for worker in client.scheduler_info()["workers"]}


@pytest.mark.parametrize(
    "address",
    ["dask://", "tcp://host:8786", "dask://host", "dask://host:port", "dask://host:99999", "dask://user@host:1", "x",
     "dask://host:8786/path", "dask://[::1"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(InputError, match=re.escape(f"executor: given {address!r}; allowed: dask://HOST:PORT")):
        connect(address).__enter__()


def test_nobody_listens_is_one_line(tmp_path, capfd):
    pytest.importorskip("distributed", reason="clusterlib[dask] is not installed")
    with socket.socket() as taken:  # and does not listen
        taken.bind(("127.0.0.1", 0))
        address = f"dask://127.0.0.1:{taken.getsockname()[1]}"
        assert main(["report", "--executor", address, "--out", str(tmp_path / "out")]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert re.fullmatch(rf"clusterlib: executor: given '{address}'; allowed: dask://HOST:PORT .*refused\)\n", said.err)
    assert not (tmp_path / "out").exists()


def test_what_listens_is_no_scheduler(capfd):
    pytest.importorskip("distributed", reason="clusterlib[dask] is not installed")
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            for _ in range(2):
                line, _ = server.accept()
                with line:
                    line.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(InputError, match="no scheduler"):
            connect(f"dask://127.0.0.1:{server.getsockname()[1]}").__enter__()
    assert capfd.readouterr().err == ""


def test_the_package_is_an_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'clusterlib\[dask\]'"):
        connect("dask://127.0.0.1:8786").__enter__()
