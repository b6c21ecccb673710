// Planted: as good as deleted.
