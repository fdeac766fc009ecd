"""Infrastructure that the three services share; it knows users, but neither readings nor hours.

README.md lists the modules that services import, and the settings by which they name their parts.
"""
