"""What runs Stemma: images, compose, and the servers for tests. Not shipped in the package."""
