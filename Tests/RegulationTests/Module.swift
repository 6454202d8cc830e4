// Regulation
