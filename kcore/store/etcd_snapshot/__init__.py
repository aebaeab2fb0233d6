"""Snapshot files of real etcd servers: read them whole, or refuse them with the place of the fault.

`read_snapshot` gives an `EtcdSnapshot`, a plain value with every revision in the file;
`restore_server` makes a server of it whose reads and watches go back to the compaction.

It knows pages, revisions and etcd's messages; of Kubernetes only how its values are wrapped
(`kubernetes_values`).
"""
