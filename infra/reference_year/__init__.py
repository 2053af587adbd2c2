"""The reference year: a seeded generator of one county office's year by the book, as a file of public actions.

It reads its volumes and parameters from `samples/reference_year/`, knows nothing of the store, and emits only
what any other system could send (`docs/reference-year.md`). It belongs to no live path.
"""
