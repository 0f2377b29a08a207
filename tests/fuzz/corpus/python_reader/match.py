match x:
  case [1, *_] if y: z = 1
  case {"k": A(b=1)} | None:
    match = 2
type X[T] = int
