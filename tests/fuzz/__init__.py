"""Coverage-guided fuzzing of untrusted bytes: `python -m tests.fuzz identifiers|times|json|xml [seconds]`."""
