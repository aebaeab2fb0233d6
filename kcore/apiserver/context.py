"""What every handler of one server may use: storage, time, chance, admission."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Self

from kcore.apiserver.admission.chain import AdmissionChain
from kcore.apiserver.storage import Storage
from kcore.forking import ForkMemo
from kcore.machinery.names import RANDOM_SUFFIX_LENGTH, SAFE_CHARACTERS, generate_name
from kcore.machinery.timestamps import format_time
from kcore.runtime.choice import UUID4_COUNT, ChoiceSource, SeededSource, uuid4_text, word
from kcore.runtime.clock import SECOND_NS, Clock

Mint = Callable[[], str]

_SUFFIXES_COUNT: Final = len(SAFE_CHARACTERS) ** RANDOM_SUFFIX_LENGTH


@dataclass(slots=True)
class ServerContext:
    """The stateful neighbours of a server, passed to whoever handles a request."""

    storage: Storage
    clock: Clock
    choices: ChoiceSource
    admission: AdmissionChain
    # Whether objects have `metadata.managedFields` from their creation, not from their first apply.
    tracks_fields: bool = False
    # Many writes happen at one instant, and within one second; its text is made once.
    _now_ns: int = -1
    _now_s: int = -1
    _now_text: str = ""

    def now_text(self) -> str:
        """The present, in whole seconds, as timestamps are written."""
        now_ns = self.clock.now_ns()
        if now_ns != self._now_ns:
            now_s, self._now_ns = now_ns // SECOND_NS, now_ns
            if now_s != self._now_s:
                self._now_s, self._now_text = now_s, format_time(now_s * SECOND_NS)
        return self._now_text

    def mint_uid(self) -> str:
        """A uid that was never used before: RFC 4122 version 4 from the stream `uid`."""
        choices = self.choices
        if type(choices) is SeededSource:
            return choices.uuid4("uid")  # The same draw, a third of the time of the two steps.
        return uuid4_text(choices.choose(UUID4_COUNT, "uid"))

    def mints(self) -> tuple[Mint, Mint]:
        """What makes suffixes of names, and uids, for those who make many.

        The same draws as `name_suffix` and `mint_uid`, where it can be without a call of Python.
        """
        choices = self.choices
        if type(choices) is SeededSource:
            suffix = partial(choices.word, "name", SAFE_CHARACTERS, RANDOM_SUFFIX_LENGTH)
            return suffix, partial(choices.uuid4, "uid")
        return self.name_suffix, self.mint_uid

    def generate_name(self, base: str) -> str:
        """`base` and a suffix; cut so that it stays a DNS label."""
        return generate_name(base, self.name_suffix())

    def name_suffix(self) -> str:
        """Five characters of the stream `name`."""
        number = self.choices.choose(_SUFFIXES_COUNT, "name")
        return word(number, SAFE_CHARACTERS, RANDOM_SUFFIX_LENGTH)

    def fork(self, memo: ForkMemo) -> Self:
        """The forked neighbours; admission plugins hold no state."""
        return type(self)(
            storage=self.storage.fork(memo),
            clock=memo(self.clock),  # type: ignore[type-var]
            choices=memo(self.choices),
            admission=self.admission,
            tracks_fields=self.tracks_fields,
        )
