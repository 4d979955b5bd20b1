"""Pages, tables and plots made from files alone."""
