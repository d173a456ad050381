"""Runs schedules, and prints how to replay one that breaks a promise."""

import argparse
import shutil
import sys
import time

from tests.faults.driver import Driver


def main() -> int:
    """The number of schedules that broke a promise, as an exit code of 0 or 1."""
    options = argparse.ArgumentParser(prog="python -m tests.faults")
    options.add_argument("--first", type=int, default=1, help="seed of the first")
    options.add_argument("--seeds", type=int, default=20, help="how many")
    options.add_argument("--keep", action="store_true", help="keep every world")
    chosen = options.parse_args()
    began, n_broken, n_faults = time.monotonic(), 0, 0
    with Driver() as driver:
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            outcome = driver.play(seed)
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
            elif not chosen.keep:
                shutil.rmtree(outcome.world)
        driver.keeps = bool(n_broken) or chosen.keep
    print(
        f"{chosen.seeds} schedules, {n_faults} faults met, {n_broken} schedules broke a "
        f"promise; {time.monotonic() - began:.0f} s"
    )
    return int(n_broken > 0)


if __name__ == "__main__":
    sys.exit(main())
