"""The account plan: the profile card as one or two pages, for us and in an edition for the customer."""
