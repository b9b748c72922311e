"""Tests of the room that spells and cuts Chinese text."""
