"""The commands of python -m drivers, one module each: add_parser() declares it, its run() does it."""
