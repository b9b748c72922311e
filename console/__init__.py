"""The console: the desk of the 110 call-taker, duty chief and technician."""
