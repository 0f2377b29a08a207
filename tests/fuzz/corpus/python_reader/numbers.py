a = 1if 0x_ff else 0b1 + 0o7 - 1_0.5e-1_0j * .5
