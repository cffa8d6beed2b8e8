"""The validation application in step with the host, on a clock that does not run by itself.

Whole runs over a bad line then take milliseconds, whatever is waited for in them, and repeat exactly.
"""
