"""Accounts given to families, and the letters that bring them."""
