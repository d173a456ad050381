"""How often published intervals hold the truth, where the truth is simulated.

``python -m trends.coverage`` runs the code that publishes dates on simulated series and
writes docs/coverage.md. Nothing is read but the seed: the same code, the same page.
"""
