"""The command line: one module a family of commands. Part of the composition, above everything but windows."""
