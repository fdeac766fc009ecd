"""Access: the devices that a user may see and change."""
