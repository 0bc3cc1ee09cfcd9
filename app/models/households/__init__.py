"""Households that change: children of two homes, files split or merged."""
