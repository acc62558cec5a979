"""The render path: a plan of reports, each run by papermill in a kernel of its own, written as pages."""
