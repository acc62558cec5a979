"""Import seaborn without scipy.stats: a second for every page, and no picture here estimates a density.

seaborn takes its own estimator where scipy.stats is missing, so whoever draws densities beside these still can.
"""

import sys

if "seaborn" not in sys.modules and "scipy.stats" not in sys.modules:
    sys.modules["scipy.stats"] = None  # type: ignore[assignment]
    try:
        import seaborn  # noqa: F401
    finally:
        del sys.modules["scipy.stats"]
