"""Warm kernels: forked from a parent that has imported, equal to ordinary ones, and gone with the run."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from clusterlib import paths
from clusterlib.report import warm
from clusterlib.report.plan import jobs
from clusterlib.report.render import render
from clusterlib.study import Study

pytestmark = pytest.mark.skipif(not warm.available(), reason="kernels cannot be forked here")

PARAMETERS = 'cluster: str = "china-garment"  # a cluster\nlang: str = "en"  # a language\ndata: str = ""  # a folder'
#: What a notebook can see of the kernel that runs it, and what must be the same in both kinds.
STATE = """
import os, random, signal, sys, threading
import matplotlib, numpy, pandas
import matplotlib.pyplot as plt
print(pandas.get_option("display.max_columns"), pandas.get_option("display.width"), matplotlib.get_backend())
print(__name__, sys.argv[0].rpartition("/")[2].removesuffix(".py"), sys.path[0], os.getcwd(), sys.flags.interactive)
print(os.environ["CLUSTERLIB_TEST"], sorted(name for name in os.environ if name.startswith(("MPL", "PYTHON"))))
print([signal.getsignal(number) is signal.SIG_DFL for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE)])
print(get_ipython().history_manager.enabled, "clusterlib.report.warm" in sys.modules and len(sys.modules) < 0)
print(pandas.DataFrame([range(30)]))
"""
#: Enough to fork kernels from.
BARE = ("ipykernel.kernelapp", "numpy")
CELLS = (
    STATE,
    "import subprocess; subprocess.run(['echo', 'from a child'], check=True).returncode",
    "import pandas as pd; pd.DataFrame({'a': [1, 2], '名称': ['甲', '乙']})",
    "import asyncio; await asyncio.sleep(0.01); 'awaited'",
    "import threading; t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()",
    "import numpy as np; a = np.arange(90000.0).reshape(300, 300); round(float((a @ a.T).trace()))",
    "fig, ax = plt.subplots(); ax.plot([1, 3, 2]); ax.set_title('output'); fig",
)


@pytest.fixture(scope="module")
def study():
    return Study.load()


def write(folder, name, *cells):
    spec = {"name": "python3", "display_name": "p", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": spec})
    notebook.cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")


def plan(tmp_path, *names):
    path = tmp_path / "plan.toml"
    path.write_text("\n".join(f'[[report]]\nnotebook = "{name}"\n' for name in names), encoding="utf-8")
    return path


def outputs(path):
    """What cells show, without what tells one run from another."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("papermill", None)
            found.append(json.dumps(output, sort_keys=True, ensure_ascii=False))
    return found


def test_cold_and_warm_kernels_show_the_same(study, tmp_path, monkeypatch):
    monkeypatch.setenv("CLUSTERLIB_TEST", "产业")
    write(tmp_path / "notebooks", "state", *CELLS)
    planned = jobs(
        plan(tmp_path, "state"), study, clusters=["china-garment"], languages=["en"], folder=tmp_path / "notebooks"
    )
    planned += jobs(paths.PLAN, study, clusters=["china-garment"], languages=["zh"], notebooks=["03_performance"])
    for kind in ("warm", "cold"):
        outcomes = render(planned, study, tmp_path / kind, workers=1, cold=kind == "cold")
        assert [(outcome.status, outcome.error) for outcome in outcomes] == [("ready", "")] * 2
    for job in planned:
        shown = {kind: outputs(tmp_path / kind / f"{job.key}.ipynb") for kind in ("warm", "cold")}
        assert shown["warm"] == shown["cold"] and len(shown["warm"]) > 7
        both = [(tmp_path / kind / f"{job.key}.csv").read_bytes() for kind in ("warm", "cold")]
        assert both[0] == both[1]


def test_each_kernel_has_random_numbers_of_its_own(study, tmp_path):
    cell = "import random\nimport numpy as np\n(random.random(), float(np.random.random()))"
    for name in ("one", "two"):
        write(tmp_path / "notebooks", name, cell)
    planned = jobs(
        plan(tmp_path, "one", "two"), study, clusters=["china-garment"], languages=["en"], folder=tmp_path / "notebooks"
    )
    assert {outcome.status for outcome in render(planned, study, tmp_path / "out", workers=1)} == {"ready"}
    drawn = [json.loads(outputs(tmp_path / "out" / f"{job.key}.ipynb")[0])["data"]["text/plain"] for job in planned]
    assert drawn[0] != drawn[1]


class TestParent:
    """The process that kernels are forked from."""

    @staticmethod
    def start(parent, tmp_path, code):
        """A process forked as a kernel is, which runs code instead of a kernel."""
        (tmp_path / "kernel.json").write_text("{}", encoding="utf-8")
        arguments = ["-f", str(tmp_path / "kernel.json"), "--IPKernelApp.exec_lines=" + repr([code])]
        return parent.fork(arguments, dict(os.environ), str(tmp_path))

    @pytest.fixture
    def parent(self):
        with warm.Parent(BARE) as parent:
            yield parent

    def test_kernel_is_killed_with_all_that_it_has_started(self, parent, tmp_path):
        mark = tmp_path / "child"
        code = f"import subprocess; open({str(mark)!r}, 'w').write(str(subprocess.Popen(['sleep', '60']).pid))"
        kernel = self.start(parent, tmp_path, code)
        wait_for(lambda: mark.is_file() and mark.read_text())
        assert kernel.poll() is None
        kernel.kill()
        assert kernel.wait(10) == -signal.SIGKILL and kernel.poll() == -signal.SIGKILL
        wait_for(lambda: not alive(int(mark.read_text())))

    def test_nothing_outlives_a_closed_parent(self, tmp_path):
        with warm.Parent(BARE) as parent:
            kernels = [self.start(parent, tmp_path, "pass") for _ in range(3)]
            pids = [kernel.pid for kernel in kernels]
            assert all(alive(pid) for pid in pids)
        wait_for(lambda: not any(alive(pid) for pid in pids))
        assert [kernel.wait(10) for kernel in kernels] == [-signal.SIGKILL] * 3

    def test_a_parent_that_is_killed_takes_its_kernels_along(self, tmp_path):
        parent = warm.Parent(BARE)
        kernel = self.start(parent, tmp_path, "while True: pass")
        os.kill(parent._process.pid, signal.SIGKILL)
        wait_for(lambda: not alive(kernel.pid))
        assert kernel.wait(10) == -signal.SIGKILL
        with pytest.raises(OSError):
            self.start(parent, tmp_path, "pass")
        parent.close()

    def test_a_run_whose_parent_died_starts_another(self, tmp_path):
        first = warm.parent("a")
        assert warm.parent("a") is first
        os.kill(first._process.pid, signal.SIGKILL)
        first._process.wait()
        second = warm.parent("a")
        assert second is not first and second.alive()
        other = warm.parent("b")
        warm.close("a")
        assert other is not second and other.alive() and not second.alive()
        warm.close()
        assert not other.alive()


SCRIPT = """
import sys
from pathlib import Path
from clusterlib.report.plan import jobs
from clusterlib.report.render import render
from clusterlib.study import Study
folder = Path(sys.argv[1])
study = Study.load()
clusters = ["china-garment", "shishi-garment"]
planned = jobs(folder / "plan.toml", study, clusters=clusters, folder=folder / "notebooks")
render(planned, study, folder / "out", workers=2, cold=sys.argv[2] == "cold")
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found by /proc")
@pytest.mark.parametrize(("kind", "number"), [("warm", signal.SIGKILL), ("cold", signal.SIGKILL)])
def test_no_process_outlives_a_run_that_is_killed(tmp_path, kind, number):
    write(tmp_path / "notebooks", "long", "import subprocess; subprocess.Popen(['sleep', '300'])", "while True: pass")
    plan(tmp_path, "long")
    mark = f"CLUSTERLIB_MARK={tmp_path}"
    environment = {**os.environ, "CLUSTERLIB_MARK": str(tmp_path)}
    run = subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path), kind], env=environment)
    try:
        wait_for(lambda: sum("sleep" in command for command in marked(mark).values()) == 2, 60)
    finally:
        run.send_signal(number)
        run.wait()
    wait_for(lambda: marked(mark) == {}, 20)


def marked(mark):
    """Processes that have inherited a mark, with what they run."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().decode(errors="replace").split("\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
    return found


def alive(pid):
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.05)
