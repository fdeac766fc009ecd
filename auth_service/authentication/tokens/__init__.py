"""Access tokens: signing, public keys, rotation of the signing key."""
