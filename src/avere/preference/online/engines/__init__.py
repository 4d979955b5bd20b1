"""Engines that train at scale with our rewards: one module an engine, found by name.

A module has ``write(rows, out, model) -> files``. What it writes is read by the engine alone; the plug-in
that computes rewards imports `avere.preference.online.plugin`, so that avere must be installed where rewards
are computed.
"""
