"""Tests of `geodata.studies`."""
