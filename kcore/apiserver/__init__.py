"""Verbs on resources: takes a Request, returns a Response. No sockets, no other actor."""
