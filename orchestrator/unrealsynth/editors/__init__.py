"""Finding, starting and talking to editors, through the remote-execution protocol alone."""
