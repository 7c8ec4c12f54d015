"""Evidence: what the log holds of some events, in one file that anybody can check without this service."""
