class T: pass
def add(c): setattr(c, n, f)
add(T)
globals()[n] = T
T.test_x = 1
exec(x)
instantiate_all(T, only=("a",
 "b"))
