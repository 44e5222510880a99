"""How the registry's schema came to be, one file a step; run by `Database.migrate`, never by hand."""
