"""The workspace over HTTP, for a web page to show and change it."""
