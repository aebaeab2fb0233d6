"""Help for tests of controllers and schedulers: users' and our own."""
