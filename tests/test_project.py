"""The project's own files agree with each other: environments, pins, floor plan, README."""

import ast
import doctest
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from rattler import MatchSpec

ROOT = Path(__file__).resolve().parents[1]
#: What the user named.
NAMED = {"jupyterlab", "pandas", "matplotlib", "seaborn", "nbval", "papermill"}
ADDRESS = re.compile(r"https?://|git\+|index-url|find-links")


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def environment():
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def requirements(project):
    listed = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    return {requirement.name: requirement for requirement in map(Requirement, listed)}


def test_environment_specs_are_strictly_valid(environment):
    specs = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    parsed = {MatchSpec(spec, strict=True).name.normalized for spec in specs}
    assert parsed >= NAMED and {"python", "pip"} <= parsed
    assert environment["channels"] == ["conda-forge"]


def test_environment_and_project_ask_for_the_same(environment, project):
    wanted = requirements(project)
    for entry in environment["dependencies"]:
        if isinstance(entry, dict):
            assert entry == {"pip": ["--editable .[pdf]"]}
            continue
        name, _, version = entry.partition(">=")
        if name == "python":
            assert project["requires-python"] == f">={version}"
        elif name != "pip":
            assert str(wanted[name].specifier) == f">={version}", entry


def test_named_packages_are_dependencies(project):
    assert set(requirements(project)) >= NAMED


def test_constraints_are_plain_pins(project):
    lines = [
        line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    pins = {}
    for line in lines:
        requirement = Requirement(line)
        assert re.fullmatch(r"==[^*]+", str(requirement.specifier)), line
        pins.setdefault(requirement.name, []).append(str(requirement.specifier).removeprefix("=="))
    for name, requirement in requirements(project).items():
        assert all(requirement.specifier.contains(version, prereleases=True) for version in pins[name]), name


def test_no_download_address():
    for name in (
        "constraints.txt",
        "environment.yml",
        "pyproject.toml",
        "Makefile",
        ".pre-commit-config.yaml",
        ".ci/run",
    ):
        assert not ADDRESS.search((ROOT / name).read_text(encoding="utf-8")), name


def modules():
    library = ROOT / "clusterlib"
    for path in sorted(library.rglob("*.py")):
        if path.name not in ("__init__.py", "__main__.py"):
            yield path.relative_to(ROOT).with_suffix("").as_posix()


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_floor_plan_names_every_module(readme):
    plan = re.search(r"```text\n(clusterlib/.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.S)[1]
    named = {re.sub(r"^clusterlib/", "", each) for each in re.findall(r"[\w/]+\.py", plan)}
    found = {module.removeprefix("clusterlib/") + ".py" for module in modules()}
    assert named == found


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_readme_examples_print_what_they_say(readme):
    failures, tried = doctest.testfile(
        str(ROOT / readme), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert tried >= 8 and failures == 0


@pytest.mark.parametrize(
    "readme",
    ["README.md", "README.zh.md", "data/README.md", "docs/methods.md", "docs/rendering.md", "docs/scheduling.md"],
)
def test_links_lead_somewhere(readme):
    path = ROOT / readme
    for link in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        if not link.startswith("http"):
            assert (path.parent / link).exists(), link


def test_data_dictionary_names_every_column():
    import json

    dictionary = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    described = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in described["resources"]:
        for field in resource["schema"]["fields"]:
            assert f"`{field['name']}`" in dictionary, f"{resource['name']}.{field['name']}"


def test_make_explains_itself():
    done = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("env", "reports", "test", "lab", "check", "bench", "clean"):
        assert re.search(rf"^ +{target} ", done.stdout, re.M), target


def test_public_functions_say_what_they_do():
    """Numpydoc: every public function of the measures gives parameters, returns, errors and an example."""
    for module in ("inequality", "shares", "lorenz", "classes", "tail", "performance"):
        tree = ast.parse((ROOT / "clusterlib" / "measures" / f"{module}.py").read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name != "per_unit":
                text = ast.get_docstring(node)
                for part in ("Parameters\n---", "Returns\n---", "Raises\n---", "Examples\n---"):
                    assert part in text, f"{module}.{node.name}: {part.splitlines()[0]}"
