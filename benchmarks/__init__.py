"""Side-by-side measurements that print ratios; the packages do not import them."""
