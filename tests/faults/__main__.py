"""Runs schedules, and prints how to replay one that breaks a promise."""

import argparse
import sys
import time

from tests.faults.beside import play, play_beside


def main() -> int:
    """The number of schedules that broke a promise, as an exit code of 0 or 1."""
    options = argparse.ArgumentParser(prog="python -m tests.faults")
    options.add_argument("--first", type=int, default=1, help="seed of the first")
    options.add_argument("--seeds", type=int, default=20, help="how many")
    options.add_argument("--keep", action="store_true", help="keep every world")
    options.add_argument("--processes", type=int, default=1, help="that play at once")
    chosen = options.parse_args()
    began, n_broken, n_faults = time.monotonic(), 0, 0
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    played = (
        play_beside(seeds, processes=chosen.processes, keep=chosen.keep)
        if chosen.processes > 1
        else play(seeds, keep=chosen.keep)
    )
    for seed, outcome in played:
        n_faults += outcome.n_met
        n_broken += bool(outcome.problems)
        print(f"{seed}: {outcome}", flush=True)
        for problem in outcome.problems:
            print(f"    BROKEN: {problem}", flush=True)
        if outcome.problems:
            print(
                f"    replay: make faults FIRST={seed} SEEDS=1; its world: "
                f"{outcome.world}",
                flush=True,
            )
    print(
        f"{chosen.seeds} schedules, {n_faults} faults met, {n_broken} schedules broke a "
        f"promise; {time.monotonic() - began:.0f} s"
    )
    return int(n_broken > 0)


if __name__ == "__main__":
    sys.exit(main())
