"""Long runs of faults against a real `stemma serve`: `python -m tests.faults kills --rounds 1000 --seed 1`."""
