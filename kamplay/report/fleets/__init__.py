"""Many clients: their runs, the page on all of them, what is compared across them."""
