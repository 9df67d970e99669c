// Nothing: what starting Node alone costs.
