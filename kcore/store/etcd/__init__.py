"""etcd's own contract on kcore's store: byte keys, transactions, leases, watches, etcd's refusals.

`EtcdServer` (in `server`) answers the requests of etcd 3.7's gRPC API, which are plain dataclasses
here. Its keys are one bucket of a `kcore.store.mvcc.Store`, so they share the revision counter, the
history and the forks of whatever else that store holds. Leases run on the clock that is passed in.

It knows nothing of Kubernetes, of the wire, of clusters of several members, or of users.
"""
