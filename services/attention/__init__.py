"""What needs attention now, for Home."""
