"""A second reading of the catalogue of checks, naive and without a line of the product's code, held against the first."""
