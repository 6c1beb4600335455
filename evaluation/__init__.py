"""Judging: rollouts, records, capability, preference, verdict, clips and the report."""
