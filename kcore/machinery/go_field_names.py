"""Go names of API fields that are not their JSON name with a capital letter.

Facts of Kubernetes v1.37.2 for every type reachable from a pod template. They matter because the
pod-template-hash is made from the printed Go value, names of fields included.
"""

from typing import Final

# The same for every type that has the field.
_BY_JSON_NAME: Final = {
    "apiGroup": "APIGroup",
    "apiVersion": "APIVersion",
    "awsElasticBlockStore": "AWSElasticBlockStore",
    "cephfs": "CephFS",
    "chapAuthDiscovery": "DiscoveryCHAPAuth",
    "chapAuthSession": "SessionCHAPAuth",
    "csi": "CSI",
    "diskURI": "DataDiskURI",
    "dnsConfig": "DNSConfig",
    "dnsPolicy": "DNSPolicy",
    "endpoints": "EndpointsName",
    "fc": "FC",
    "fsGroup": "FSGroup",
    "fsGroupChangePolicy": "FSGroupChangePolicy",
    "fsType": "FSType",
    "gcePersistentDisk": "GCEPersistentDisk",
    "gmsaCredentialSpec": "GMSACredentialSpec",
    "gmsaCredentialSpecName": "GMSACredentialSpecName",
    "grpc": "GRPC",
    "httpGet": "HTTPGet",
    "httpHeaders": "HTTPHeaders",
    "ip": "IP",
    "iqn": "IQN",
    "iscsi": "ISCSI",
    "iscsiInterface": "ISCSIInterface",
    "metadata": "ObjectMeta",
    "nfs": "NFS",
    "os": "OS",
    "pdName": "PDName",
    "pool": "RBDPool",
    "rbd": "RBD",
    "seLinuxChangePolicy": "SELinuxChangePolicy",
    "seLinuxOptions": "SELinuxOptions",
    "serviceAccount": "DeprecatedServiceAccount",
    "sslEnabled": "SSLEnabled",
    "storageos": "StorageOS",
    "tcpSocket": "TCPSocket",
    "tty": "TTY",
    "uid": "UID",
    "wwids": "WWIDs",
}
# For one type only.
_BY_TYPE: Final = {
    ("RBDVolumeSource", "image"): "RBDImage",
    ("RBDVolumeSource", "monitors"): "CephMonitors",
    ("RBDVolumeSource", "user"): "RadosUser",
}


def go_field_name(struct: str, json_name: str) -> str:
    """The Go name of a field of the struct called `struct` (`PodSpec`)."""
    special = _BY_TYPE.get((struct, json_name)) or _BY_JSON_NAME.get(json_name)
    return special or json_name[:1].upper() + json_name[1:]
