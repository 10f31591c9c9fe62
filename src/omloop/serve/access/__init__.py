"""Who may ask a server what: keys and tokens, roles, hosts, origins, rates."""
