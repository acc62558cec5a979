"""The render path: a plan of reports, each run by papermill in a kernel of its own, written as pages."""

from clusterlib.report.plan import Job, jobs
from clusterlib.report.render import Outcome, render

__all__ = ["Job", "Outcome", "jobs", "render"]
