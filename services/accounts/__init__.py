"""People: accounts, their passwords, sessions and one-time links, and the record of who came and who changed what."""
