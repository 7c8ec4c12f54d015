"""EPCIS in XML: `reader` takes documents of EPCIS 2.0 and 1.x apart into the neutral form of JSON, `answers` writes.

Nothing is fetched, no entity is known. Source: EPCIS 2.0 section 9.5, epcis.md X1-X7.
"""
