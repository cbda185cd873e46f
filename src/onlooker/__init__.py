"""Onlooker: any camera, live, for any number of onlookers, from one small process."""

from importlib.metadata import version

__version__ = version("onlooker")
