"""What is too large, too many or forbidden is refused with etcd's text, and changes nothing."""

import pytest

from kcore.runtime.clock import VirtualClock
from kcore.store.etcd.encoding import encoded_bytes
from kcore.store.etcd.errors import EtcdError
from kcore.store.etcd.lease_messages import AlarmAction, AlarmRequest, AlarmType
from kcore.store.etcd.limits import RAFT_HEADER_BYTES, EtcdLimits
from kcore.store.etcd.messages import (
    Compare,
    CompareTarget,
    DeleteRangeRequest,
    PutRequest,
    RangeRequest,
    TxnRequest,
)
from kcore.store.etcd.server import EtcdServer

SMALL = EtcdLimits(txn_operations_count_max=4, request_bytes_max=1000)


def server():
    return EtcdServer(VirtualClock(), SMALL)


def puts(count):
    return tuple(PutRequest(b"%03d" % number, b"v") for number in range(count))


@pytest.mark.parametrize(
    ("request_", "size"),
    [
        (PutRequest(), 0),
        (PutRequest(b"b", b"x" * 2_200_000), 2_200_008),  # told by a real server
        (PutRequest(b"k", b"v", 300, True), 3 + 3 + 3 + 2),
        (RangeRequest(b"k", limit=-1), 3 + 11),
        (TxnRequest(success=(PutRequest(b"k", b"v"),)), 2 + 2 + 6),
        (TxnRequest(success=(None,)), 2),
        (TxnRequest((Compare(key=b"k", version=0),)), 2 + 3 + 2),
        (TxnRequest((Compare(key=b"k", range_end=b"z"),)), 2 + 3 + 4),
        (TxnRequest((Compare(target=CompareTarget.VALUE, value=b""),)), 2 + 2 + 2),
    ],
)
def test_sizes_are_those_of_protobuf(request_, size):
    assert encoded_bytes(request_) == size


def test_the_largest_write_and_one_byte_more():
    room = SMALL.request_bytes_max - RAFT_HEADER_BYTES - 3
    value = b"x" * (room - 3 - 3)
    assert encoded_bytes(PutRequest(b"k", value)) == room

    assert server().put(PutRequest(b"k", value)).header.revision == 2
    with pytest.raises(EtcdError, match="request is too large"):
        server().put(PutRequest(b"k", value + b"x"))


def test_reads_may_be_longer_but_no_longer_than_a_message():
    key = b"x" * 3000
    assert server().range(RangeRequest(key)).count == 0
    assert server().txn(TxnRequest(success=(RangeRequest(key),))).succeeded
    with pytest.raises(EtcdError, match="received message larger than max") as caught:
        server().range(RangeRequest(b"x" * SMALL.message_bytes_max))
    assert caught.value.grpc == 8


def test_nested_transactions_get_what_is_left():
    assert server().txn(TxnRequest(success=puts(4))).succeeded
    two = TxnRequest(success=puts(2))
    assert server().txn(TxnRequest(success=(two, RangeRequest(b"a")))).succeeded
    with pytest.raises(EtcdError, match="too many operations"):
        server().txn(TxnRequest(success=puts(5)))
    with pytest.raises(EtcdError, match="too many operations"):
        server().txn(TxnRequest(success=(two, RangeRequest(b"a"), RangeRequest(b"b"))))


def raised(alarm):
    one = server()
    one.put(PutRequest(b"k", b"v"))
    one.alarm(AlarmRequest(AlarmAction.ACTIVATE, alarm))
    return one


def test_out_of_space_lets_space_be_freed():
    one = raised(AlarmType.NOSPACE)
    with pytest.raises(EtcdError, match="database space exceeded"):
        one.put(PutRequest(b"k", b"w"))
    assert one.range(RangeRequest(b"k")).kvs[0].value == b"v"
    assert one.delete_range(DeleteRangeRequest(b"k")).deleted == 1


def test_a_corrupt_server_still_reads():
    one = raised(AlarmType.CORRUPT)
    with pytest.raises(EtcdError, match="corrupt cluster") as caught:
        one.delete_range(DeleteRangeRequest(b"k"))
    assert (caught.value.code, caught.value.grpc) == ("DataLoss", 15)
    assert one.range(RangeRequest(b"k")).count == 1
    one.alarm(AlarmRequest(AlarmAction.DEACTIVATE, AlarmType.CORRUPT))
    assert one.delete_range(DeleteRangeRequest(b"k")).deleted == 1
