// phoihop
