"""The command `ems`: installs and runs the whole platform as private instances on one machine."""
