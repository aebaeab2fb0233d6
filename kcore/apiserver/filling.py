"""Creates whose bodies one template makes: which of its texts go where in a stamp.

Who fills in a template sends texts that the server would only read out of the body again. Once it
is known which of them are free text in a form, and that the others are as they were, a stamp takes
the texts as they come, and no body is made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Self

from kcore.apiserver.stamps import Form
from kcore.machinery.frozen import Template
from kcore.machinery.request import Request

_Texts = tuple[str, ...]


@dataclass(slots=True)
class Filling:
    """What is known of one template. O(1) to make and to ask, for its few texts."""

    request: Request
    """Like those that bring its bodies."""
    namespace: str
    form: Form
    own: Callable[[_Texts], _Texts]
    """Picks the texts that are free in the form, in its order."""
    rest: Callable[[_Texts], Any]
    """Picks the others."""
    same: Any
    """What the others must be: those that the form has."""

    @classmethod
    def of(cls, request: Request, template: Template, texts: _Texts, form: Form) -> Self | None:
        """How the form takes such texts; None where it does not, or names come from elsewhere.

        The body that these texts make is of that form.
        """
        paths, wanted = template.paths, form.body.paths
        if not form.has_name or paths[0] != wanted[0] or not set(wanted) <= set(paths):
            return None
        others = [place for place, path in enumerate(paths) if path not in wanted]
        rest: Callable[[_Texts], Any] = itemgetter(*others) if others else _nothing
        own = itemgetter(*map(paths.index, wanted))
        return cls(request, request.namespace, form, own, rest, rest(texts))


def _nothing(texts: _Texts) -> None:
    """What is left of texts that are all free."""
