"""Creates whose bodies one template makes: which of its texts go where in a stamp.

Who fills in a template sends texts that the server would only read out of the body again. Once it
is known which of them are free text in a form, and that the others are as they were, a stamp takes
the texts as they come, and no body is made.
"""

from dataclasses import dataclass
from typing import Self

from kcore.apiserver.stamps import Form
from kcore.machinery.frozen import NamedTexts, Template
from kcore.machinery.request import Request


@dataclass(slots=True)
class Filling:
    """What is known of one template. O(1) to make and to ask, for its few texts."""

    request: Request
    """Like those that bring its bodies."""
    namespace: str
    form: Form
    own: NamedTexts
    """Picks the texts that are free in the form, in its order, where they may be what they are and
    the others are those that the form has; else what is wrong is said on the long way."""

    @classmethod
    def of(
        cls, request: Request, template: Template, texts: tuple[str, ...], form: Form
    ) -> Self | None:
        """How the form takes such texts; None where it does not, or names come from elsewhere.

        The body that these texts make is of that form.
        """
        paths, wanted = template.paths, form.body.paths
        if not form.has_name or paths[0] != wanted[0] or not set(wanted) <= set(paths):
            return None
        own = NamedTexts(texts, *map(paths.index, wanted))
        return cls(request, request.namespace, form, own)
