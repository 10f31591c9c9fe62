"""The addresses of other servers."""
