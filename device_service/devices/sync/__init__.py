"""Events of other services, and their consequences here."""
