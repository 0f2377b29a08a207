x = lambda a, *b, c=1, **d: (yield)
y = [i async for i in z if not i] if a else {**b, "c": d}
w[::2, ...] @= ~v // -u
