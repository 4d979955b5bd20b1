"""Asking models many things once each: a journalled queue with retries, repair and a budget."""
