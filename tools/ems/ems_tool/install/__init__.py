"""Install the packages of the distribution that the platform needs, and build the dashboard.

It is imported by the packages that run servers and the platform.
"""
