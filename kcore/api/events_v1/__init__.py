"""Rules of kinds in events/v1."""

from typing import TYPE_CHECKING

from kcore.machinery.lazy_views import lazy_views

if TYPE_CHECKING:
    from kcore.api.events_v1.models import *  # noqa: F403 - the views, for type checkers
else:
    __getattr__, __dir__ = lazy_views(__name__)
