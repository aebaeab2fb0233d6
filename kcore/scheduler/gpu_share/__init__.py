"""GPUs shared by pods: devices of a node, and a plugin that fills them by a policy."""
