"""The EPCIS 2.0 repository as partners see it: discovery, queries, pages, named queries.

Source: EPCIS 2.0 section 12 and its OpenAPI; the rows are those of docs/epcis-conformance.md.
"""
