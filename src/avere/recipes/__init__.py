"""Recipes that people copy: data, shipped with the package."""
