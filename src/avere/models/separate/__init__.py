"""Models of the library as they come: their own processor, one plain forward a candidate, no packed rows."""
