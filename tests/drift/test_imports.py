"""What importing the room costs."""

import subprocess
import sys


def test_drift_needs_the_tails_of_distributions_and_nothing_more_of_scipy() -> None:
    """`scipy.stats` takes a second to import; `scipy.special` does not bring it."""
    program = "import sys, omloop.drift; print('scipy.special' in sys.modules, 'scipy.stats' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
