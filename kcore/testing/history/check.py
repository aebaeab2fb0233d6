"""Is this history one that a single, correct store could have given?"""

from kcore.testing.history.operations import OperationCheck
from kcore.testing.history.records import History, Violation
from kcore.testing.history.timeline import reconstruct
from kcore.testing.history.watches import watch_violations


def check_history(history: History) -> list[Violation]:
    """Every law that is broken, operations first; an empty list for a lawful history.

    Operations must be linearizable (Herlihy and Wing 1990): each takes effect at one moment
    between its call and its return. etcd's revisions name that moment, which makes the question
    one of checking instead of searching. Watches must keep etcd's guarantees
    (https://etcd.io/docs/latest/learning/api_guarantees/).

    O((operations + events) * log, and keys * revisions for the states).

    Raises:
        NotImplementedError: a request uses an option that the checker does not model.
    """
    timeline = reconstruct(history)
    return [
        *OperationCheck(history, timeline).violations(),
        *watch_violations(history, timeline),
    ]
