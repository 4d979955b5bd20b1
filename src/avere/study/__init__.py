"""Whole roads as resumable plans of stages."""
