// phoihop-border-guard
