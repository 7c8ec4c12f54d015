"""The rows of the EPCIS checklist, one test or more each; docs/epcis-conformance.md is made from their results."""
