// phoihop-police
