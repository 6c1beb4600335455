"""Side-by-side measurements that print ratios; nothing here is imported by the packages."""
