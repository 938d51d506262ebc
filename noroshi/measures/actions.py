"""Everything that is written about instructions, by the step it belongs to.

Each action is one transaction: the row is locked and read again, so that of two people who act
at once the second is refused with a sentence. Pages, API and jobs call the actions from here.
"""

from noroshi.measures.answering import answer, answer_by_link
from noroshi.measures.instructing import (
    Order,
    Subject,
    Upload,
    change_due,
    instruct,
    instruct_again,
    send_link_again,
    withdraw,
)
from noroshi.measures.reminding import remind
from noroshi.measures.verifying import close, send_back, verify, verify_by_inventory

__all__ = [
    "Order",
    "Subject",
    "Upload",
    "answer",
    "answer_by_link",
    "change_due",
    "close",
    "instruct",
    "instruct_again",
    "remind",
    "send_back",
    "send_link_again",
    "verify",
    "verify_by_inventory",
    "withdraw",
]
