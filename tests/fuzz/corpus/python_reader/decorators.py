@a
@b . c(d,  # e
  f)
@(g)
@h[0].i()
def j(): pass
