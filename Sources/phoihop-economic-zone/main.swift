// phoihop-economic-zone
