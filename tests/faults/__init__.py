"""Schedules of faults: the pipeline is run while things break, and is held to its word.

``python -m tests.faults --first 1 --seeds 20`` (``make faults SEEDS=20``) draws, seed by
seed, what is run and what breaks meanwhile: see ``schedule``. ``worker`` runs the real
command line with the fault in it, ``world`` is what is run on, ``shared`` the store that
some machines share, ``invariants`` what must hold after each attempt and at every moment.
The same seed gives the same schedule. ``beside`` plays in several processes.
"""
