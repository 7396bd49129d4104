"""Telling: the agent's tabs, Attention, the dashboard, answers to what a person asks, and notices."""
