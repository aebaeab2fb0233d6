"""Sending requests of any kind to a server."""

from kcore.store.etcd import lease_messages, messages
from kcore.store.etcd.errors import EtcdError

METHODS = {
    messages.PutRequest: "put",
    messages.RangeRequest: "range",
    messages.DeleteRangeRequest: "delete_range",
    messages.TxnRequest: "txn",
    messages.CompactionRequest: "compact",
    lease_messages.LeaseGrantRequest: "lease_grant",
    lease_messages.LeaseRevokeRequest: "lease_revoke",
    lease_messages.LeaseTimeToLiveRequest: "lease_time_to_live",
    lease_messages.LeaseKeepAliveRequest: "lease_keep_alive",
}


def send(server, request):
    """The response, or the refusal's text."""
    try:
        return getattr(server, METHODS[type(request)])(request)
    except EtcdError as error:
        return str(error)


def ask(model, request):
    """The same of a model."""
    try:
        return model.answer(request)
    except EtcdError as error:
        return str(error)
