"""python -m console.bench JOB FOLDER [INCIDENTS]: one job in a process of its own; `console bench` starts these."""

import sys
from multiprocessing import freeze_support
from pathlib import Path

from console.__main__ import SWITCH_S
from console.bench.jobs import do_job

if __name__ == "__main__":
    freeze_support()
    sys.setswitchinterval(SWITCH_S)
    do_job(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
