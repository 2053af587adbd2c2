"""What other systems hold, on its way into the ledger: readers, the mapping, and the driver of an import.

A reader turns a file into records (a row, an object, a trace), the mapping turns a record into proposed
actions, the driver hands them to the ledger in batches and keeps the account of what was taken.
"""
