"""The independent verifier: reads a copied log folder and a policy file, and trusts nobody.

Shares no code with what builds the log: it imports the standard library, `cryptography`, `msgspec`
and its own files, and a test reads these imports.
"""

from infra.verify.event_proof import event_in, verify_proof, verify_proof_files
from infra.verify.log import verify_log
from infra.verify.report import Failure, Report

__all__ = ["Failure", "Report", "event_in", "verify_log", "verify_proof", "verify_proof_files"]
