"""What a petition office does and what the law asks of it.

Here live the language (actions and events), the aggregates that decide, the law's clocks, the supervision
checks and the mathematics of the sealed log. Nothing here reads a file, a clock, the network or the
environment: time, identity and look-ups come in as arguments.
"""
