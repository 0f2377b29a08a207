def f():
  return f"a{b!r:>{c}}{{}}" f'''{
d # e
}''' rf"{x["y"]}\N{BULLET}{z=}"
