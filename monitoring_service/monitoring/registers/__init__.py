"""Registers of cumulative devices: which are plausible, and the hours that they give."""
