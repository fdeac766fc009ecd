"""Serializer fields, JSON and instants that the routes of several subjects share."""
