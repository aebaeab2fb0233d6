"""The built-in plugins, one file each. They know the framework and never each other."""
