"""The scheduling framework: extension points, what passes through them, and who runs them.

Knows no plugin and no queue. This package is what authors of plugins program against.
"""
