"""Sessions: sign-in, refresh tokens, logout."""
