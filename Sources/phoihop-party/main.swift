// phoihop-party
