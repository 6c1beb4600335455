"""Missions: levels as the XML that Malmo draws. Exports nothing."""
