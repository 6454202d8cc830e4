// phoihop-information-dept
