"""Install the packages of the distribution that the platform needs, and build the dashboard.

The packages that run servers and the platform import this package.
"""
