try: a
except* (B, C) as d: e; f
else: pass
finally:
  with (g as h, i): j
  while k: break
  for l, in m: continue
