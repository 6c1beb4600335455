"""Adapters between the tasks and the libraries that train on them."""
