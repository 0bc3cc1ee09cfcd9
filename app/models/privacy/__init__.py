"""Reading what the packages declare of personal data: what a family is told, what is erased, and when."""
