"""Sealing mathematics: the RFC 6962 tree over event bytes, C2SP tiles, checkpoints and proofs.

Standard library only, no I/O and no keys: signing is a function that is passed in.
"""
