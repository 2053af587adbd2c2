"""The petition case: one file per stage, each with its actions, events and decisions."""
