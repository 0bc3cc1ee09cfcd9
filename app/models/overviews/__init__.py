"""Pages that tell several subjects at once. They read only; views alone import them."""
