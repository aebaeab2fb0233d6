"""Same seed, same answers; a new consumer on another stream moves nobody else's draws."""

import subprocess
import sys

import pytest

from kcore.forking import ForkMemo
from kcore.runtime.choice import (
    FairSource,
    RecordedSource,
    RecordingSource,
    ReplayDivergedError,
    SeededSource,
)


def draws(source: SeededSource, label: str, count: int = 50) -> list[int]:
    return [source.choose(1000, label) for _ in range(count)]


def test_same_seed_gives_the_same_answers_in_another_process() -> None:
    program = (
        "from kcore.runtime.choice import SeededSource\n"
        "s = SeededSource(7)\n"
        "print([s.choose(1000, 'turn') for _ in range(20)])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert outputs == {f"{draws(SeededSource(7), 'turn', 20)}\n"}


def test_streams_do_not_move_each_other() -> None:
    alone = draws(SeededSource(1), "turn")
    source = SeededSource(1)
    mixed = []
    for _ in range(50):
        source.choose(10, "suffix/web")
        mixed.append(source.choose(1000, "turn"))
    assert mixed == alone


def test_detail_after_the_slash_shares_the_stream() -> None:
    source = SeededSource(1)
    assert [source.choose(1000, "turn/a"), source.choose(1000, "turn/b")] == draws(
        SeededSource(1), "turn", 2
    )


def test_different_seeds_differ() -> None:
    assert draws(SeededSource(1), "turn") != draws(SeededSource(2), "turn")


def test_wide_choices_use_all_their_bits() -> None:
    source = SeededSource(3)
    values = [source.choose(2**122, "uid") for _ in range(200)]
    assert len(set(values)) == 200
    assert all(0 <= value < 2**122 for value in values)
    assert any(value >= 2**121 for value in values)


def test_draws_are_roughly_uniform() -> None:
    source = SeededSource(5)
    counts = [0] * 8
    for _ in range(8000):
        counts[source.choose(8, "turn")] += 1
    assert all(850 < count < 1150 for count in counts)


def test_a_fork_answers_as_the_parent_would_have() -> None:
    source = SeededSource(1)
    draws(source, "turn", 5)
    twin = source.fork(ForkMemo())
    draws(twin, "turn", 30)
    again = source.fork(ForkMemo())
    assert draws(again, "turn", 10) == draws(source, "turn", 10)


def test_fair_source_takes_turns() -> None:
    source = FairSource()
    assert [source.choose(3, "turn") for _ in range(7)] == [0, 1, 2, 0, 1, 2, 0]


def test_a_recording_replays() -> None:
    recorder = RecordingSource(SeededSource(9))
    answers = [recorder.choose(5, "turn"), recorder.choose(100, "suffix")]
    replay = RecordedSource(recorder.choices)
    assert [replay.choose(5, "turn"), replay.choose(100, "suffix")] == answers


def test_a_replay_that_diverges_says_where() -> None:
    replay = RecordedSource([("turn", 5, 2)])
    with pytest.raises(
        ReplayDivergedError, match=r"choice 0: recorded 'turn' of 5, asked 'turn' of 6"
    ):
        replay.choose(6, "turn")
    assert replay.choose(5, "turn") == 2
    with pytest.raises(ReplayDivergedError, match="the recording ends"):
        replay.choose(5, "turn")
