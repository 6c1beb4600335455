"""Missions: a level as the XML that Malmo draws."""
