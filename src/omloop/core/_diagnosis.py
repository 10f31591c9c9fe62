"""What an examination found: of this machine, or of a cloud."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Diagnosis:
    """One check: `ok`, `missing` (nothing breaks until someone needs it) or `broken`, and what to do."""

    what: str
    state: Literal["ok", "missing", "broken"]
    detail: str
    next_step: str = ""
