// phoihop-coordinator
