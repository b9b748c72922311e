"""How Chinese text is spelled and cut into pieces, for whoever searches or is searched: services, stores and lists."""
