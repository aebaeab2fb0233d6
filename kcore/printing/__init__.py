"""Human views of objects: tables and long forms, as kubectl shows them.

Pure functions of objects and a time. Shared by every front; knows neither terminals nor servers.
"""
