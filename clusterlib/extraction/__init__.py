"""From a document to candidate figures: every printed statistic with its interval, unit, meaning and place."""

from clusterlib.extraction.candidates import COLUMNS as COLUMNS
from clusterlib.extraction.candidates import Candidate as Candidate
from clusterlib.extraction.candidates import figures as figures
