"""Everything that is written about vulnerabilities, by the step it belongs to.

The steps stand in modules of their own, in the order of the work; pages, API and jobs call them
from here.
"""

from noroshi.vulnerabilities.answering import answer_match
from noroshi.vulnerabilities.assessing import (
    Choice,
    assess,
    decide,
    instruct,
    mark_reported,
    reconsider,
)
from noroshi.vulnerabilities.importing import start_import
from noroshi.vulnerabilities.receiving import Received, receive_advisory

__all__ = [
    "Choice",
    "Received",
    "answer_match",
    "assess",
    "decide",
    "instruct",
    "mark_reported",
    "receive_advisory",
    "reconsider",
    "start_import",
]
