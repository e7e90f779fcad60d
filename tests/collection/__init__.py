"""Fetching from APIs: a server that fails, schedules of faults, kills, and real servers."""
