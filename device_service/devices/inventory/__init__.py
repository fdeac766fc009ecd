"""The devices themselves: lists, creation, change, states, removal."""
