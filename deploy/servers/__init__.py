"""Real Kafka, Neo4j and PostgreSQL on one machine without Docker, for development and tests."""
