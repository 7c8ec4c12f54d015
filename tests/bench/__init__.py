"""The measured claims. `python -m tests.bench [name …] [--full] [--servers]`; each figure stands beside an alternative
measured in the same run, since only the ratio says anything about another machine."""
