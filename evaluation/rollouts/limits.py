"""Limits on an agent that is judged; on their own, so that the command line loads nothing else."""

ACT_SECONDS = 300.0
"""What one call of an agent may take unless `--act-timeout` says otherwise.

The first one may have to compile, and to plan for 128 levels, on a machine with much else to do.
"""
