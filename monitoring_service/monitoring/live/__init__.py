"""Live updates: the websocket, the hub of its sockets, and the way from a commit to them."""
