"""The workspace over HTTP: what a web page shows of it, and what it changes."""
