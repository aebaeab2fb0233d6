"""What every handler of one server may use: storage, time, chance, admission."""

from dataclasses import dataclass
from typing import Final, Self

from kcore.apiserver.admission.chain import AdmissionChain
from kcore.apiserver.storage import Storage
from kcore.forking import ForkMemo
from kcore.machinery.names import RANDOM_SUFFIX_LENGTH, generate_name
from kcore.machinery.timestamps import format_time
from kcore.runtime.choice import ChoiceSource, uuid4_text
from kcore.runtime.clock import SECOND_NS, Clock

_SUFFIX_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"
_UID_COUNT: Final = 2**122
# Two digits at a time: names are made up for nearly every pod.
_PAIRS: Final = tuple(high + low for high in _SUFFIX_ALPHABET for low in _SUFFIX_ALPHABET)


@dataclass(slots=True)
class ServerContext:
    """The stateful neighbours of a server, passed to whoever handles a request."""

    storage: Storage
    clock: Clock
    choices: ChoiceSource
    admission: AdmissionChain
    # Whether objects have `metadata.managedFields` from their creation, not from their first apply.
    tracks_fields: bool = False
    # Many writes happen within one second; its text is made once.
    _now_s: int = -1
    _now_text: str = ""

    def now_text(self) -> str:
        """The present, in whole seconds, as timestamps are written."""
        now_s = self.clock.now_ns() // SECOND_NS
        if now_s != self._now_s:
            self._now_s, self._now_text = now_s, format_time(now_s * SECOND_NS)
        return self._now_text

    def mint_uid(self) -> str:
        """A uid that was never used before: RFC 4122 version 4 from the stream `uid`."""
        return uuid4_text(self.choices.choose(_UID_COUNT, "uid"))

    def generate_name(self, base: str) -> str:
        """`base` and five characters of the stream `name`; cut so that it stays a DNS label."""
        number = self.choices.choose(len(_SUFFIX_ALPHABET) ** RANDOM_SUFFIX_LENGTH, "name")
        return generate_name(base, suffix_text(number))

    def fork(self, memo: ForkMemo) -> Self:
        """The forked neighbours; admission plugins hold no state."""
        return type(self)(
            storage=self.storage.fork(memo),
            clock=memo(self.clock),  # type: ignore[type-var]
            choices=memo(self.choices),
            admission=self.admission,
            tracks_fields=self.tracks_fields,
        )


def suffix_text(number: int) -> str:
    """The digits of `number` in the alphabet of suffixes, highest first."""
    pairs = len(_PAIRS)
    rest, low = divmod(number, pairs)
    high, middle = divmod(rest, pairs)
    return f"{_SUFFIX_ALPHABET[high]}{_PAIRS[middle]}{_PAIRS[low]}"
