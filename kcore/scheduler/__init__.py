"""Pods to nodes: upstream's scheduler, readable.

`scheduler` is the process, `attempt` one pod's way to a node, `framework` the extension points,
`plugins` the decisions. Reaches state only through the client; knows no server and no store.
"""
