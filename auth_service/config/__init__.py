"""Settings, routes and web application of auth_service."""
