"""What tests of omloop and of its adapters share: contracts of the protocols, small fakes, a tiny real bundle."""
