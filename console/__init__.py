"""The console: the desk of the 110 call-taker, duty chief and technician."""

import os

# numpy's products here, those of learning too, are small: waking a second thread for one costs more than it saves, and
# on a busy machine the two wait for each other. It holds where this is imported before numpy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
