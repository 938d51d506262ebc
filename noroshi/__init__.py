"""Noroshi, the workplace of a CSIRT and of a circle of CSIRTs."""

__version__ = "0.1.0"
