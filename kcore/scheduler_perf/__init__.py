"""Kubernetes' scheduler benchmark: its configuration files, run against kcore.

`config` reads upstream's `performance-config.yaml` unmodified, `templates` fills its manifests in,
`workload` plays one workload through API server, store and scheduler, `measurements` says how
fast that was.
"""
